// The gateway without a hub: commands and connections in, words out through a Voice.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "gateway/read_model.hpp"
#include "zegocall/gateway.hpp"

namespace zegocall::gateway_detail {

/// Where words go. Within a group they leave after the commit, and not at all if that fails.
class Voice {
 public:
  virtual ~Voice() = default;
  virtual void to_user(const UserId& user, std::string_view word, ArgsView args) = 0;
  virtual void to_connection(const ConnectionId& connection, std::string_view word, ArgsView args) = 0;
  /// Every loop learns what a live call looks like now; null: it is over.
  virtual void to_loops(const CallId& call, std::shared_ptr<const LiveCall> live) = 0;
};

struct ActorOrder {
  bool operator()(const Actor& a, const Actor& b) const { return a.user != b.user ? a.user < b.user : a.device < b.device; }
};

/// Service thread only, but for `quick` (const, touches only what it is given).
class Core {
 public:
  Core(CallService& calls, Dialect dialect, Voice& voice) : calls_(calls), dialect_(std::move(dialect)), voice_(voice) {}

  const Dialect& dialect() const { return dialect_; }

  Result<CallView> handle(const Command& command, Now now, const CommandExtras& extras = {});
  Result<CallView> join_all(const CallId& call, const Actor& by, Now now);
  Result<Args> hear(const Hear& word, const Actor& by, const Args& args, Now now);

  /// On a loop: the arguments to send on to `*to`, or a refusal, or nothing: ask relay() on the service thread.
  static std::optional<Result<std::pair<UserId, Args>>> quick(const Relay& word, const UserId& by, ArgsView args,
                                                              const LiveCalls& calls);
  Result<Args> relay(const Relay& word, const Actor& by, ArgsView args, Now now);

  void connected(const ConnectionId& connection, const Actor& actor, Now now);
  void disconnected(const ConnectionId& connection, const Actor& actor, Now now);

  std::optional<UnixTime> deadline();
  void on_deadline(Now now);
  Result<void> open_group();
  Result<void> commit_group();
  void abandon_group();

 private:
  Actor actor_of(const Command& command) const;
  Result<void> may_act(const Command& command) const;
  void tell_decided(Now now);
  void tell_event(const Told& told);
  void tell_caller(const Told& whole, const DeviceRing& ring);
  void tell_missed(const std::vector<MissedCall>& missed);
  void say(const Say& word, const Told& told, const Args& args);
  void change_presence(const Actor& actor, Now now);
  void forget_settled();
  void ring_again(const ConnectionId& connection, const Actor& actor);

  CallService& calls_;
  Dialect dialect_;
  Voice& voice_;
  std::map<Actor, std::vector<ConnectionId>, ActorOrder> sockets_;  // devices that have one
  std::set<Actor, ActorOrder> unsettled_;                           // whose presence may differ from what the calls know
  std::set<Actor, ActorOrder> rung_;                                // by what is being told now
  bool in_group_ = false;
  std::optional<UnixTime> retry_at_;
  UnixTime last_now_{};
};

}  // namespace zegocall::gateway_detail
