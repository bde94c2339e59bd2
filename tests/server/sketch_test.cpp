// The third section of the public face's sketch, as users write it: it has to compile on both compilers, and to work.
#include <doctest/doctest.h>

#include "server/socket_client.hpp"
#include "zegocall/hub.hpp"
#include "zegocall/token.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

Namespace chat(const JwtVerifier& jwt) {
  Namespace ns{"/"};
  ns.authenticate([&jwt](const Handshake& shake) -> Result<Identity> {
    return shake.auth()
        .get<std::string>("token")  // any failure: the peer gets CONNECT_ERROR {"message": ...}
        .and_then([&](const std::string& token) { return jwt.verify(token, shake.now().wall); })
        .transform([](const JwtClaims& claims) { return Identity{.user = claims.user}; });
  });
  ns.on("join", [](const Event& e) -> Result<Args> {
    auto room = e.get<GroupId>("0.room");  // argument 0, member "room"
    if (!room) return unexpected(room.error());
    if (auto joined = e.sender().join(*room); !joined) return unexpected(joined.error());  // in too many, or a name too long
    e.others().to(*room).emit("user-joined", {e.identity().user});
    return Args{"ok"};  // the ack, if the peer asked for one
  });
  ns.on("signal", [](const Event& e) -> Result<Args> {
    auto in = e.get<UserId, JsonView>("0.to", "0.data");  // both, or the first error; "data" stays a slice, never parsed
    if (!in) return unexpected(in.error());
    auto& [to, data] = *in;
    e.everyone().user(to).emit("signal", {JsonObject{{"from", e.identity().user}, {"data", data}}});
    return Args{};
  });
  ns.on_disconnect([](const Event& e, std::string_view reason) { e.others().emit("user-left", {e.identity().user, reason}); });
  return ns;
}

int serve(const JwtVerifier& jwt, const std::function<void(Hub&)>& meanwhile) {
  Router http;
  http.route(Method::get, "/api/users/:id", [](const HttpRequest& request) -> Result<HttpResponse> {
    return http_json(200, JsonObject{{"id", request.path("id")}, {"verbose", request.query("verbose")}});
  });
  http.on_error([](const Error& error) { return http_json(400, JsonObject{{"success", false}, {"message", error.detail}}); });
  auto hub = Hub::open({.port = 0, .allowed_origins = {"https://app.example"}}, {.namespaces = {chat(jwt)}, .http = http});
  if (!hub) return std::fprintf(stderr, "%s\n", to_string(hub.error()).c_str()), 2;
  meanwhile(*hub);
  hub->in("/")
      .to(GroupId{"lobby"})
      .ask("closing", {"soon"}, {.timeout = 5s},  // any thread; emit and disconnect likewise
           [](Result<std::vector<Args>> all) {
             if (!all) std::puts("somebody did not answer");
           });
  hub->drain({.grace = 10s});  // stop accepting, tell clients, wait, close
  return 0;                    // the destructor stops and joins; no handler runs afterwards
}

}  // namespace

TEST_CASE("the chat of the sketch") {
  const JwtVerifier jwt = JwtVerifier::hs256(Secret("zegocall-test-jwt-secret-0123456789-abcdef")).value();
  const JwtMinter maker = JwtMinter::hs256(Secret("zegocall-test-jwt-secret-0123456789-abcdef")).value();
  const auto token = [&](const char* user) {
    return R"({"token":")" + maker.mint({.user = UserId{user}}, system_now().wall).value() + "\"}";
  };
  CHECK(serve(jwt, [&](Hub& hub) {
          server_test::SocketClient alice(hub.port()), bob(hub.port());
          CHECK(alice.join(R"({"token":"forged"})").starts_with(R"(4{"message":)"));
          CHECK(alice.join(token("alice")).starts_with("0{"));
          CHECK(bob.join(token("bob")).starts_with("0{"));
          bob.say(R"(21["join",{"room":"r"}])");
          CHECK(bob.hear_packet() == R"(31["ok"])");
          alice.say(R"(21["join",{"room":"r"}])");
          CHECK(alice.hear_packet() == R"(31["ok"])");
          CHECK(bob.hear_packet() == R"(2["user-joined","alice"])");
          alice.say(R"(2["signal",{"to":"bob","data":{"sdp":"v=0\r\n"}}])");
          CHECK(bob.hear_packet() == R"(2["signal",{"from":"alice","data":{"sdp":"v=0\r\n"}}])");
          alice.say("1");
          CHECK(bob.hear_packet() == R"(2["user-left","alice","client namespace disconnect"])");
          CHECK(server_test::get(hub.port(), "/api/users/7?verbose=1").body == R"({"id":"7","verbose":"1"})");
        }) == 0);
}
