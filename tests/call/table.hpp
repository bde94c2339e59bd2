// People at a table: several calls at once, people who do not want to be disturbed or who block one another, in virtual
// time. Drives decide() and apply() itself and looks after every step: calls are consistent, a refusal changes nothing,
// the log adds up to the calls, and nobody holds two seats.
#pragma once

#include <map>
#include <set>

#include "call/world.hpp"

namespace call_test {

inline const Actor erin{{"erin"}, {"tab"}};

class Table {
 public:
  explicit Table(CallPolicy policy = {}) : policy_(policy) { REQUIRE(check(policy)); }

  Result<CallView> handle(const Actor& by, CommandBody body, CallId call = the_call) {
    return give({{}, by, call, std::move(body), {}});
  }
  Result<CallView> give(const Command& command) {
    note_presence(command);
    const std::map<CallId, CallView> before = calls_;
    auto events = decide(concerned(command), facts(command), command, clock.now().wall, &rule);
    if (!events) {
      CHECK(calls_ == before);
      return unexpected(events.error());
    }
    for (const CallEvent& event : *events) take(event);
    look();
    const auto found = calls_.find(command.call);
    return found == calls_.end() ? CallView{} : found->second;
  }
  void must(const Actor& by, CommandBody body, CallId call = the_call) {
    const std::string word(name(body));
    const auto result = handle(by, std::move(body), call);
    CAPTURE(word);
    REQUIRE(verdict(result) == "ok");
  }
  /// The refusal's word and field, after a look that the version stayed: "busy user".
  std::string refused(const Actor& by, CommandBody body, CallId call = the_call) {
    const std::size_t said = log_.size();
    const std::string word = verdict(handle(by, std::move(body), std::move(call)));
    CHECK(log_.size() == said);
    return word;
  }
  void online(const Actor& who) { must(who, DeviceOnline{}, {}); }
  void offline(const Actor& who) { must(who, DeviceOffline{}, {}); }

  void pass(std::chrono::milliseconds time) {
    const UnixTime until = clock.now().wall + time;
    for (auto due = next(); due && due->second.at <= until; due = next()) {
      clock.advance_to(std::max(due->second.at, clock.now().wall));
      const std::size_t said = log_.size();
      REQUIRE(give({{}, {}, due->first, TimerFired{due->second}, {}}));
      REQUIRE(log_.size() > said);  // a timer that is due always says something
    }
    clock.advance_to(until);
  }

  const CallView& call(const CallId& id = the_call) const { return calls_.at(id); }
  bool has_call(const CallId& id) const { return calls_.contains(id); }
  const std::map<CallId, CallView>& calls() const { return calls_; }
  LegView leg(const Actor& who, const CallId& id = the_call) const { return *call(id).last_leg_of(who.user); }
  std::string state(const Actor& who, const CallId& id = the_call) const { return outcome(leg(who, id)); }
  std::chrono::milliseconds left(Timer timer, std::uint32_t leg, const CallId& id = the_call) const {
    for (const Deadline& d : call(id).deadlines)
      if (d.timer == timer && d.leg == leg) return d.at - clock.now().wall;
    return -1ms;
  }
  bool runs(Timer timer, std::uint32_t leg, const CallId& id = the_call) const { return left(timer, leg, id) != -1ms; }
  std::vector<std::string> news() { return std::exchange(said_, {}); }
  const std::vector<CallEvent>& log() const { return log_; }
  std::vector<CallEvent> log(const CallId& id) const {
    std::vector<CallEvent> out;
    for (const CallEvent& event : log_)
      if (event.call == id) out.push_back(event);
    return out;
  }

  // Ready-made situations.
  void ring(std::vector<UserId> callees, std::optional<RingPolicy> policy = {}) {
    must(alice, StartCall{.callees = std::move(callees), .policy = policy});
  }
  void answer(const Actor& who, const CallId& id = the_call) { must(who, Accept{}, id), must(who, Join{}, id); }
  void talk() { ring({bob.user}), answer(bob), must(alice, Join{}); }

  RaceRule rule{};  ///< which decided the last command
  ManualClock clock;
  std::set<UserId> quiet;                       ///< do not want to be disturbed
  std::set<std::pair<UserId, UserId>> blocked;  ///< who blocks whom
  std::optional<UnixTime> waits_until;          ///< whoever calls now has called too often

 private:
  void note_presence(const Command& command) {
    if (std::holds_alternative<DeviceOnline>(command.body)) online_.insert({command.by.user, command.by.device});
    if (std::holds_alternative<DeviceOffline>(command.body)) online_.erase({command.by.user, command.by.device});
  }
  std::vector<UserId> people(const Command& command) const {
    const auto named = calls_.find(command.call);
    return people_concerned(command, named == calls_.end() ? nullptr : &named->second);
  }
  std::vector<CallView> concerned(const Command& command) const {
    const auto asked = people(command);
    std::vector<CallView> out;
    for (const auto& [id, view] : calls_) {
      const bool sits = view.state != CallState::ended &&
                        std::any_of(asked.begin(), asked.end(),
                                    [&call = view](const UserId& user) { return call.live_leg_of(user) != nullptr; });
      if (sits || id == command.call) out.push_back(view);
    }
    return out;
  }
  Facts facts(const Command& command) const {
    Facts out;
    out.policy = policy_;
    out.caller_waits_until = waits_until;
    const auto named = calls_.find(command.call);
    const bool starts = std::holds_alternative<StartCall>(command.body) || std::holds_alternative<Invite>(command.body) ||
                        std::holds_alternative<Transfer>(command.body);
    const UserId rings = starts || named == calls_.end() ? command.by.user : named->second.caller;  // else a hunt goes on
    for (const UserId& user : people(command)) {
      for (const auto& [who, device] : online_)
        if (who == user) out.online.push_back({who, device});
      if (quiet.contains(user)) out.do_not_disturb.push_back(user);
      if (blocked.contains({user, rings})) out.blocking.push_back(user);
    }
    return out;
  }
  void take(const CallEvent& event) {
    CallView& view = calls_[event.call];
    REQUIRE(event.version.value == view.version.value + 1);
    REQUIRE(view.state != CallState::ended);
    apply(view, event);
    const std::string line = to_string(event);
    const std::string of = event.call == the_call ? "" : event.call.str() + " ";
    said_.push_back(of + line.substr(line.find(' ') + 1));
    log_.push_back(event);
    touched_.insert(event.call);
  }
  void look() {
    for (const CallId& id : std::exchange(touched_, {})) {
      CHECK(inconsistency(calls_.at(id)).value_or("consistent") == "consistent");
      const auto folded = fold(log(id));
      REQUIRE(folded);
      CHECK(*folded == calls_.at(id));
    }
    std::set<UserId> seated;
    for (const auto& [id, view] : calls_)
      for (const LegView& leg : view.legs)
        if (holds_seat(view, leg)) CHECK(seated.insert(leg.user).second);
  }
  std::optional<std::pair<CallId, Deadline>> next() const {
    std::optional<std::pair<CallId, Deadline>> first;
    for (const auto& [id, view] : calls_)
      if (!view.deadlines.empty() && (!first || view.deadlines.front().at < first->second.at))
        first = {id, view.deadlines.front()};
    return first;
  }

  CallPolicy policy_;
  std::map<CallId, CallView> calls_;
  std::set<std::pair<UserId, DeviceId>> online_;
  std::set<CallId> touched_;
  std::vector<std::string> said_;
  std::vector<CallEvent> log_;
};

}  // namespace call_test
