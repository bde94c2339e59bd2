#include <algorithm>
#include <array>
#include <utility>

#include "zego/callback_form.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall {
namespace {

constexpr std::size_t nonce_bytes_max = 128;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool begins_encoded(std::string_view body) {
  return body.size() >= 3 && body[0] == '%' && body[1] == '7' && (body[2] == 'B' || body[2] == 'b');
}

Result<Json> parsed(std::string text) {
  auto json = Json::parse(std::move(text), {.bytes_max = callback_bytes_max, .depth_max = 16});
  if (!json) return fail(ErrorCode::protocol, to_string(json.error()));
  if (json->kind() != JsonKind::object) return fail(ErrorCode::protocol, "the body must be an object");
  return json;
}

Result<Json> body_of(std::string_view body) {
  if (body.size() > callback_bytes_max)
    return fail(ErrorCode::payload_too_large, "more than " + std::to_string(callback_bytes_max) + " bytes");
  body = trimmed(body);
  if (begins_encoded(body)) return zego_detail::percent_decoded(body).and_then(parsed);
  // A form may not begin with any of these unencoded, JSON must.
  if (!body.empty() && (body[0] == '{' || body[0] == '[' || body[0] == '"')) return parsed(std::string(body));
  return zego_detail::form_as_json(body);
}

// The decimal or text form of a member, as it is hashed. Some events write their names with a capital.
Result<std::string> hashed_text(JsonView body, std::string_view lower, std::string_view capital) {
  const bool is_lower = body.has(lower), is_capital = body.has(capital);
  if (is_lower == is_capital)
    return fail_field(ErrorCode::protocol, std::string(lower), is_lower ? "comes twice, in two spellings" : "is missing");
  const JsonView value = body.get<JsonView>(is_lower ? lower : capital).value();
  if (value.kind() == JsonKind::number) return std::string(value.text());
  if (value.kind() == JsonKind::string) return value.get<std::string>();
  return fail_field(ErrorCode::protocol, std::string(lower), "must be a text or a number");
}

bool is_natural(std::string_view text) {
  return !text.empty() && text.size() <= 19 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<CallbackEnvelope> read_callback(std::string_view body) {
  auto json = body_of(body);
  if (!json) return unexpected(std::move(json).error());
  auto signature = hashed_text(*json, "signature", "Signature");
  if (!signature) return unexpected(std::move(signature).error());
  auto timestamp = hashed_text(*json, "timestamp", "Timestamp");
  if (!timestamp) return unexpected(std::move(timestamp).error());
  if (!is_natural(*timestamp)) return fail_field(ErrorCode::protocol, "timestamp", "must be Unix seconds in decimal digits");
  auto nonce = hashed_text(*json, "nonce", "Nonce");
  if (!nonce) return unexpected(std::move(nonce).error());
  if (nonce->empty() || nonce->size() > nonce_bytes_max)
    return fail_field(ErrorCode::protocol, "nonce", "must have 1 to " + std::to_string(nonce_bytes_max) + " bytes");
  return CallbackEnvelope{*std::move(signature), *std::move(timestamp), *std::move(nonce), *std::move(json)};
}

}  // namespace zegocall
