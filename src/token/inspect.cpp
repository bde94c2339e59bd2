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

// Everything that asks for a key; the reason why the token is not good, if there is one.
std::optional<Error> look_inside(const Envelope& envelope, const Keyring& keys, const TokenExpectation& expectation, UnixTime now,
                                 TokenReport& report) {
  auto claims = open_envelope(envelope, keys.keys(), report.opened);
  if (!claims) return std::move(claims).error();
  auto good = check_claims(*claims, *envelope.expires, keys.keys()[claims->key].app(), expectation, now);
  report.claims = *std::move(claims);
  if (!good) return std::move(good).error();
  return std::nullopt;
}

}  // namespace

TokenReport inspect_token(std::string_view text, const Keyring* keys, const TokenExpectation& expectation, UnixTime now) {
  TokenReport report{.text = recognize(text), .characters = text.size()};
  if (report.text == TokenText::jwt) report.jwt_algorithm = jwt_algorithm(text);
  Scratch bytes;
  report.problem = decode_text(text, bytes);
  if (report.problem) return report;
  Envelope envelope{.layout = &report.layout};
  report.problem = read_envelope(bytes.view(), envelope);
  report.mode = envelope.mode;
  report.expires = envelope.expires;
  if (report.problem) return report;
  if (keys != nullptr) {
    report.problem = look_inside(envelope, *keys, expectation, now, report);
  } else if (auto good = check_not_expired(*envelope.expires, expectation.leeway, now); !good) {
    report.problem = std::move(good).error();
  }
  return report;
}

TokenReport inspect_token(std::string_view text, const Keyring* keys, UnixTime now) { return inspect_token(text, keys, {}, now); }

}  // namespace zegocall
