// The signature of a webhook, for both ends.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/hex.hpp"
#include "token/hmac.hpp"
#include "zegocall/service/webhook.hpp"

namespace zegocall {
namespace {

constexpr const char* header = "Zegocall-Signature";

Result<std::string> digest(const Secret& secret, std::string_view seconds, std::string_view body) {
  std::string text(seconds);
  text.append(".").append(body);
  const auto signature = token_detail::HmacKey(secret.clone()).sign(text);
  if (!signature) return fail(ErrorCode::internal, "libcrypto could not sign");
  return base_detail::hex_of(std::as_bytes(std::span(*signature)));
}

/// "t=...,v1=...": calls `see` with each name and value. False: it is not of that shape.
template <class See>
bool each_pair(std::string_view text, const See& see) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(','));
    const std::size_t is = pair.find('=');
    if (is == pair.npos) return false;
    see(pair.substr(0, is), pair.substr(is + 1));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
  }
  return true;
}

}  // namespace

Result<std::string> sign_webhook(const Secret& secret, std::string_view body, UnixTime now) {
  const std::string seconds = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  return digest(secret, seconds, body).transform([&](const std::string& hex) { return "t=" + seconds + ",v1=" + hex; });
}

Result<void> verify_webhook(const Secret& secret, std::string_view signature, std::string_view body, UnixTime now,
                            std::chrono::seconds tolerance) {
  if (signature.empty()) return fail_field(ErrorCode::missing_field, header, "is required");
  std::string_view seconds;
  bool any = false, same = false, twice = false;
  const auto first = [&](std::string_view name, std::string_view value) {
    if (name != "t") return;
    twice = twice || !seconds.empty();
    seconds = value;
  };
  std::int64_t said = 0;
  const bool shaped = signature.size() <= 4096 && each_pair(signature, first);
  const auto [end, failed] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), said);
  if (!shaped || twice || seconds.empty() || failed != std::errc() || end != seconds.data() + seconds.size())
    return fail_field(ErrorCode::invalid_argument, header, "must be t=SECONDS,v1=HEX");
  const auto expected = digest(secret, seconds, body);
  if (!expected) return unexpected(expected.error());
  each_pair(signature, [&](std::string_view name, std::string_view value) {
    if (name != "v1") return;
    any = true;
    same = equal_constant_time(value, *expected) || same;
  });
  if (!any) return fail_field(ErrorCode::invalid_argument, header, "must be t=SECONDS,v1=HEX");
  if (!same) return fail_field(ErrorCode::unauthenticated, header, "is not of this body and secret");
  const std::int64_t present = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  // As unsigned: what the header says may be anything.
  const std::uint64_t apart = said > present ? static_cast<std::uint64_t>(said) - static_cast<std::uint64_t>(present)
                                             : static_cast<std::uint64_t>(present) - static_cast<std::uint64_t>(said);
  if (apart > static_cast<std::uint64_t>(tolerance.count()))
    return fail_field(ErrorCode::expired, header, "is from another time than now");
  return {};
}

}  // namespace zegocall
