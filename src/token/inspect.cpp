#include "token/base64.hpp"
#include "token/verify.hpp"

namespace zegocall {
namespace {

using namespace token_detail;

// The "alg" of a JWT's header, if it can be read.
std::string jwt_algorithm(std::string_view text) {
  if (text.substr(0, 2) == "04") text.remove_prefix(2);
  Scratch header;
  if (decode_base64(text.substr(0, text.find('.')), Alphabet::url, header).failed) return {};
  auto in = JsonView::check(header.view());
  return in ? in->get<std::string>("alg").value_or("") : std::string();
}

struct Inspection {
  const Keyring* keys = nullptr;
  const TokenExpectation& expectation;
  UnixTime now{};
  bool lab = false;
};

std::string key_words(std::size_t number, const CipherKey& key) {
  return "key " + std::to_string(number) + " (app " + std::to_string(key.app().value) + ")";
}

std::string out_of_time(const CipherKey& key, const Inspection& how) {
  if (key.live(how.now, how.expectation.leeway)) return {};
  return key.retired_at() && how.now >= *key.retired_at() ? ", but is retired" : ", but is not active yet";
}

// What one key makes of it, told apart; sets `problem` where that is more than is told outside.
std::string lab_words(const Envelope& envelope, const CipherKey& key, const Inspection& how, std::optional<Error>& problem) {
  Scratch plaintext;
  if (!key.decrypt(*envelope.mode, envelope.iv, envelope.sealed, plaintext))
    return *envelope.mode == TokenMode::cbc ? ": the padding does not fit" : ": the tag does not fit";
  auto in = JsonView::check(plaintext.view());
  if (in && in->kind() == JsonKind::object) return " opens it" + out_of_time(key, how);
  const std::string reason = in ? "not an object" : in.error().detail;
  problem = Error{ErrorCode::bad_json, {}, reason + " (one wrong key in 256 has a padding that fits by chance)"};
  return ": the padding fits, what is inside is no JSON: " + reason;
}

void look_in_lab(const Envelope& envelope, const Inspection& how, TokenReport& report) {
  const KeySet& keys = how.keys->keys();
  std::optional<Error> told_apart;
  for (std::size_t i = 0; i < keys.size(); ++i)
    report.lab.push_back(key_words(i, keys[i]) + lab_words(envelope, keys[i], how, told_apart));
  const bool hidden = report.problem && report.problem->code == ErrorCode::wrong_key_or_tampered;
  if (hidden && told_apart) report.problem = std::move(told_apart);
}

// Everything that asks for a key; the reason why the token is not good, if there is one.
std::optional<Error> look_inside(const Envelope& envelope, const Inspection& how, TokenReport& report) {
  const Keyring& keys = *how.keys;
  Opened out;
  auto opened = open_envelope(envelope, {keys.keys(), how.now, how.expectation.leeway}, out);
  report.opened = out.opened;
  if (!opened) return std::move(opened).error();
  auto good = check_claims(out.claims, *envelope.expires, keys.keys()[out.claims.key].app(), how.expectation, how.now);
  report.claims = std::move(out.claims);
  if (!good) return std::move(good).error();
  return std::nullopt;
}

// Of a token; `report.problem` is set, and all that can be read is filled in.
void look_at(std::string_view token, const Inspection& how, TokenReport& report) {
  Scratch bytes;
  report.problem = decode_text(token, bytes);
  if (report.problem) return;
  Envelope envelope{.version = version_of(token), .layout = &report.layout};
  report.problem = read_envelope(bytes.view(), envelope);
  report.mode = envelope.mode;
  report.expires = envelope.expires;
  if (report.problem) return;
  if (how.keys == nullptr) {
    if (auto good = check_not_expired(*envelope.expires, how.expectation.leeway, how.now); !good)
      report.problem = std::move(good).error();
    return;
  }
  report.problem = look_inside(envelope, how, report);
  if (how.lab) look_in_lab(envelope, how, report);
}

TokenReport inspect(std::string_view text, const Inspection& how) {
  TokenReport report{.text = recognize(text), .characters = text.size()};
  if (report.text == TokenText::jwt) report.jwt_algorithm = jwt_algorithm(text);
  if (report.text == TokenText::kit_token) {
    const std::string_view token = text.substr(0, text.find('#'));
    look_at(token, how, report);
    report.inner_problem = check_version(token, how.expectation);
    if (!report.inner_problem) report.inner_problem = std::move(report.problem);
    Scratch none;
    report.problem = decode_text(text, none);
    return report;
  }
  look_at(text, how, report);
  if (auto wrong = check_version(text, how.expectation)) report.problem = std::move(wrong);
  return report;
}

}  // namespace

TokenReport inspect_token(std::string_view text, const Keyring* keys, const TokenExpectation& expectation, UnixTime now) {
  return inspect(text, {keys, expectation, now});
}

TokenReport inspect_token(std::string_view text, const Keyring* keys, UnixTime now) { return inspect_token(text, keys, {}, now); }

TokenReport inspect_token_in_lab(std::string_view text, const Keyring& keys, const TokenExpectation& expectation, UnixTime now) {
  return inspect(text, {&keys, expectation, now, true});
}

}  // namespace zegocall
