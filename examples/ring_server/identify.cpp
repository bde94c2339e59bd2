// Who asks: a cookie or a bearer token over HTTP, auth.token or a header on a socket.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

constexpr std::size_t device_max = 128;

std::string bearer(const std::optional<std::string>& header) {
  constexpr std::string_view scheme = "Bearer ";
  if (!header || !header->starts_with(scheme)) return {};
  return header->substr(scheme.size());
}

Result<DeviceId> device_from(const std::string& text, std::string field) {
  if (text.size() > device_max) return fail_field(ErrorCode::out_of_range, std::move(field), "at most 128 bytes");
  return DeviceId(text);
}

Identity identity_of(const JwtClaims& claims, DeviceId device) {
  return {.user = claims.user, .device = std::move(device), .data = {}, .expires = claims.expires};
}

}  // namespace

Result<void> check_origin(const HttpRequest& request) {
  if (request.from_allowed_origin()) return {};
  return fail(ErrorCode::forbidden, "Pages of this origin may not use this server");
}

Result<Identity> identify(const Ring& ring, const HttpRequest& request) {
  if (auto fine = check_origin(request); !fine) return unexpected(fine.error());
  const auto cookie = request.cookie("accessToken");
  const bool by_cookie = cookie && !cookie->empty();
  const std::string token = by_cookie ? *cookie : bearer(request.header("authorization"));
  if (token.empty()) return fail(ErrorCode::unauthenticated, "Unauthorized request: no access token");
  auto device = device_from(request.header("x-device-id").value_or(""), "X-Device-Id");
  if (!device) return unexpected(device.error());
  auto claims = ring.accounts.authenticate(token, request.now().wall);
  if (claims) return identity_of(*claims, *device);
  if (claims.error().code == ErrorCode::store_unavailable) return unexpected(std::move(claims).error());
  return fail(ErrorCode::unauthenticated,
              claims.error().code == ErrorCode::expired ? "Access token expired" : "Invalid access token");
}

Result<Identity> identify(const Ring& ring, const Handshake& handshake) {
  const auto refused = [](std::string why) {
    return fail(ErrorCode::unauthenticated, "Authentication error: " + std::move(why));
  };
  auto fields = handshake.auth().get<std::optional<std::string>, std::optional<std::string>>("token", "device");
  if (!fields) return refused(words(fields.error()));
  auto& [given, device] = *fields;
  const std::string token = given && !given->empty() ? *given : bearer(handshake.header("authorization"));
  if (token.empty()) return refused("No token provided");
  auto id = device_from(device.value_or(""), "device");
  if (!id) return refused(words(id.error()));
  auto claims = ring.accounts.authenticate(token, handshake.now().wall);
  if (claims) return identity_of(*claims, *id);
  const Error& why = claims.error();
  if (why.code == ErrorCode::store_unavailable) return refused(words(why));
  if (why.field == "user") return refused("User not found");
  return refused(why.code == ErrorCode::expired ? "Token expired" : "Invalid token");
}

Result<void> may_act(const Ring& ring, const UserId& user) {
  auto account = ring.accounts.find(user);
  if (account) return {};
  if (account.error().code != ErrorCode::not_found) return unexpected(std::move(account).error());
  return fail(ErrorCode::unauthenticated, "Invalid access token");
}

}  // namespace ring
