// From events to rows: which lifeline says what to which.
#include "zegocall/call/diagram.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "zegocall/base/text.hpp"

namespace zegocall {
namespace {

constexpr std::size_t text_most = 48;

std::string after_words(std::chrono::milliseconds after) {
  const std::int64_t ms = after.count();
  return "+" + std::to_string(ms / 1000) + "." + std::to_string(std::max<std::int64_t>(ms, -ms) / 100 % 10) + " s";
}

std::string list(std::initializer_list<std::pair<bool, const char*>> words) {
  std::string out;
  for (const auto& [holds, word] : words)
    if (holds) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

std::string by_words(const UserId& by) { return by.empty() ? std::string() : " by " + by.str(); }

/// Draws one event after the other.
class Drawer {
 public:
  Drawer(SequenceDiagram& out, const SequenceOptions& options) : out_(out), options_(options) {}

  void draw(const CallEvent& event) {
    event_ = &event;
    std::visit([this](const auto& body) { say(body); }, event.body);
  }
  void close() {
    while (!open_.empty()) end_bar_of(Key(open_.begin()->first));
  }

 private:
  using Kind = SequenceStep::Kind;
  using Is = SequenceBar::Is;
  using Key = std::pair<UserId, DeviceId>;

  // ---- the words of each event

  void say(const CallCreated& e) {
    if (!e.room) holders_[1] = {e.caller, e.device};
    to_call({e.caller, e.device}, e.room ? "create room" : "call, " + std::string(name(e.media)));
  }
  void say(const CallActive&) { remark("active"); }
  void say(const CallEnding& e) { banner("ending: " + std::string(name(e.cause)) + by_words(e.by)); }
  void say(const CallEnded& e) {
    std::string text = "ended: " + std::string(name(e.outcome));
    if (e.cause) text.append(", ").append(name(*e.cause));
    text += by_words(e.by);
    if (!e.merged_into.empty()) text += ", goes on as " + e.merged_into.str();
    if (!e.note.empty()) text += " (" + e.note + ")";
    banner(text);
  }
  void say(const LegInvited& e) {
    remark("invite " + e.user.str() + by_words(e.by) + (e.second ? ", as a second call" : "") + ", until " + until(e.ring_until));
  }
  void say(const DeviceRing& e) {
    const std::string word = e.attempt > 1 ? "ring again" : "ring";
    if (e.device.empty()) return remark(word + " " + e.user.str() + " by push");
    to_device({e.user, e.device}, word);
    if (!is({e.user, e.device}, Is::ringing)) begin_bar({e.user, e.device}, Is::ringing);
  }
  void say(const LegDelivered& e) { to_call({e.user, e.device}, "delivered"); }
  void say(const LegAlerting& e) { to_call({e.user, e.device}, "rings"); }
  void say(const LegAccepted& e) {
    holders_[e.leg] = {e.user, e.device};
    to_call({e.user, e.device}, "accept");
    end_bar({e.user, e.device});
  }
  void say(const DeviceDismiss& e) {
    if (e.outcome == DeviceOutcome::answered_here) move(e.leg, {e.user, e.device});
    to_device({e.user, e.device}, std::string(name(e.outcome)));
    if (is({e.user, e.device}, Is::ringing)) end_bar({e.user, e.device});
  }
  void say(const LegEntered& e) {
    holders_[e.leg] = {e.user, e.device};
    to_call({e.user, e.device}, "come in" + (e.role.empty() ? std::string() : " as " + e.role.str()));
  }
  void say(const LegWaiting& e) { to_leg(e, "wait in the lobby, until " + until(e.until)); }
  void say(const LegAdmitted& e) { to_leg(e, "let in" + by_words(e.by)); }
  void say(const LegJoining& e) { to_leg(e, "may join, until " + until(e.join_until)); }
  void say(const LegJoined& e) {
    bind(e.leg, {e.user, e.device});
    from_leg(e, "joined");
    begin_bar(holder(e.leg), Is::in);
  }
  void say(const LegReconnecting& e) {
    from_leg(e, "link lost, until " + until(e.until), Kind::lost);
    if (is(holder(e.leg), Is::in)) begin_bar(holder(e.leg), Is::in_grace);
  }
  void say(const LegResumed& e) {
    move(e.leg, {e.user, e.device});
    from_leg(e, "back");
    if (is(holder(e.leg), Is::in_grace)) begin_bar(holder(e.leg), Is::in);
  }
  void say(const LegMoved& e) {
    to_call({e.user, e.device}, "move here");
    move(e.leg, {e.user, e.device});
  }
  void say(const LegFinal& e) {
    to_leg(e, "over: " + std::string(name(e.outcome)) + by_words(e.by));
    end_bar(holder(e.leg));
  }
  void say(const LegHeld& e) { from_leg(e, e.on ? "hold" : "resume"); }
  void say(const LegMedia& e) {
    const std::string sent = list({{e.audio, "audio"}, {e.video, "video"}, {e.screen, "screen"}});
    from_leg(e, "sends " + (sent.empty() ? "nothing" : sent));
  }
  void say(const LegLeased& e) { from_leg(e, "still here"); }
  void say(const LegLogin& e) { from_leg(e, "in the media room"); }
  void say(const RoleChanged& e) { to_leg(e, "is " + e.role.str() + " now" + by_words(e.by)); }
  void say(const HandChanged& e) {
    if (!e.raised && !e.by.empty() && e.by != e.user) return to_leg(e, "hand lowered" + by_words(e.by));
    from_leg(e, e.raised ? "raises hand" + (e.wants.empty() ? std::string() : " for " + e.wants.str()) : "lowers hand");
  }
  void say(const MuteRequested& e) { to_leg(e, "please mute " + std::string(name(e.track)) + by_words(e.by)); }
  void say(const MuteForced& e) {
    to_leg(e, std::string(name(e.track)) + (e.lifted ? " no longer barred" : " barred") + by_words(e.by));
  }
  void say(const ConsentChanged& e) { from_leg(e, e.given ? "agrees to be recorded" : "does not agree to be recorded"); }
  void say(const TokenRenewed& e) { to_leg(e, "new token, until " + until(e.token_until)); }
  void say(const TokenRevoked& e) { to_leg(e, "tokens are void"); }
  void say(const RoomUpdated& e) { remark(room_words(e)); }
  void say(const RecordingChanged& e) { remark("recording " + std::string(name(e.state)) + by_words(e.by)); }
  void say(const LimitWarning& e) { banner(std::to_string(e.minutes_left) + " min left"); }
  void say(const ReconcileCorrected& e) { remark("corrected: " + e.user.str() + " " + e.what); }

  static std::string room_words(const RoomUpdated& e) {
    std::string what = list({{e.locked && *e.locked, "locked"},
                             {e.locked && !*e.locked, "unlocked"},
                             {e.passcode.has_value(), "passcode changed"},
                             {e.metadata.has_value(), "metadata changed"},
                             {e.attribute || e.attribute_removed, "attribute changed"},
                             {e.code || e.code_removed, "join codes changed"}});
    const auto add = [&what](const std::string& text) { what.append(what.empty() ? "" : ", ").append(text); };
    if (e.lobby) add("lobby " + std::string(name(*e.lobby)));
    if (e.capacity) add("capacity " + std::to_string(*e.capacity));
    if (e.host) add("host is " + e.host->str());
    if (e.member) add("member " + e.member->user.str());
    if (e.banned) add("banned " + e.banned->user.str());
    if (e.unbanned) add("unbanned " + e.unbanned->str());
    return what + by_words(e.by);
  }

  // ---- rows

  std::string until(UnixTime at) const { return after_words(at - out_.start); }

  void row(Kind kind, std::size_t from, std::size_t to, const std::string& text) {
    out_.steps.push_back({kind, from, to, std::max(event_->at - out_.start, UnixTime::duration::zero()), event_->version,
                          shortened(printable(text), text_most)});
  }
  void remark(const std::string& text) { row(Kind::remark, out_.call, out_.call, text); }
  void banner(const std::string& text) { row(Kind::banner, 0, out_.lifelines.size() - 1, text); }
  void to_call(const Lifeline& who, const std::string& text, Kind kind = Kind::arrow) {
    const auto line = line_of(who);
    if (!line) return remark(who.user.str() + ": " + text);
    row(kind, *line, out_.call, text);
  }
  void to_device(const Lifeline& who, const std::string& text) {
    const auto line = line_of(who);
    if (!line) return remark(who.user.str() + ": " + text);
    row(Kind::arrow, out_.call, *line, text);
  }
  /// To or from whoever holds the leg; who that is may not be known (yet).
  template <class Body>
  void to_leg(const Body& e, const std::string& text) {
    const auto holder = holders_.find(e.leg);
    if (holder == holders_.end()) return remark(e.user.str() + ": " + text);
    to_device(holder->second, text);
  }
  template <class Body>
  void from_leg(const Body& e, const std::string& text, Kind kind = Kind::arrow) {
    const auto holder = holders_.find(e.leg);
    if (holder == holders_.end()) return remark(e.user.str() + ": " + text);
    to_call(holder->second, text, kind);
  }

  Lifeline holder(std::uint32_t leg) const {
    const auto found = holders_.find(leg);
    return found == holders_.end() ? Lifeline{} : found->second;
  }
  void bind(std::uint32_t leg, const Lifeline& who) {
    if (!who.device.empty() || !holders_.contains(leg)) holders_[leg] = who;
  }
  /// Another device holds the leg from now on, and does what the one before did.
  void move(std::uint32_t leg, const Lifeline& who) {
    if (who.device.empty() || who == holder(leg)) return;
    const Lifeline before = holder(leg);
    const auto bar = open_.find({before.user, before.device});
    const auto state = bar == open_.end() ? std::nullopt : std::optional(out_.bars[bar->second].is);
    end_bar(before);
    bind(leg, who);
    if (state) begin_bar(who, *state);
  }

  /// The lifeline of a device, drawn from here on if it is new; nothing if there is no room for another.
  std::optional<std::size_t> line_of(const Lifeline& who) {
    if (who.user.empty()) return std::nullopt;
    const auto found = std::find(out_.lifelines.begin(), out_.lifelines.end(), who);
    if (found != out_.lifelines.end()) return static_cast<std::size_t>(found - out_.lifelines.begin());
    if (out_.lifelines.size() >= options_.lifelines_max) return std::nullopt;
    out_.lifelines.push_back(who);
    return out_.lifelines.size() - 1;
  }

  // ---- bars

  bool is(const Lifeline& who, Is state) const {
    const auto found = open_.find({who.user, who.device});
    return found != open_.end() && out_.bars[found->second].is == state;
  }
  void begin_bar(const Lifeline& who, Is state) {
    end_bar(who);
    const auto line = line_of(who);
    if (!line) return;
    open_[{who.user, who.device}] = out_.bars.size();
    out_.bars.push_back({*line, state, out_.steps.size() - 1, out_.steps.size() - 1});
  }
  void end_bar(const Lifeline& who) { end_bar_of({who.user, who.device}); }
  void end_bar_of(const Key& key) {
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    out_.bars[found->second].last = out_.steps.empty() ? 0 : out_.steps.size() - 1;
    open_.erase(found);
  }

  SequenceDiagram& out_;
  const SequenceOptions& options_;
  const CallEvent* event_ = nullptr;
  std::map<std::uint32_t, Lifeline> holders_;  // by leg
  std::map<Key, std::size_t> open_;            // a device's bar that goes on
};

}  // namespace

Result<SequenceDiagram> sequence_of(std::span<const CallEvent> log, const SequenceOptions& options) {
  if (log.empty()) return fail(ErrorCode::store_corrupt, "a call's log is empty");
  const auto* created = std::get_if<CallCreated>(&log.front().body);
  if (!created) return fail_field(ErrorCode::store_corrupt, "v1", "a log begins with call.created");
  for (std::size_t i = 0; i < log.size(); ++i)
    if (log[i].version.value != i + 1)
      return fail_field(ErrorCode::store_corrupt, "v" + std::to_string(log[i].version.value), "versions must count up from 1");

  SequenceDiagram out{.start = log.front().at};
  if (!created->room) out.lifelines.push_back({created->caller, created->device});
  out.call = out.lifelines.size();
  out.lifelines.push_back({});
  Drawer drawer(out, options);
  const std::size_t drawn = std::min(log.size(), options.steps_max);
  for (const CallEvent& event : log.first(drawn)) drawer.draw(event);
  drawer.close();
  out.left_out = log.size() - drawn;
  for (SequenceStep& step : out.steps)
    if (step.kind == SequenceStep::Kind::banner) step.to = out.lifelines.size() - 1;

  std::string ended = created->room ? "room" : "live";
  if (const auto* end = std::get_if<CallEnded>(&log.back().body))
    ended = std::string(name(end->outcome)) + (end->cause ? ", " + std::string(name(*end->cause)) : "");
  out.title =
      shortened(printable("call " + log.front().call.str()), 64) + ", " + std::string(name(created->media)) + ": " + ended;
  return out;
}

}  // namespace zegocall
