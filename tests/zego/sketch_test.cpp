// The block of the public face that a host copies first: a callback comes in, a user goes out.
#include <doctest/doctest.h>

#include "zegocall/net/http.hpp"
#include "zegocall/zego/api.hpp"
#include "zegocall/zego/callback.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

HttpHandler provider_callback(const Secret& callback_secret, SeenOnce& nonces, ServerApi& api) {  // register with Run::service
  return [&](const HttpRequest& request) -> Result<HttpResponse> {
    auto event =
        read_callback(request.body())  // JSON, percent-encoded JSON or a form; looks at three fields only
            .and_then([&](const CallbackEnvelope& e) { return verify_callback(e, callback_secret, nonces, request.now().wall); })
            .and_then(interpret_callback);         // takes nothing but a VerifiedCallback
    if (!event) return unexpected(event.error());  // protocol, unauthenticated, expired, replayed
    if (const auto* gone = std::get_if<RoomLoggedOut>(&*event)) {
      auto done = api.call(KickoutUser{.room = gone->room, .users = {gone->user}, .reason = "link lost"}, request.now());
      if (!done && !is_retryable(done.error().code)) return unexpected(done.error());
    }
    return http_json(200, JsonObject{});
  };
}

}  // namespace

TEST_CASE("the provider's block compiles as it is written") {
  HttpHandler (*const block)(const Secret&, SeenOnce&, ServerApi&) = provider_callback;
  CHECK((block != nullptr));
}
