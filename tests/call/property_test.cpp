// Random people press random buttons in any order, twice, late and after restarts; whatever they do, the invariants of
// docs/call-model.md hold. Three people with three devices each (one of them without a name), virtual time.
#include <map>
#include <set>
#include <sstream>

#include "call/world.hpp"
#include "support/rapidcheck.hpp"

using namespace call_test;

namespace {

/// One step of a script; the numbers mean what `play` makes of them.
struct Step {
  int what = 0, who = 0, device = 0, call = 0, other = 0, seconds = 0, twist = 0;
};

constexpr int kinds = 20;

std::ostream& operator<<(std::ostream& out, const Step& s) {
  return out << "{" << s.what << "," << s.who << "," << s.device << "," << s.call << "," << s.other << "," << s.seconds << ","
             << s.twist << "}";
}

const UserId people[] = {{"alice"}, {"bob"}, {"carol"}};
const DeviceId devices[] = {{"web"}, {"phone"}, {}};

std::string text(const CallEvent& event) { return event.call.str() + " " + to_string(event); }

/// Plays a script on an engine and watches everything that may never happen.
class Watch {
 public:
  explicit Watch(CallPolicy policy) : engine_(CallEngine::open(policy).value()) {}

  void play(const Step& step) {
    const Actor by{people[step.who], devices[step.device]};
    const CallId call = call_for(step);
    switch (step.what) {
      case 0:
      case 1: return start(by, step);
      case 2: return give(by, call, AckDelivered{}, step);
      case 3: return give(by, call, AckAlerting{}, step);
      case 4:
      case 5:
      case 6: return give(by, call, Accept{}, step);
      case 7: return give(by, call, Decline{.busy = step.twist == 3}, step);
      case 8: return give(by, call, Silence{}, step);
      case 9: return give(by, call, CancelCall{}, step);
      case 10:
      case 11: return give(by, call, Join{}, step);
      case 12: return give(by, call, Leave{}, step);
      case 13: return give(by, call, EndCall{}, step);
      case 14: return give(by, call, Heartbeat{}, step);
      case 15: return give(by, {}, DeviceOnline{}, step);
      case 16: return give(by, {}, DeviceOffline{}, step);
      case 17: return pass(std::chrono::seconds(step.seconds));
      case 18: return step.twist == 0 ? restart() : fire_stale(step);
      case 19: return give(by, call, Invite{people[step.other]}, step);
    }
  }

  void note_endings(std::set<std::string>& seen) const {
    for (const auto& [id, call] : calls_) seen.insert(ending(call));
  }

  /// Everybody goes, and the clocks run: every call must end by itself.
  void let_it_end() {
    for (const UserId& user : people)
      for (const DeviceId& device : {DeviceId{"web"}, DeviceId{"phone"}, DeviceId{"last"}})
        (void)handle({{}, {user, device}, {}, DeviceOffline{}, {}});
    for (int fired = 0; engine_.deadline(); ++fired) {
      RC_ASSERT(fired < 1000);
      clock_.advance_to(*engine_.deadline());
      engine_.on_deadline(clock_.now());
      look();
    }
    for (const auto& [id, log] : logs_) {
      const CallView call = engine_.find(id).value();
      RC_ASSERT(call.state == CallState::ended);
      for (const LegView& leg : call.legs) {
        RC_ASSERT(leg.outcome.has_value());
        for (const DeviceView& device : leg.devices) RC_ASSERT(device.outcome.has_value());
      }
    }
  }

 private:
  CallId call_for(const Step& step) const {
    if (logs_.empty()) return {"none"};
    // Mostly the newest call: that is where something happens.
    const std::size_t back = step.call < 6 ? 0 : static_cast<std::size_t>(step.call - 5);
    return order_[order_.size() - 1 - std::min(back, order_.size() - 1)];
  }

  void start(const Actor& by, const Step& step) {
    const CallId fresh(std::string_view("call" + std::to_string(order_.size())));
    give(by, fresh, StartCall{.callees = {people[step.other]}}, step);
  }

  void give(const Actor& by, const CallId& call, CommandBody body, const Step& step) {
    Command command{CommandId(std::string_view("c" + std::to_string(++commands_))), by, call, std::move(body), {}};
    if (step.twist == 1) command.expected = Version(static_cast<std::uint64_t>(step.seconds));
    const auto first = handle(command);
    if (step.twist == 2) repeat(command, first);
    if (!given_.empty() && step.twist == 4) repeat_old(step);
    given_.push_back({command, first ? std::optional(*first) : std::nullopt});
  }

  /// I13: the same command again is the same answer, and nothing happens.
  void repeat(const Command& command, const Result<CallView>& first) {
    const auto second = handle(command);
    RC_ASSERT(new_events_ == 0u);
    RC_ASSERT(second.has_value() == first.has_value());
    if (first) RC_ASSERT(*second == *first);
    if (!first) RC_ASSERT(second.error() == first.error());
  }
  /// Also when it comes late, out of order.
  void repeat_old(const Step& step) {
    const auto& [command, answer] = given_[static_cast<std::size_t>(step.seconds) % given_.size()];
    if (clock_.now().wall - started_ >= 10min) return;
    const auto again = handle(command);
    RC_ASSERT(new_events_ == 0u);
    RC_ASSERT(again.has_value() == answer.has_value());
    if (answer) RC_ASSERT(*again == *answer);
  }

  void pass(std::chrono::milliseconds time) {
    const UnixTime until = clock_.now().wall + time;
    while (engine_.deadline() && *engine_.deadline() <= until) {
      clock_.advance_to(*engine_.deadline());
      engine_.on_deadline(clock_.now());
      look();
    }
    clock_.advance_to(until);
  }
  void restart() {
    for (const CallId& id : order_)
      if (engine_.find(id)->state != CallState::ended) (void)handle({{}, {}, id, ServerStarted{}, {}});
  }
  /// Race rule 11: a timer of before is dropped, whatever the call does by now.
  void fire_stale(const Step& step) {
    if (seen_deadlines_.empty()) return;
    const auto& [id, deadline] = seen_deadlines_[static_cast<std::size_t>(step.seconds * 7 + step.call) % seen_deadlines_.size()];
    const auto now_listed = engine_.find(id)->deadlines;
    const bool listed = std::find(now_listed.begin(), now_listed.end(), deadline) != now_listed.end();
    (void)handle({{}, {}, id, TimerFired{deadline}, {}});
    if (!listed || deadline.at > clock_.now().wall) RC_ASSERT(new_events_ == 0u);
  }

  Result<CallView> handle(const Command& command) {
    const std::map<CallId, CallView> before = calls_;
    const auto result = engine_.handle(command, clock_.now());
    look();
    if (!result) {  // a refusal changes nothing
      RC_ASSERT(new_events_ == 0u);
      for (const auto& [id, view] : before) RC_ASSERT(engine_.find(id).value() == view);
    }
    return result;
  }

  /// After every step: takes the events and checks every call that they touched.
  void look() {
    new_events_ = 0;
    std::set<CallId> touched;
    while (auto event = engine_.poll()) {
      ++new_events_;
      RC_LOG() << text(*event) << std::endl;
      auto& log = logs_[event->call];
      if (log.empty()) order_.push_back(event->call);
      RC_ASSERT(event->version.value == log.size() + 1);  // I9: versions rise by one
      RC_ASSERT(event->at == clock_.now().wall);
      check_once(*event);
      log.push_back(*event);
      touched.insert(event->call);
    }
    for (const CallId& id : touched) check_call(id);
    check_seats();
  }

  /// I2: a second outcome of a leg or of a rung device is never even said; I1: nothing is said after the end.
  void check_once(const CallEvent& event) {
    RC_ASSERT(!ended_.contains(event.call));
    if (std::holds_alternative<CallEnded>(event.body)) ended_.insert(event.call);
    if (const auto* over = std::get_if<LegFinal>(&event.body)) RC_ASSERT(final_legs_.insert({event.call, over->leg}).second);
    if (const auto* told = std::get_if<DeviceDismiss>(&event.body))
      RC_ASSERT(told_.insert({{event.call, told->leg}, told->device}).second);
  }

  void check_call(const CallId& id) {
    const CallView now = engine_.find(id).value();
    const auto wrong = inconsistency(now);  // I2, I3, I4, I7, I10
    if (wrong) RC_FAIL(*wrong);
    const auto folded = fold(logs_[id]);  // I9: the snapshot is the fold
    RC_ASSERT(folded.has_value());
    RC_ASSERT(*folded == now);
    if (const auto before = calls_.find(id); before != calls_.end()) {
      RC_ASSERT(before->second.state != CallState::ended);  // I1
      for (const LegView& leg : before->second.legs)
        if (leg.state == LegState::final) RC_ASSERT(now.legs[leg.number - 1] == leg);
    }
    for (const Deadline& deadline : now.deadlines) seen_deadlines_.push_back({id, deadline});
    calls_[id] = now;
  }

  /// A person sits in at most one live call.
  void check_seats() const {
    std::set<UserId> seated;
    for (const auto& [id, call] : calls_)
      for (const LegView& leg : call.legs)
        if (leg.state != LegState::final) RC_ASSERT(seated.insert(leg.user).second);
  }

  CallEngine engine_;
  ManualClock clock_;
  const UnixTime started_ = clock_.now().wall;
  int commands_ = 0;
  std::size_t new_events_ = 0;
  std::map<CallId, std::vector<CallEvent>> logs_;
  std::map<CallId, CallView> calls_;
  std::vector<CallId> order_;
  std::vector<std::pair<Command, std::optional<CallView>>> given_;
  std::vector<std::pair<CallId, Deadline>> seen_deadlines_;
  std::set<CallId> ended_;
  std::set<std::pair<CallId, std::uint32_t>> final_legs_;
  std::set<std::pair<std::pair<CallId, std::uint32_t>, DeviceId>> told_;
};

rc::Gen<std::vector<Step>> scripts() {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::resize(
      200, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
               set(&Step::what, inRange(0, kinds)), set(&Step::who, inRange(0, 3)), set(&Step::device, inRange(0, 3)),
               set(&Step::call, inRange(0, 8)), set(&Step::other, inRange(0, 3)), set(&Step::seconds, inRange(0, 40)),
               set(&Step::twist, inRange(0, 8)))));
}

rc::Gen<CallPolicy> policies() {
  return rc::gen::element(CallPolicy{}, CallPolicy{.ring = 20s, .delivery = 30s, .reconnect_grace = 40s, .empty = 16s},
                          CallPolicy{.join = 5s, .reconnect_grace = 0s, .alone = 0s, .empty = 0s, .restart_slack = 0s},
                          CallPolicy{.ring = 600s, .alone = 30min, .restart_slack = 60s, .glare = GlarePolicy::busy});
}

void holds(CallPolicy policy, const std::vector<Step>& script, std::set<std::string>& seen) {
  Watch watch(policy);
  for (const Step& step : script) watch.play(step);
  watch.let_it_end();
  watch.note_endings(seen);
}

}  // namespace

TEST_CASE("the invariants hold whatever people do") {
  std::set<std::string> seen;
  check_property("invariants of the call model", [&] { holds(*policies(), *scripts(), seen); });
  // The scripts were no child's play: every way in which a call can end was there.
  CHECK(seen == std::set<std::string>{"answered alone_timeout", "answered hangup", "answered last_left", "answered network_lost",
                                      "busy", "cancelled", "declined", "failed", "glare_merged", "no_answer", "unreachable"});
}
