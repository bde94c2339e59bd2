// A dialect, a gateway and a route as a host writes them: the smallest whole server of calls. Compiled with the flags of the
// house, and run.
#include <doctest/doctest.h>

#include "zegocall/base/random.hpp"
#include "zegocall/client.hpp"
#include "zegocall/gateway.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

Args with_id(const CallView& call, JsonObject fields) { return {fields.add("callId", call.id)}; }
Result<CommandBody> read_end(const Args& in) {
  return in.get<std::optional<std::string>>("0.endReason").transform([](const auto& reason) {
    return EndCall{reason.value_or("normal")};
  });
}
Dialect ring_dialect() {
  return {
      .hear = {{"call_accept", "0.callId", command<Accept>},  // word, where the call id is, reader
               {"call_decline", "0.callId", command<Decline>},
               {"call_end", "0.callId", read_end}},
      .relay = {{"webrtc_offer", "0.callId", "0.receiverId", "senderId"}},  // both in this live call? then on, sender's id added
      .say = {say<DeviceRing>("incoming_call", To::subject,
                              [](const DeviceRing&, const CallView& c) {
                                return with_id(c, {{"caller", c.caller}});
                              }),
              say<LegAccepted>("call_accepted", To::others,
                               [](const LegAccepted& e, const CallView& c) {
                                 return with_id(c, {{"acceptedBy", e.user}});
                               }),
              say<CallEnded>("call_ended", To::others,
                             [](const CallEnded& e, const CallView& c) {
                               return with_id(c, {{"endReason", name(e.outcome)}});
                             })},
      .refusal =
          [](const Error& e) {
            return Args{JsonObject{{"message", e.detail}}};
          },
  };
}

/// Until `meanwhile` returns.
Result<void> ring_server(const std::function<Result<Identity>(std::string_view)>& user_of,
                         const std::function<void(std::uint16_t port)>& meanwhile) {
  auto store = SqliteStore::open({.path = ":memory:"});  // migrates, or says why not
  if (!store) return unexpected(store.error());
  CallService calls(*store, system_bytes(), {.policy = {.ring = 60s}});
  Gateway gateway(calls, ring_dialect());
  Namespace ns{"/"};
  ns.authenticate([&](const Handshake& s) { return user_of(s.auth().get<std::string>("token").value_or("")); }, Run::service);
  ns.on(
      "call",  // a command from a socket or a route: told in the same words
      [&](const Event& e) -> Result<Args> {
        return e.get<UserId>("0.to")
            .and_then(
                [&](const UserId& to) { return gateway.handle({.by = actor(e.identity()), .body = StartCall{{to}}}, e.now()); })
            .transform([](const CallView& call) { return Args{call.id}; });
      },
      Run::service);
  gateway.attach(ns);  // the table's words, the relays, device online and offline
  auto hub = Hub::open({.port = 0}, {.namespaces = {ns}, .driven = {&gateway}});
  if (!hub) return unexpected(hub.error());
  meanwhile(hub->port());
  return {};
}

}  // namespace

TEST_CASE(
    "the sketch is a server: one calls, the other hears it and accepts, a stranger's word is refused in the dialect's shape") {
  auto user_of = [](std::string_view token) -> Result<Identity> { return Identity{.user = UserId(token)}; };
  auto served = ring_server(user_of, [](std::uint16_t port) {
    const auto client = [&](std::string user, std::promise<CallId>* rung, std::promise<UserId>* accepted) {
      ClientWiring wiring;
      wiring.credentials = [user](std::uint32_t) -> Result<Json> { return Json(JsonObject{{"token", user}}); };
      wiring.on = {
          {"incoming_call",
           [rung](const Message& m) -> Result<Args> { return rung->set_value(m.args.get<CallId>("0.callId").value()), Args{}; }},
          {"call_accepted", [accepted](const Message& m) -> Result<Args> {
             return accepted->set_value(m.args.get<UserId>("0.acceptedBy").value()), Args{};
           }}};
      Client out = Client::open({.url = "http://127.0.0.1:" + std::to_string(port)}, std::move(wiring)).value();
      (void)out.ask_future("anything", {}, {.timeout = 10s}).get();  // refused, but by then it is on line
      return out;
    };
    std::promise<CallId> rung;
    std::promise<UserId> accepted;
    Client alice = client("alice", nullptr, &accepted), bob = client("bob", &rung, nullptr),
           carol = client("carol", nullptr, nullptr);
    const auto call =
        alice.ask_future("call", {JsonObject{{"to", "bob"}}}, {.timeout = 10s}).get().value().get<CallId>("0").value();
    auto heard = rung.get_future();
    REQUIRE(heard.wait_for(10s) == std::future_status::ready);
    CHECK(heard.get() == call);
    auto refused = carol.ask_future("call_accept", {JsonObject{{"callId", call}}}, {.timeout = 10s}).get().value();
    CHECK(refused.get<std::string>("0.message").value() == "not a member of this call");
    CHECK(bob.ask_future("call_accept", {JsonObject{{"callId", call}}}, {.timeout = 10s}).get());
    auto told = accepted.get_future();
    REQUIRE(told.wait_for(10s) == std::future_status::ready);
    CHECK(told.get() == UserId{"bob"});
  });
  CHECK(served);
}
