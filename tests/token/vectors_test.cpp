// The golden tokens of tests/vectors/token04.json, which the official generators made.
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "support.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"
#include "zegocall/base/json.hpp"

using namespace zegocall;
using namespace zegocall::token_test;

namespace {

struct Vector {
  std::string id, dialect, secret, user, payload, iv, plaintext, plaintext_sha256, token, token_sha256;
  bool generate = false;
  TokenMode mode{};
  AppId app{};
  std::int64_t created = 0, lifetime = 0, nonce = 0, expires = 0;
};

std::string repeated(JsonView in) {
  const auto [unit, count] = in.get<std::string, std::size_t>("unit", "count").value();
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += unit;
  return out;
}

Vector read_vector(JsonView in) {
  Vector v;
  v.id = in.get<std::string>("id").value();
  v.dialect = in.get<std::string>("dialect").value();
  v.generate = in.get<bool>("generate").value();
  v.mode = in.get<std::string>("mode").value() == "gcm" ? TokenMode::gcm : TokenMode::cbc;
  v.app = in.get<AppId>("input.app_id").value();
  v.user = in.get<std::string>("input.user_id").value();
  v.secret = in.get<std::string>("input.secret").value();
  v.created = in.get<std::int64_t>("input.ctime").value();
  v.lifetime = in.get<std::int64_t>("input.effective_seconds").value();
  v.nonce = in.get<std::int64_t>("input.nonce").value();
  v.payload = in.get<std::optional<std::string>>("input.payload").value().value_or("");
  if (in.has("input.payload_repeat")) v.payload = repeated(in.get<JsonView>("input.payload_repeat").value());
  v.iv = unhex(in.get<std::string>("iv_hex").value());
  v.expires = in.get<std::int64_t>("expire").value();
  v.plaintext = in.get<std::optional<std::string>>("plaintext").value().value_or("");
  v.plaintext_sha256 = in.get<std::optional<std::string>>("plaintext_sha256").value().value_or("");
  v.token = in.get<std::optional<std::string>>("token").value().value_or("");
  v.token_sha256 = in.get<std::optional<std::string>>("token_sha256").value().value_or("");
  return v;
}

std::vector<Vector> all_vectors() {
  std::ifstream file(ZEGOCALL_TEST_VECTORS "/token04.json");
  const Json json = Json::parse({std::istreambuf_iterator<char>(file), {}}).value();
  std::vector<Vector> out;
  for (const JsonView each : json.get<JsonView>("vectors").value().elements()) out.push_back(read_vector(each));
  return out;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, 32> digest;
  REQUIRE(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  std::string hex;
  for (const unsigned byte : digest) hex += "0123456789abcdef"[byte >> 4], hex += "0123456789abcdef"[byte & 15];
  return hex;
}

bool same(std::string_view got, const std::string& text, const std::string& digest) {
  return text.empty() ? sha256(got) == digest : got == text;
}

TokenRequest request_of(const Vector& v) {
  return {.user = UserId(std::string_view(v.user)),
          .lifetime = std::chrono::seconds(v.lifetime),
          .payload = v.payload.empty() ? TokenPayload{} : TokenPayload{OwnPayload{v.payload}},
          .mode = v.mode,
          .ids = IdPolicy::relaxed};
}

// The other dialects' tokens exist only as plaintext and iv.
std::string sealed_token(const Vector& v) {
  const token_detail::CipherKey key({v.app, Secret(v.secret)});
  return token_detail::seal(key, v.mode, v.expires, v.iv, v.plaintext).value();
}

}  // namespace

// Sections and kinds of case that nobody here knows would be passed over in silence.
TEST_CASE("every vector is of a kind that the tests below take up") {
  std::ifstream file(ZEGOCALL_TEST_VECTORS "/token04.json");
  const Json json = Json::parse({std::istreambuf_iterator<char>(file), {}}).value();
  const std::set<std::string> sections{"about",   "how_to_use",         "plaintext_key_order",
                                       "vectors", "plaintext_spelling", "recommended_for_new_code"};
  for (const JsonEntry& section : json.view().members()) CHECK_MESSAGE(sections.count(section.key) == 1, section.key);
  const std::set<std::string> members{"id",           "mode",      "dialect",   "matches_generators", "generate",      "input",
                                      "iv_hex",       "expire",    "plaintext", "plaintext_sha256",   "plaintext_len", "token",
                                      "token_sha256", "token_len", "note"};
  for (const JsonView vector : json.get<JsonView>("vectors").value().elements())
    for (const JsonEntry& member : vector.members()) CHECK_MESSAGE(members.count(member.key) == 1, member.key);
  for (const Vector& v : all_vectors()) CHECK_MESSAGE((!v.plaintext.empty() || v.dialect == "node"), v.id);
}

TEST_CASE("mint writes the vectors of our dialect byte for byte") {
  int minted = 0;
  for (const Vector& v : all_vectors()) {
    if (!v.generate || v.dialect != "node") continue;
    CAPTURE(v.id);
    const Keyring keys = keyring(v.secret, v.app);
    ScriptedBytes bytes(v.iv + big_endian32(v.nonce));
    const auto token = TokenMinter(keys, bytes).mint(request_of(v), UnixTime(std::chrono::seconds(v.created)));
    REQUIRE(token);
    CHECK(same(*token, v.token, v.token_sha256));
    CHECK(bytes.used_up());
    ++minted;
  }
  CHECK(minted == 25);
}

TEST_CASE("seal writes every vector that has a plaintext") {
  int sealed = 0;
  for (const Vector& v : all_vectors()) {
    if (!v.generate || v.plaintext.empty()) continue;
    CAPTURE(v.id);
    CHECK(sealed_token(v) == v.token);
    ++sealed;
  }
  CHECK(sealed == 27);
}

TEST_CASE("verify reads every vector") {
  int verified = 0;
  for (const Vector& v : all_vectors()) {
    CAPTURE(v.id);
    const Keyring keys = keyring(v.secret, v.app);
    std::string token = v.token;
    if (token.empty()) {
      ScriptedBytes bytes(v.iv + big_endian32(v.nonce));
      token = TokenMinter(keys, bytes).mint(request_of(v), UnixTime(std::chrono::seconds(v.created))).value();
      REQUIRE(sha256(token) == v.token_sha256);
    }
    const TokenExpectation expectation{.app = v.app, .user = UserId(std::string_view(v.user))};
    const auto claims = verify_token(token, keys, expectation, UnixTime(std::chrono::seconds(v.created)));
    if (!claims) FAIL(to_string(claims.error()));
    CHECK(claims->app == v.app);
    CHECK(claims->user.view() == v.user);
    CHECK(claims->nonce == v.nonce);
    CHECK(claims->created == v.created);
    CHECK(claims->expires == v.expires);
    CHECK(claims->payload_text == v.payload);
    CHECK(claims->mode == v.mode);

    std::vector<TokenPart> layout;
    token_detail::Scratch bytes;
    token_detail::Envelope envelope{.layout = &layout};
    REQUIRE_FALSE(token_detail::decode_text(token, bytes));
    REQUIRE_FALSE(token_detail::read_envelope(bytes.view(), envelope));
    CHECK(envelope.iv == v.iv);
    ++verified;
  }
  CHECK(verified == 32);
}
