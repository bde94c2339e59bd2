// What the callback tests share: the invented secret, and callbacks signed with it.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "zego/digest.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall::callback_test {

inline constexpr std::string_view secret_text = "callback-secret-made-up-for-tests";
inline constexpr UnixTime start{std::chrono::seconds(1735689600)};  // 2025-01-01T00:00:00Z

inline const Secret& secret() {
  static const Secret made{secret_text};
  return made;
}

/// By hand, so that the library's own signature is checked against something.
inline std::string signature_of(std::string nonce, std::string timestamp) {
  std::string parts[] = {std::string(secret_text), std::move(timestamp), std::move(nonce)};
  std::sort(std::begin(parts), std::end(parts));
  return zego_detail::hex_digest("SHA1", {parts[0] + parts[1] + parts[2]}).value();
}

/// A body with these members, signed.
inline std::string signed_body(std::string_view event, JsonObject members, std::string nonce = "350176",
                               std::string timestamp = "1735689600") {
  JsonObject out{{"event", event}, {"appid", 1234567890}, {"timestamp", timestamp}, {"nonce", nonce}};
  out.add("signature", signature_of(nonce, timestamp));
  const JsonObject extra = std::move(members);
  for (const auto& [key, value] : extra.view().members()) out.add(key, value);
  return std::string(out.text());
}

inline Result<VerifiedCallback> verified(std::string_view body, UnixTime now = start) {
  const auto seen = make_seen_once();
  return read_callback(body).and_then([&](const CallbackEnvelope& e) { return verify_callback(e, secret(), *seen, now); });
}

inline Result<ProviderEvent> interpreted(std::string_view body) { return verified(body).and_then(interpret_callback); }

template <class Event>
Event event_of(std::string_view word, JsonObject members) {
  auto event = interpreted(signed_body(word, std::move(members)));
  if (!event) FAIL(to_string(event.error()));
  REQUIRE(std::holds_alternative<Event>(*event));
  return std::get<Event>(*std::move(event));
}

}  // namespace zegocall::callback_test
