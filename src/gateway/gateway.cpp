// The wiring between a core and a hub.
#include "zegocall/gateway.hpp"

#include "gateway/core.hpp"

namespace zegocall {
namespace gateway_detail {

/// Says words through the hub's namespaces, and keeps one read model for each of their loops.
class HubVoice final : public Voice {
 public:
  /// One attached namespace; its models live as long as something may still be posted to a loop.
  struct Room {
    HubAccess access;
    std::vector<LiveCalls> models;  // by loop; each touched by its own loop only
  };

  void opened(std::shared_ptr<Room> room) { rooms_.push_back(std::move(room)); }

  void to_user(const UserId& user, std::string_view word, ArgsView args) override {
    for (const auto& room : rooms_) room->access.everyone.user(user).relay(word, args);
  }
  void to_connection(const ConnectionId& connection, std::string_view word, ArgsView args) override {
    for (const auto& room : rooms_) room->access.everyone.to(connection).relay(word, args);
  }
  void to_loops(const CallId& call, std::shared_ptr<const LiveCall> live) override {
    for (const auto& room : rooms_)
      room->access.on_each_loop([room, call, live](unsigned loop) {
        if (live)
          room->models[loop].insert_or_assign(call, live);
        else
          room->models[loop].erase(call);
      });
  }

 private:
  std::vector<std::shared_ptr<Room>> rooms_;
};

}  // namespace gateway_detail

using gateway_detail::Core;
using gateway_detail::HubVoice;

/// The core and its voice, in the order in which they need each other.
namespace gateway_detail {
struct CoreWithVoice {
  HubVoice voice;
  Core core;
  CoreWithVoice(CallService& calls, Dialect dialect) : core(calls, std::move(dialect), voice) {}
};
}  // namespace gateway_detail

Gateway::Gateway(CallService& calls, Dialect dialect)
    : inside_(std::make_unique<gateway_detail::CoreWithVoice>(calls, std::move(dialect))) {}
Gateway::~Gateway() = default;

void Gateway::attach(Namespace& ns) {
  Core& core = inside_->core;
  const auto room = std::make_shared<HubVoice::Room>();
  ns.on_open([this, room](const HubAccess& access) {
    room->access = access;
    room->models.resize(access.loops);
    inside_->voice.opened(room);
  });
  ns.on_connect([&core](const Event& e) { core.connected(e.connection(), actor(e.identity()), e.now()); }, Run::service);
  ns.on_disconnect([&core](const Event& e, std::string_view) { core.disconnected(e.connection(), actor(e.identity()), e.now()); },
                   Run::service);
  if (core.dialect().refusal) ns.on_error(core.dialect().refusal);
  for (const Hear& word : core.dialect().hear)
    ns.on(
        word.word,
        [&core, &word](const Event& e) { return core.hear(word, actor(e.identity()), Args::copy_of(e.args()), e.now()); },
        Run::service);
  for (const Relay& word : core.dialect().relay)
    ns.on(
        word.word,
        [room, &word](const Event& e) -> std::optional<Result<Args>> {
          auto sent = Core::quick(word, e.identity().user, e.args(), room->models[e.loop()]);
          if (!sent) return std::nullopt;
          if (!*sent) return unexpected(sent->error());
          e.everyone().user((*sent)->first).emit(word.word, (*sent)->second);
          return Args{};
        },
        [&core, &word](const Event& e) { return core.relay(word, actor(e.identity()), e.args(), e.now()); });
}

std::vector<Say> say_each(const std::string& word, To to, const std::function<std::optional<Args>(const Told&)>& shape) {
  std::vector<Say> out;
  for (std::size_t kind = 0; kind < std::variant_size_v<EventBody>; ++kind) out.push_back({word, to, kind, shape});
  return out;
}

Result<CallView> Gateway::handle(const Command& command, Now now, const CommandExtras& extras) {
  return inside_->core.handle(command, now, extras);
}
Result<CallView> Gateway::join_all(const CallId& call, const Actor& by, Now now) { return inside_->core.join_all(call, by, now); }

void Gateway::tell_others(const CallView& call, const UserId& but, std::string_view word, const Args& args) {
  for (const LegView& leg : call.legs)
    if (leg.user != but && !leg.hidden && call.last_leg_of(leg.user) == &leg) inside_->voice.to_user(leg.user, word, args);
}
void Gateway::tell_present(const CallView& call, std::string_view word, const Args& args) {
  for (const LegView& leg : call.legs)
    if (leg.state == LegState::joining || leg.state == LegState::joined || leg.state == LegState::reconnecting)
      inside_->voice.to_user(leg.user, word, args);
}
void Gateway::tell(const UserId& user, std::string_view word, const Args& args) { inside_->voice.to_user(user, word, args); }

std::optional<UnixTime> Gateway::deadline() { return inside_->core.deadline(); }
void Gateway::on_deadline(Now now) { inside_->core.on_deadline(now); }
Result<void> Gateway::open_group() { return inside_->core.open_group(); }
Result<void> Gateway::commit_group() { return inside_->core.commit_group(); }
void Gateway::abandon_group() { inside_->core.abandon_group(); }

Actor actor(const Identity& identity) { return {identity.user, identity.device}; }

}  // namespace zegocall
