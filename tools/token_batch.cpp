// Many tokens in one run: a JSON object per line in, a verdict per line out.
#include <cstdio>
#include <iostream>

#include "credentials.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/token/random_pool.hpp"

namespace zegocall::cli {
namespace {

constexpr std::size_t line_max = 16'000'000;
constexpr std::int64_t leeway_max = 86400;
constexpr std::int64_t ttl_max = std::int64_t{24} * 86400;

JsonObject verdict_of(const Error& error) {
  JsonObject out{{"ok", false}, {"error", name(error.code)}};
  if (!error.field.empty()) out.add("field", error.field);
  if (!error.detail.empty()) out.add("detail", error.detail);
  return out;
}

Result<UnixTime> read_now(JsonView in) {
  auto now = in.get<std::optional<std::int64_t>>("now");
  if (!now && now.error().code == ErrorCode::out_of_range) now = -1;  // as far outside as any
  if (!now) return unexpected(std::move(now).error());
  if (!*now) return system_now().wall;
  if (**now < 0 || **now > last_second)
    return fail_field(ErrorCode::out_of_range, "now", "must be Unix seconds up to the year 9999");
  return UnixTime(std::chrono::seconds(**now));
}

// A number that does not fit says what the thing may be, not what a type can hold.
Result<AppId> read_app(JsonView in, std::string_view path) {
  auto app = in.get<AppId>(path);
  if (app && *app != AppId{}) return app;
  if (!app && app.error().code != ErrorCode::out_of_range) return app;
  return fail_field(ErrorCode::out_of_range, std::string(path), "must be 1 to 4294967295");
}

// A misspelt expectation would be one that every token meets.
Result<void> check_known(JsonView expected) {
  for (const auto& [key, value] : expected.members()) {
    if (key != "app_id" && key != "user_id" && key != "room_id")
      return fail_field(ErrorCode::invalid_argument, "expect." + std::string(key),
                        "is not known; there are app_id, user_id and room_id");
  }
  return {};
}

Result<void> read_expected(JsonView in, TokenExpectation& out) {
  auto expected = in.get<std::optional<JsonView>>("expect");
  if (!expected) return unexpected(std::move(expected).error());
  if (!*expected) return {};
  if ((*expected)->kind() != JsonKind::object) return fail_field(ErrorCode::mistyped_field, "expect", "must be an object");
  if (auto known = check_known(**expected); !known) return known;
  auto ids = in.get<std::optional<UserId>, std::optional<RoomId>>("expect.user_id", "expect.room_id");
  if (!ids) return unexpected(std::move(ids).error());
  out.user = std::get<0>(*ids).value_or(UserId{});
  out.room = std::get<1>(*ids).value_or(RoomId{});
  auto given = in.get<std::optional<JsonView>>("expect.app_id");
  if (!given) return unexpected(std::move(given).error());
  if (!*given) return {};
  auto app = read_app(in, "expect.app_id");
  if (!app) return unexpected(std::move(app).error());
  out.app = *app;
  return {};
}

Result<TokenExpectation> read_expectation(JsonView in) {
  auto leeway = in.get<std::optional<std::int64_t>>("leeway");
  if (!leeway && leeway.error().code == ErrorCode::out_of_range) leeway = -1;
  if (!leeway) return unexpected(std::move(leeway).error());
  TokenExpectation out{.token03 = Allow::yes};
  if (*leeway) out.leeway = std::chrono::seconds(**leeway);
  if (out.leeway.count() < 0 || out.leeway.count() > leeway_max)
    return fail_field(ErrorCode::out_of_range, "leeway", "must be 0 to 86400 s");
  if (auto read = read_expected(in, out); !read) return unexpected(std::move(read).error());
  return out;
}

Result<TokenReport> inspect_line(JsonView in) {
  auto token = in.get<std::string>("token");
  if (!token) return unexpected(std::move(token).error());
  auto secret = in.get<std::optional<std::string>>("secret");
  if (!secret) return unexpected(std::move(secret).error());
  auto now = read_now(in);
  if (!now) return unexpected(std::move(now).error());
  auto expectation = read_expectation(in);
  if (!expectation) return unexpected(std::move(expectation).error());
  std::optional<AppId> app;
  if (expectation->app != AppId{}) app = expectation->app;
  std::optional<Secret> key;
  if (*secret) key.emplace(std::string_view(**secret));
  return look_at(*token, app, std::move(key), *expectation, *now, false);
}

JsonObject inspected(JsonView in) {
  auto report = inspect_line(in);
  if (!report) return verdict_of(report.error());
  const auto problem = shortcoming(*report);
  JsonObject out = problem ? verdict_of(*problem) : JsonObject{{"ok", true}};
  add_details(*report, out);
  return out;
}

// The iv and the nonce that a line asks for, from a pool where it does not.
class ChosenBytes final : public ByteSource {
 public:
  explicit ChosenBytes(ByteSource& pool) : pool_(pool) {}
  std::string iv{};
  std::optional<std::int32_t> nonce{};

  void fill(std::span<std::byte> out) override {
    pool_.fill(out);
    for (std::size_t i = 0; i < iv.size(); ++i) out[i] = static_cast<std::byte>(iv[i]);
    if (!nonce) return;
    auto bits = static_cast<std::uint32_t>(*nonce);
    for (std::size_t i = 0; i < 4; ++i, bits >>= 8) out[out.size() - 1 - i] = static_cast<std::byte>(bits & 0xff);
  }

 private:
  ByteSource& pool_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Result<std::string> read_iv(const std::string& hex, TokenMode mode) {
  const std::size_t size = mode == TokenMode::gcm ? 12 : 16;
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) return fail_field(ErrorCode::invalid_argument, "iv_hex", "must be hex digits");
    out.push_back(static_cast<char>(high * 16 + low));
  }
  if (hex.size() != 2 * size)
    return fail_field(ErrorCode::bad_iv_length, "iv_hex",
                      std::to_string(hex.size()) + " digits, must be " + std::to_string(2 * size) + " in this mode");
  return out;
}

Result<Allow> read_allow(JsonView in, std::string_view path) {
  auto number = in.get<std::optional<int>>(path);
  if (!number) return unexpected(std::move(number).error());
  const int value = number->value_or(1);
  if (value != 0 && value != 1) return fail_field(ErrorCode::out_of_range, std::string(path), "must be 0 or 1");
  return value == 1 ? Allow::yes : Allow::no;
}

// A text as it is, or a room as an object in the provider's words.
Result<TokenPayload> read_payload(JsonView in) {
  auto given = in.get<std::optional<JsonView>>("payload");
  if (!given || !*given) return TokenPayload();
  if ((*given)->kind() != JsonKind::object) {
    auto text = in.get<std::string>("payload");
    if (!text) return unexpected(std::move(text).error());
    return text->empty() ? TokenPayload() : TokenPayload(OwnPayload{*std::move(text)});
  }
  auto room = in.get<RoomId, std::optional<std::vector<StreamId>>>("payload.room_id", "payload.stream_id_list");
  if (!room) return unexpected(std::move(room).error());
  auto login = read_allow(in, "payload.privilege.1");
  if (!login) return unexpected(std::move(login).error());
  auto publish = read_allow(in, "payload.privilege.2");
  if (!publish) return unexpected(std::move(publish).error());
  return TokenPayload(RtcRoom{std::move(std::get<0>(*room)), *login, *publish, std::move(std::get<1>(*room))});
}

Result<TokenMode> read_mode(JsonView in) {
  auto mode = in.get<std::optional<std::string>>("mode");
  if (!mode) return unexpected(std::move(mode).error());
  const std::string word = mode->value_or("gcm");
  if (word != "gcm" && word != "cbc") return fail_field(ErrorCode::invalid_argument, "mode", "must be gcm or cbc");
  return word == "cbc" ? TokenMode::cbc : TokenMode::gcm;
}

Result<std::chrono::seconds> read_ttl(JsonView in) {
  auto ttl = in.get<std::int64_t>("ttl");
  const bool outside = ttl ? *ttl < 1 || *ttl > ttl_max : ttl.error().code == ErrorCode::out_of_range;
  if (outside) return fail_field(ErrorCode::out_of_range, "ttl", "must be 1 to " + std::to_string(ttl_max) + " s (24 days)");
  if (!ttl) return unexpected(std::move(ttl).error());
  return std::chrono::seconds(*ttl);
}

Result<TokenRequest> read_request(JsonView in) {
  auto user = in.get<UserId>("user_id");
  if (!user) return unexpected(std::move(user).error());
  auto ttl = read_ttl(in);
  if (!ttl) return unexpected(std::move(ttl).error());
  auto payload = read_payload(in);
  if (!payload) return unexpected(std::move(payload).error());
  auto mode = read_mode(in);
  if (!mode) return unexpected(std::move(mode).error());
  return TokenRequest{.user = *std::move(user), .lifetime = *ttl, .payload = *std::move(payload), .mode = *mode};
}

Result<void> read_randomness(JsonView in, TokenMode mode, bool allowed, ChosenBytes& bytes) {
  auto given = in.get<std::optional<std::string>, std::optional<std::int32_t>>("iv_hex", "nonce");
  if (!given) return unexpected(std::move(given).error());
  const auto& [iv_hex, nonce] = *given;
  if (!allowed && (iv_hex || nonce))
    return fail_field(ErrorCode::forbidden, iv_hex ? "iv_hex" : "nonce", "needs --insecure-fixed-randomness");
  if (iv_hex) {
    auto iv = read_iv(*iv_hex, mode);
    if (!iv) return unexpected(std::move(iv).error());
    bytes.iv = *std::move(iv);
  }
  bytes.nonce = nonce;
  return {};
}

// The line's names for what the library calls otherwise.
Error in_words_of_line(Error error) {
  if (error.field == "user") error.field = "user_id";
  if (error.field == "lifetime") error.field = "ttl";
  if (error.field == "app") error.field = "app_id";
  return error;
}

Result<std::string> mint_line(JsonView in, ByteSource& pool, bool fixed_randomness, IdPolicy ids) {
  auto app = read_app(in, "app_id");
  if (!app) return unexpected(std::move(app).error());
  auto secret = in.get<std::string>("secret");
  if (!secret) return unexpected(std::move(secret).error());
  auto request = read_request(in);
  if (!request) return unexpected(std::move(request).error());
  request->ids = ids;
  auto now = read_now(in);
  if (!now) return unexpected(std::move(now).error());
  auto keys = Keyring::of(*app, Secret(*secret));
  if (!keys) return unexpected(std::move(keys).error());
  ChosenBytes bytes(pool);
  if (auto good = read_randomness(in, request->mode, fixed_randomness, bytes); !good) return unexpected(std::move(good).error());
  return TokenMinter(*keys, bytes).mint(*request, *now);
}

struct Line {
  std::string text{};
  bool too_long = false;  ///< text is its beginning; the rest was read and dropped
};

// The next line without its end, the last one also where no line end follows; false where there is none.
bool next_line(Line& out) {
  out.text.clear();
  out.too_long = false;
  std::streambuf& in = *std::cin.rdbuf();
  int c = in.sbumpc();
  if (c == std::streambuf::traits_type::eof()) return false;
  for (; c != std::streambuf::traits_type::eof() && c != '\n'; c = in.sbumpc()) {
    if (out.text.size() < line_max)
      out.text.push_back(static_cast<char>(c));
    else
      out.too_long = true;
  }
  return true;
}

template <class Answer>
JsonObject answer_to(const Line& line, Answer answer) {
  if (line.too_long)
    return verdict_of({ErrorCode::payload_too_large, {}, "a line must be at most " + std::to_string(line_max) + " bytes"});
  auto in = JsonView::check(line.text, {.bytes_max = line_max});
  if (!in) return verdict_of({ErrorCode::bad_json, {}, in.error().detail});
  if (in->kind() != JsonKind::object) return verdict_of({ErrorCode::bad_json, {}, "a line must be an object"});
  return answer(*in);
}

// A verdict for every line, also for an empty one, so that the third verdict is the third line's. Each at once, so that a
// program at the other end of a pipe can wait for it.
template <class Answer>
Exit each_line(Answer answer) {
  for (Line line; next_line(line);) {
    print(answer_to(line, answer).text() + "\n");
    std::fflush(stdout);
  }
  return Exit::yes;
}

}  // namespace

Exit run_inspect_batch() { return each_line(inspected); }

Exit run_mint_batch(bool fixed_randomness, bool relaxed_ids) {
  RandomPool pool;
  const IdPolicy ids = relaxed_ids || fixed_randomness ? IdPolicy::relaxed : IdPolicy::strict;
  return each_line([&](JsonView in) {
    auto token = mint_line(in, pool, fixed_randomness, ids);
    return token ? JsonObject{{"ok", true}, {"token", *token}} : verdict_of(in_words_of_line(std::move(token).error()));
  });
}

}  // namespace zegocall::cli
