// What a call's records can tell about themselves: limits, members, deadlines, a line of text per event.
#include "zegocall/call/model.hpp"

#include <algorithm>

namespace zegocall {

bool is_missed(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::busy:
    case LegOutcome::no_answer:
    case LegOutcome::unreachable:
    case LegOutcome::cancelled: return true;
    case LegOutcome::completed:
    case LegOutcome::declined:
    case LegOutcome::join_failed:
    case LegOutcome::network_lost: return false;
  }
  return false;
}

Result<void> check(const CallPolicy& policy) {
  using namespace std::chrono_literals;
  struct Limit {
    const char* field;
    std::chrono::milliseconds value, least, most;
  };
  const Limit limits[] = {
      {"ring", policy.ring, 5s, 600s},
      {"delivery", policy.delivery, 2s, 60s},
      {"join", policy.join, 5s, 120s},
      {"reconnect_grace", policy.reconnect_grace, 0s, 300s},
      {"alone", policy.alone, 0s, 30min},
      {"restart_slack", policy.restart_slack, 0s, 120s},
      // After a restart nobody is joined until somebody comes back: a shorter `empty` would end every call before that.
      {"empty", policy.empty, policy.restart_slack, 24h},
  };
  for (const Limit& limit : limits)
    if (limit.value < limit.least || limit.value > limit.most)
      return fail_field(ErrorCode::out_of_range, limit.field,
                        "must be " + std::to_string(limit.least.count()) + " to " + std::to_string(limit.most.count()) +
                            " ms, is " + std::to_string(limit.value.count()));
  if (name(policy.glare).empty()) return fail_field(ErrorCode::out_of_range, "glare", "must be busy");
  return {};
}

const LegView* CallView::live_leg_of(const UserId& user) const {
  const LegView* leg = last_leg_of(user);
  return leg && leg->state != LegState::final ? leg : nullptr;
}

const LegView* CallView::last_leg_of(const UserId& user) const {
  for (auto leg = legs.rbegin(); leg != legs.rend(); ++leg)
    if (leg->user == user) return &*leg;
  return nullptr;
}

bool CallView::has_member(const UserId& user) const { return last_leg_of(user) != nullptr; }

std::optional<UnixTime> CallView::next_deadline() const {
  if (deadlines.empty()) return std::nullopt;
  return deadlines.front().at;
}

namespace {
/// What stands behind an event's name.
class Words {
 public:
  explicit Words(std::string& line) : line_(line) {}

  void operator()(const CallCreated& e) { who(e.caller, e.device), word(name(e.media)); }
  void operator()(const LegInvited& e) { who(e.user); }
  void operator()(const DeviceRing& e) {
    who(e.user, e.device);
    if (e.attempt > 1) word("attempt " + std::to_string(e.attempt));
  }
  void operator()(const LegDelivered& e) { who(e.user, e.device); }
  void operator()(const LegAlerting& e) { who(e.user, e.device); }
  void operator()(const LegAccepted& e) { who(e.user, e.device); }
  void operator()(const DeviceDismiss& e) { who(e.user, e.device), word(name(e.outcome)); }
  void operator()(const LegJoining& e) { who(e.user); }
  void operator()(const LegJoined& e) { who(e.user, e.device); }
  void operator()(const LegReconnecting& e) { who(e.user); }
  void operator()(const LegResumed& e) { who(e.user, e.device); }
  void operator()(const LegFinal& e) { who(e.user, e.device), word(name(e.outcome)); }
  void operator()(const CallActive&) {}
  void operator()(const CallEnded& e) {
    word(name(e.outcome));
    if (e.cause) word(name(*e.cause));
    if (!e.by.empty()) word("by"), who(e.by);
  }

 private:
  void word(std::string_view text) { line_.append(" ").append(text); }
  void who(const UserId& user, const DeviceId& device = {}) {
    word(user.view());
    if (!device.empty()) line_.append("/").append(device.view());
  }
  std::string& line_;
};
}  // namespace

std::string to_string(const CallEvent& event) {
  std::string line = "v" + std::to_string(event.version.value) + " ";
  line.append(name(event.body));
  std::visit(Words(line), event.body);
  return line;
}

}  // namespace zegocall
