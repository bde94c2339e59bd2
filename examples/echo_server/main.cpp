// echo_server: what interoperability tests and load clients talk to. It stores nothing.
//
// Engine.IO at /engine.io/: every message comes back. Socket.IO at /socket.io/, namespaces / and /custom: see echo_namespace.
#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "serve.hpp"

using namespace zegocall;

namespace {

using namespace std::chrono_literals;

/// Tells every new connection its own `auth`, a moment after it was let in and never in the same read as that answer:
/// test clients that take one message at a time would miss the second of two that arrive together.
class AuthTeller final : public Driven {
 public:
  void attach(Namespace& ns) {
    ns.on_open([this](const HubAccess& access) {
      const std::scoped_lock lock(mutex_);
      on_service_ = access.on_service;
    });
    ns.on_connect([this](const Event& e) { tell_later({e.sender(), Args{e.identity().data}}, e.now().wall); });
  }
  std::optional<UnixTime> deadline() override {
    const std::scoped_lock lock(mutex_);
    return due_;
  }
  void on_deadline(Now) override {
    std::vector<Told> now_due;
    {
      const std::scoped_lock lock(mutex_);
      due_.reset();
      now_due.swap(waiting_);
    }
    for (const auto& [who, args] : now_due) who.emit("auth", args);
  }

 private:
  using Told = std::pair<Audience, Args>;
  void tell_later(Told told, UnixTime now) {
    std::function<bool(std::function<void()>)> wake;
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(std::move(told));
      if (due_) return;
      due_ = now + 25ms;
      wake = on_service_;
    }
    (void)wake([] {});  // the service thread looks at deadlines after each group
  }

  std::mutex mutex_;
  std::function<bool(std::function<void()>)> on_service_;
  std::vector<Told> waiting_;
  std::optional<UnixTime> due_;
};

Namespace echo_namespace(const std::string& name, AuthTeller& teller) {
  Namespace ns{name};
  // A client says itself whether it is to be refused, and with what words.
  ns.authenticate([](const Handshake& shake) -> Result<Identity> {
    if (auto why = shake.auth().get<std::string>("refuse")) return fail(ErrorCode::forbidden, *std::move(why));
    return Identity{.data = Json::copy_of(shake.auth())};
  });
  teller.attach(ns);
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
    for (const GroupId& group : {room, id})
      if (auto joined = e.sender().join(group); !joined) return unexpected(joined.error());
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

/// As an average over ten seconds: a burst beyond that is over the rate.
void limit_packets(HubLimits& limits, std::int64_t per_second) {
  if (per_second == 0) return;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  limits.packets_per_second_per_address = static_cast<std::uint32_t>(per_second);
  limits.packets_burst_per_address = static_cast<std::uint32_t>(std::min(10 * per_second, most));
}

Result<int> serve(example::Start& start) {
  const auto interval = start.settings.number("ping-interval-ms", 1, 3'600'000);
  const auto timeout = start.settings.number("ping-timeout-ms", 1, 3'600'000);
  const auto connect = start.settings.number("connect-timeout-ms", 1, 3'600'000);
  const auto payload = start.settings.number("max-payload", 1, 1'000'000'000);
  const auto recovery = start.settings.number("recovery-ms", 0, 3'600'000);
  const auto sessions = start.settings.number("sessions-per-address", 0, 1'000'000);
  const auto packets = start.settings.number("packets-per-second-per-address", 0, 1'000'000'000);
  for (const auto* each : {&interval, &timeout, &connect, &payload, &recovery, &sessions, &packets})
    if (!*each) return unexpected(each->error());
  start.hub.ping_interval = std::chrono::milliseconds(*interval);
  start.hub.ping_timeout = std::chrono::milliseconds(*timeout);
  start.hub.connect_timeout = std::chrono::milliseconds(*connect);
  start.hub.allow_eio3 = start.settings.on("allow-eio3");
  start.hub.recovery.keep = std::chrono::milliseconds(*recovery);
  start.hub.limits.message_bytes_max = static_cast<std::size_t>(*payload);
  start.hub.limits.sessions_per_address_max = static_cast<std::size_t>(*sessions);
  limit_packets(start.hub.limits, *packets);
  if (!start.settings.given("allowed-origins")) start.hub.allowed_origins = {"*"};
  AuthTeller teller;
  Wiring wiring{.namespaces = {echo_namespace("/", teller), echo_namespace("/custom", teller)}, .driven = {&teller}};
  wiring.engine =
      EngineEndpoint{.on_message = [](EnginePeer& peer, std::string_view message, bool binary) { peer.send(message, binary); }};
  example::add_test_clock(start, wiring.http);
  return example::run(start, std::move(wiring));
}

}  // namespace

int main(int argc, char** argv) {
  return example::main_of(
      "echo_server",
      {{"ping-interval-ms", "time between pings", {"PING_INTERVAL_MS"}, "25000"},
       {"ping-timeout-ms", "time for a pong", {"PING_TIMEOUT_MS"}, "20000"},
       {"max-payload", "bytes of one message", {"MAX_PAYLOAD"}, "1000000"},
       {"connect-timeout-ms", "time to join a first namespace", {"CONNECT_TIMEOUT_MS"}, "45000"},
       {"recovery-ms", "how long a lost connection may come back, 0 = never", {"RECOVERY_MS"}, "0"},
       {"sessions-per-address", "sessions from one address, 0 = no limit", {}, "0"},
       {"packets-per-second-per-address", "packets from one address, averaged over ten seconds, 0 = no limit", {}, "0"},
       {"allow-eio3", "serve clients of Socket.IO 2 too", {}, {}, example::Kind::toggle}},
      argc, argv, serve);
}
