// echo_server: what interoperability tests and load clients talk to. It stores nothing.
//
// Engine.IO at /engine.io/: every message comes back. Socket.IO at /socket.io/, namespaces / and /custom: see echo_namespace.
#include "serve.hpp"

using namespace zegocall;

namespace {

Namespace echo_namespace(const std::string& name) {
  Namespace ns{name};
  ns.authenticate([](const Handshake& shake) -> Result<Identity> { return Identity{.data = Json::copy_of(shake.auth())}; });
  ns.on_connect([](const Event& e) { e.sender().emit("auth", {e.identity().data}); });
  ns.on("message", [](const Event& e) -> Result<Args> {
    e.sender().relay("message-back", e.args());
    return Args{};
  });
  ns.on("message-with-ack", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args{e.args()[0]}; });
  ns.on("join", [](const Event& e) -> Result<Args> {
    auto in = e.get<GroupId, GroupId>("0.room", "0.id");
    if (!in) return unexpected(in.error());
    const auto& [room, id] = *in;
    e.sender().join(room);
    e.sender().join(id);
    return Args{"ok"};
  });
  ns.on("signal", [](const Event& e) -> Result<Args> {
    auto to = e.get<GroupId>("0.to");
    if (!to) return unexpected(to.error());
    e.everyone().to(*to).relay("signal", e.args());
    return Args{};
  });
  ns.on("publish", [](const Event& e) -> Result<Args> {
    auto room = e.get<GroupId>("0.room");
    if (!room) return unexpected(room.error());
    e.others().to(*room).relay("publish", e.args());
    return Args{};
  });
  return ns;
}

Result<int> serve(example::Start& start) {
  const auto interval = start.settings.number("ping-interval-ms", 1, 3'600'000);
  const auto timeout = start.settings.number("ping-timeout-ms", 1, 3'600'000);
  const auto connect = start.settings.number("connect-timeout-ms", 1, 3'600'000);
  const auto payload = start.settings.number("max-payload", 1, 1'000'000'000);
  for (const auto* each : {&interval, &timeout, &connect, &payload})
    if (!*each) return unexpected(each->error());
  start.hub.ping_interval = std::chrono::milliseconds(*interval);
  start.hub.ping_timeout = std::chrono::milliseconds(*timeout);
  start.hub.connect_timeout = std::chrono::milliseconds(*connect);
  start.hub.limits.message_bytes_max = static_cast<std::size_t>(*payload);
  if (!start.settings.given("allowed-origins")) start.hub.allowed_origins = {"*"};
  Wiring wiring{.namespaces = {echo_namespace("/"), echo_namespace("/custom")}};
  wiring.engine =
      EngineEndpoint{.on_message = [](EnginePeer& peer, std::string_view message, bool binary) { peer.send(message, binary); }};
  example::add_test_clock(start, wiring.http);
  return example::run(start, std::move(wiring));
}

}  // namespace

int main(int argc, char** argv) {
  return example::main_of("echo_server",
                          {{"ping-interval-ms", "time between pings", {"PING_INTERVAL_MS"}, "25000"},
                           {"ping-timeout-ms", "time for a pong", {"PING_TIMEOUT_MS"}, "20000"},
                           {"max-payload", "bytes of one message", {"MAX_PAYLOAD"}, "1000000"},
                           {"connect-timeout-ms", "time to join a first namespace", {"CONNECT_TIMEOUT_MS"}, "45000"}},
                          argc, argv, serve);
}
