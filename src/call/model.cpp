// What a call's records can tell about themselves: limits, members, deadlines, a line of text per event.
#include "zegocall/call/model.hpp"

#include <algorithm>

namespace zegocall {

bool is_missed(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::busy:
    case LegOutcome::no_answer:
    case LegOutcome::unreachable:
    case LegOutcome::cancelled:
    case LegOutcome::superseded: return true;
    case LegOutcome::completed:
    case LegOutcome::declined:
    case LegOutcome::join_failed:
    case LegOutcome::network_lost:
    case LegOutcome::blocked:
    case LegOutcome::dnd:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout:
    case LegOutcome::replaced:
    case LegOutcome::transferred:
    case LegOutcome::max_duration:
    case LegOutcome::token_expired:
    case LegOutcome::failed: return false;
  }
  return false;
}

namespace {
using Span = std::chrono::milliseconds;

Result<void> check_span(const char* field, Span value, Span least, Span most) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field,
                    "must be " + std::to_string(least.count()) + " to " + std::to_string(most.count()) + " ms, is " +
                        std::to_string(value.count()));
}

struct Limit {
  const char* field;
  Span value, least, most;
  bool may_be_off = false;
};

Result<void> check_words(const CallPolicy& policy) {
  const std::pair<const char*, std::string_view> words[] = {{"glare", name(policy.glare)},
                                                            {"ring_policy", name(policy.ring_policy)},
                                                            {"busy", name(policy.busy)},
                                                            {"decline", name(policy.decline)},
                                                            {"second_device", name(policy.second_device)}};
  for (const auto& [field, word] : words)
    if (word.empty()) return fail_field(ErrorCode::out_of_range, field, "is none of the known words");
  return {};
}
}  // namespace

Result<void> check(const CallPolicy& policy) {
  using namespace std::chrono_literals;
  const Limit limits[] = {
      {"ring", policy.ring, 5s, 600s},
      {"delivery", policy.delivery, 2s, 60s},
      {"join", policy.join, 5s, 120s},
      {"reconnect_grace", policy.reconnect_grace, 0s, 300s},
      {"alone", policy.alone, 0s, 30min},
      {"restart_slack", policy.restart_slack, 0s, 120s},
      // After a restart nobody is joined until somebody comes back: a shorter `empty` would end every call before that.
      {"empty", policy.empty, policy.restart_slack, 24h},
      {"unvisited", policy.unvisited, 0s, 24h},
      {"lobby", policy.lobby, 30s, 120min},
      {"host_absent", policy.host_absent, 0s, 60min},
      {"max_duration", policy.max_duration, 1min, 24h, true},
      {"ending", policy.ending, 1s, 60s, true},
      {"device_lease", policy.device_lease, 5s, 600s, true},
      {"token_lifetime", policy.token_lifetime, 2min, 24 * 24h, true},
      {"token_renew", policy.token_renew, 10s, std::min<Span>(1h, policy.token_lifetime > 0s ? policy.token_lifetime / 2 : 1h)},
  };
  for (const Limit& limit : limits) {
    if (limit.may_be_off && limit.value == 0s) continue;
    if (auto checked = check_span(limit.field, limit.value, limit.least, limit.most); !checked) return checked;
  }
  if (policy.callees_max < 1 || policy.callees_max > 1024)
    return fail_field(ErrorCode::out_of_range, "callees_max", "must be 1 to 1024, is " + std::to_string(policy.callees_max));
  return check_words(policy);
}

const LegView* CallView::live_leg_of(const UserId& user) const {
  const LegView* leg = last_leg_of(user);
  return leg && leg->state != LegState::final ? leg : nullptr;
}

const LegView* CallView::last_leg_of(const UserId& user) const {
  const std::uint32_t number = index.newest_leg(legs, user);
  return number == 0 ? nullptr : &legs[number - 1];
}

bool CallView::has_member(const UserId& user) const { return last_leg_of(user) != nullptr; }

bool holds_seat(const CallView& call, const LegView& leg) {
  return leg.state != LegState::final && !leg.second && !leg.hidden && !leg.on_hold && call.policy.busy != BusyPolicy::allow;
}

std::optional<UnixTime> CallView::next_deadline() const {
  if (deadlines.empty()) return std::nullopt;
  return deadlines.front().at;
}

namespace {
/// What stands behind an event's name.
class Words {
 public:
  explicit Words(std::string& line) : line_(line) {}

  void operator()(const CallCreated& e) {
    who(e.caller, e.device), word(name(e.media));
    if (e.room) word("room"), word(e.room->settings.from);
  }
  void operator()(const LegInvited& e) {
    who(e.user);
    if (!e.by.empty()) word("by"), who(e.by);
    if (e.second) word("second");
    if (e.hidden) word("hidden");
  }
  void operator()(const DeviceRing& e) {
    who(e.user, e.device);
    if (e.attempt > 1) word("attempt " + std::to_string(e.attempt));
  }
  void operator()(const DeviceDismiss& e) { who(e.user, e.device), word(name(e.outcome)); }
  void operator()(const LegFinal& e) {
    who(e.user, e.device), word(name(e.outcome));
    if (!e.by.empty()) word("by"), who(e.by);
  }
  void operator()(const LegAdmitted& e) { who(e.user), word("by"), who(e.by); }
  void operator()(const LegHeld& e) { who(e.user), word(e.on ? "on" : "off"); }
  void operator()(const LegMedia& e) {
    who(e.user);
    if (e.audio) word("audio");
    if (e.video) word("video");
    if (e.screen) word("screen");
  }
  void operator()(const RoleChanged& e) { who(e.user), word(e.role.view()); }
  void operator()(const HandChanged& e) { who(e.user), word(e.raised ? "raised" : "lowered"); }
  void operator()(const MuteRequested& e) { who(e.user), word(name(e.track)); }
  void operator()(const MuteForced& e) { who(e.user), word(name(e.track)), word(e.lifted ? "lifted" : "forced"); }
  void operator()(const RecordingChanged& e) { word(name(e.state)), word("by"), who(e.by); }
  void operator()(const ConsentChanged& e) { who(e.user), word(e.given ? "given" : "refused"); }
  void operator()(const ReconcileCorrected& e) { who(e.user), word(e.what); }
  void operator()(const LimitWarning& e) { word(std::to_string(e.minutes_left) + " min"); }
  void operator()(const RoomUpdated& e) { room(e); }
  void operator()(const CallActive&) {}
  void operator()(const CallEnding& e) {
    word(name(e.cause));
    if (!e.by.empty()) word("by"), who(e.by);
  }
  void operator()(const CallEnded& e) {
    word(name(e.outcome));
    if (e.cause) word(name(*e.cause));
    if (!e.merged_into.empty()) word("into"), word(e.merged_into.view());
    if (!e.by.empty()) word("by"), who(e.by);
  }
  /// The rest name a person, and perhaps a device.
  template <class Body>
  void operator()(const Body& e) {
    if constexpr (requires { e.device; })
      who(e.user, e.device);
    else
      who(e.user);
  }

 private:
  void room(const RoomUpdated& e) {
    if (e.locked) word(*e.locked ? "locked" : "unlocked");
    if (e.lobby) word("lobby"), word(name(*e.lobby));
    if (e.capacity) word("capacity " + std::to_string(*e.capacity));
    if (e.passcode) word(e.passcode->value == 0 ? "no passcode" : "passcode");
    if (e.host) word("host"), who(*e.host);
    if (e.metadata) word("metadata");
    if (e.attribute) word("attribute"), word(e.attribute->key);
    if (e.attribute_removed) word("no attribute"), word(*e.attribute_removed);
    if (e.member) word("member"), who(e.member->user), word(e.member->role.view());
    if (e.banned) word("banned"), who(e.banned->user);
    if (e.unbanned) word("unbanned"), who(*e.unbanned);
    if (e.code) word("code"), word(e.code->id.view());
    if (e.code_removed) word("no code"), word(e.code_removed->view());
    if (!e.by.empty()) word("by"), who(e.by);
  }
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
