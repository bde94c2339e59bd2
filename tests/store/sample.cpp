#include "store/sample.hpp"

#include <stdlib.h>

#include <filesystem>

namespace zegocall::test {

namespace {

LegView leg(std::uint32_t number, const UserId& user, LegRole role, LegState state, std::int64_t ms) {
  LegView out;
  out.number = number;
  out.user = user;
  out.role = role;
  out.state = state;
  out.invited_at = at(ms);
  return out;
}

/// Appends an event and counts the version on.
void say(CallChange::Part& part, std::int64_t ms, EventBody body) {
  part.after.version.value++;
  part.events.push_back({part.after.id, part.after.version, at(ms), std::move(body)});
}

CallChange::Part part_after(const CallView& before) { return {before.version, {}, before}; }

void finish_leg(CallChange::Part& part, LegView& leg, std::int64_t ms) {
  leg.state = LegState::final;
  leg.outcome = LegOutcome::completed;
  leg.final_at = at(ms);
  say(part, ms, LegFinal{leg.number, leg.user, leg.device, LegOutcome::completed});
}

}  // namespace

CallChange start(const CallId& id, const UserId& caller, const UserId& callee, std::int64_t ms) {
  CallChange::Part part;
  part.after.id = id;
  part.after.caller = caller;
  part.after.created_at = at(ms);
  part.after.legs = {leg(1, caller, LegRole::caller, LegState::accepted, ms),
                     leg(2, callee, LegRole::callee, LegState::invited, ms)};
  part.after.deadlines = {{Timer::delivery, 2, at(ms + 10'000)}, {Timer::ring, 2, at(ms + 60'000)}};
  say(part, ms, CallCreated{caller, {}, Media::audio, {}, {}});
  say(part, ms, LegInvited{2, callee, at(ms + 60'000)});
  CallChange change;
  change.parts.push_back(std::move(part));
  return change;
}

CallChange accept(const CallView& before, std::int64_t ms) {
  CallChange::Part part = part_after(before);
  LegView& callee = part.after.legs[1];
  callee.accepted_at = part.after.answered_at = at(ms);
  callee.device = "phone";
  say(part, ms, LegAccepted{2, callee.user, callee.device});
  part.after.deadlines.clear();
  for (LegView& one : part.after.legs) {
    one.state = LegState::joining;
    part.after.deadlines.push_back({Timer::join, one.number, at(ms + 30'000)});
    say(part, ms, LegJoining{one.number, one.user, at(ms + 30'000)});
  }
  CallChange change;
  change.parts.push_back(std::move(part));
  return change;
}

CallChange hang_up(const CallView& before, std::int64_t ms) {
  CallChange::Part part = part_after(before);
  for (LegView& one : part.after.legs)
    if (one.state != LegState::final) finish_leg(part, one, ms);
  part.after.deadlines.clear();
  part.after.state = CallState::ended;
  part.after.ended_at = at(ms);
  part.after.outcome = CallOutcome::answered;
  part.after.end_cause = EndCause::hangup;
  part.after.ended_by = before.caller;
  say(part, ms, CallEnded{CallOutcome::answered, EndCause::hangup, before.caller, "bye"});
  CallChange change;
  change.parts.push_back(std::move(part));
  return change;
}

CallChange leave(const CallView& before, const UserId& user, std::int64_t ms) {
  CallChange::Part part = part_after(before);
  for (LegView& one : part.after.legs)
    if (one.user == user) finish_leg(part, one, ms);
  part.after.deadlines = {{Timer::alone, 0, at(ms + 60'000)}};
  CallChange change;
  change.parts.push_back(std::move(part));
  return change;
}

namespace {
RoomUpdated full_update() {
  RoomUpdated out;
  out.by = "alice";
  out.locked = true;
  out.lobby = LobbyRule::until_host;
  out.capacity = 12;
  out.passcode = PasscodeStamp(77);
  out.host = "carol";
  out.metadata = "{}";
  out.attribute = Attribute{"slide", "4", 2};
  out.attribute_removed = "old";
  out.member = RoomMember{"dave", "speaker"};
  out.banned = Ban{"eve", "alice", at(90'000), at(30'000)};
  out.unbanned = "mallory";
  out.code = JoinCode{"code-1", "guest", 3, at(80'000)};
  out.code_removed = "code-0";
  return out;
}

RoomView full_room_view() {
  RoomView room;
  room.settings.from = "classroom";
  room.settings.type = RoomType::invited_only;
  room.settings.lobby = LobbyRule::on;
  room.settings.host_policy = HostPolicy::hand_over;
  room.settings.consent = RecordingConsent::ask;
  room.settings.knock = false;
  room.settings.roles = {{"scribe", 3, {Capability::chat, Capability::metadata}}};
  room.settings.schedule = Schedule{at(1'000'000), std::chrono::minutes(5), std::chrono::minutes(6), std::chrono::minutes(7)};
  room.host = "alice";
  room.locked = true;
  room.passcode = PasscodeStamp(76);
  room.members = {{"alice", "host"}, {"bob", {}}};
  room.bans = {{"eve", "alice", std::nullopt}};
  room.codes = {{"code-1", "guest", 3, at(80'000)}};
  room.recording = RecordingState::on;
  room.recording_by = "alice";
  room.metadata = "{}";
  room.metadata_version = 3;
  room.attributes = {{"slide", "4", 2}};
  return room;
}
}  // namespace

CallView full_room() {
  CallView call;
  call.id = "65a1b2c30011223344556688";
  call.version = Version(40);
  call.kind = CallKind::room;
  call.state = CallState::active;
  call.caller = "alice";
  call.policy.max_duration = std::chrono::hours(1);
  call.policy.ring_policy = RingPolicy::hunt;
  call.active_at = at(900);
  call.hunt_next = {"frank"};
  call.room = full_room_view();
  LegView one = leg(1, "alice", LegRole::entrant, LegState::joined, 100);
  one.room_role = "host";
  one.media.audio = one.media.screen_barred = true;
  one.on_hold = one.second = one.hidden = one.blocked = one.moved = true;
  one.consent = ConsentState::given;
  one.hand = HandView{at(300), "speaker"};
  one.login = LoginView{"login-9", at(250)};
  one.back_at = at(41'000);
  one.token_until = at(3'600'000);
  one.not_before = at(5);
  call.legs = {one};
  return call;
}

std::vector<CallEvent> one_of_each_event() {
  CallPolicy policy;
  policy.ring = std::chrono::milliseconds(45'001);
  policy.glare = GlarePolicy::busy;
  const std::vector<EventBody> bodies{
      CallCreated{"alice", "web", Media::video, "chat-7", policy},
      LegInvited{2, "bob", at(60'000)},
      DeviceRing{2, "bob", "phone", 2},
      LegDelivered{2, "bob", "phone"},
      LegAlerting{2, "bob", "phone"},
      LegAccepted{2, "bob", "phone"},
      DeviceDismiss{2, "bob", "laptop", DeviceOutcome::answered_elsewhere},
      LegJoining{2, "bob", at(90'000)},
      LegJoined{2, "bob", "phone"},
      CallActive{},
      LegReconnecting{2, "bob", at(120'000)},
      LegResumed{2, "bob", "phone"},
      LegFinal{2, "bob", "phone", LegOutcome::completed},
      CallEnded{CallOutcome::answered, EndCause::hangup, "bob", "good night"},
      CallEnding{EndCause::ended_by_host, "alice", "late", at(70'000)},
      LegEntered{3, "carol", "pad", "speaker"},
      LegWaiting{3, "carol", at(600'000), "it is me"},
      LegAdmitted{3, "carol", "alice"},
      LegMoved{3, "carol", "phone"},
      LegHeld{2, "bob", true},
      LegMedia{2, "bob", true, false, true},
      LegLeased{2, "bob", at(99'000)},
      LegLogin{2, "bob", "login-9", at(98'000)},
      full_update(),
      RoleChanged{3, "carol", "cohost", "alice"},
      HandChanged{3, "carol", true, "speaker", "carol"},
      MuteRequested{3, "carol", Track::video, "alice"},
      MuteForced{3, "carol", Track::screen, "alice", true},
      RecordingChanged{RecordingState::asked, "alice"},
      ConsentChanged{3, "carol", true},
      TokenRenewed{3, "carol", at(3'600'000)},
      TokenRevoked{3, "carol", at(50'000)},
      LimitWarning{5},
      ReconcileCorrected{0, "dave", "in the media room without a seat"},
      CallCreated{"alice", "web", Media::video, "lesson", policy, {"bob", "carol"}, full_room_view()},
      LegInvited{2, "bob", at(60'000), "carol", "speaker", true, true, true},
      LegFinal{2, "bob", "phone", LegOutcome::kicked, "alice"},
      CallEnded{CallOutcome::glare_merged, {}, {}, {}, "the-other"}};
  std::vector<CallEvent> events;
  for (const EventBody& body : bodies)
    events.push_back(
        {"65a1b2c30011223344556677", Version(events.size() + 1), at(static_cast<std::int64_t>(events.size()) * 100), body});
  return events;
}

CallView full_call() {
  CallView call;
  call.id = "65a1b2c30011223344556677";
  call.version = Version(14);
  call.state = CallState::ended;
  call.media = Media::video;
  call.caller = "alice";
  call.policy.ring = std::chrono::milliseconds(45'001);
  call.policy.glare = GlarePolicy::busy;
  call.outcome = CallOutcome::answered;
  call.end_cause = EndCause::hangup;
  call.ended_by = "bob";
  call.end_note = "good night";
  call.topic = "chat-7";
  call.created_at = at(0);
  call.answered_at = at(500);
  call.active_at = at(800);
  call.ended_at = at(1300);
  call.deadlines = {{Timer::alone, 0, at(2000)}};
  LegView bob = leg(2, "bob", LegRole::callee, LegState::final, 100);
  bob.device = "phone";
  bob.devices = {{"phone", true, true, DeviceOutcome::answered_here}, {"laptop", true, false, DeviceOutcome::answered_elsewhere}};
  bob.outcome = LegOutcome::completed;
  bob.alerting_at = at(400), bob.accepted_at = at(500), bob.joined_at = at(800), bob.final_at = at(1300);
  bob.delivered = true;
  call.legs = {leg(1, "alice", LegRole::caller, LegState::accepted, 0), bob};
  return call;
}

AccountRecord account(const std::string& name, std::int64_t ms) {
  return {UserId("id-" + name),          name,  name + "@example.org", "The " + name, "https://example.org/" + name + ".png",
          "$y$j9T$invented$for-" + name, at(ms)};
}

ChatRecord chat(const std::string& id, std::vector<UserId> members, std::int64_t ms) { return {id, std::move(members), at(ms)}; }

std::string show(UnixTime time) { return std::to_string(time.time_since_epoch().count()); }
std::string show(const CommandAnswer& answer) {
  return answer.user.str() + "/" + answer.command.str() + " " + answer.call.str() + " v" + std::to_string(answer.version.value) +
         " " + (answer.error ? to_string(*answer.error) : "done") + " " + show(answer.keep_until);
}
std::string show(const AccountRecord& a) {
  return a.id.str() + "|" + a.name + "|" + a.email + "|" + a.display_name + "|" + a.picture_url + "|" + a.password_hash + "|" +
         show(a.created_at);
}
std::string show(const ChatRecord& c) {
  std::string out = c.id + "|" + show(c.created_at);
  for (const UserId& user : c.members) out += "|" + user.str();
  return out;
}
std::string show(const CallView& call) { return store_detail::encode_snapshot(call); }
std::string show(const CallEvent& event) { return store_detail::encode_event(event); }
std::string show(const DueDeadline& due) {
  return due.call.str() + " " + std::string(name(due.deadline.timer)) + " " + std::to_string(due.deadline.leg) + " " +
         show(due.deadline.at);
}
std::string show(const OutboxEntry& entry) {
  return std::to_string(entry.number) + " " + entry.message.topic + " " + entry.message.body + " " + show(entry.message.at) +
         " " + std::string(name(entry.message.lane)) + ":" + entry.message.order + "/" + entry.message.id + " " +
         std::to_string(entry.attempts) + " due " + show(entry.due);
}
std::string show(const DeadLetter& letter) { return show(letter.entry) + " died " + show(letter.died) + " " + letter.reason; }
std::string show(const PersonSettings& settings) {
  return settings.user.str() + (settings.dnd ? " dnd " : " ") + show(settings.dnd_until);
}
std::string show(const Block& block) { return block.user.str() + " blocks " + block.blocked.str() + " " + show(block.at); }
std::string show(const MissedCall& call) {
  return call.user.str() + " missed " + call.caller.str() + " " + call.call.str() + "/" + std::to_string(call.leg) + " " +
         std::string(name(call.outcome)) + " " + show(call.at) + " seen " + show(call.seen);
}
std::string show(const RoomMessage& message) {
  return message.call.str() + " " + std::to_string(message.number) + " " + message.user.str() + ": " + message.text + " " +
         show(message.at);
}
std::string show(const PasscodeRecord& passcode) {
  return passcode.call.str() + " " + std::to_string(passcode.stamp) + " " + passcode.hash;
}
std::string show(const JoinCodeRecord& code) {
  return code.digest + " " + code.call.str() + " " + code.code + " " + show(code.expires);
}

std::string dump(Store& store, const std::vector<UserId>& people) {
  std::string out = "calls " + show(store.calls({1, 100}));
  auto calls = store.calls({1, 100});
  if (calls)
    for (const CallView& call : calls->items)
      out += "\nevents " + show(store.events(call.id, Version{})) + show(store.room_messages(call.id, 0, 1000)) +
             show(store.passcode(call.id));
  out += "\nlive " + show(store.live_calls()) + "\ndue " + show(store.due(UnixTime::max(), 1000)) + "\nnext " +
         show(store.next_deadline()) + "\noutbox " + show(store.outbox(OutboxLane::host, 1000)) +
         show(store.outbox_due(OutboxLane::host, UnixTime::max(), 1000)) + show(store.outbox(OutboxLane::provider, 1000)) +
         show(store.outbox_due(OutboxLane::provider, UnixTime::max(), 1000)) + "\ndead " + show(store.dead_letters({1, 100})) +
         "\naccounts " + show(store.accounts(1000));
  for (const UserId& user : people) {
    out += "\nof " + user.str() + " " + show(store.calls_of({user})) + show(store.history(user, {1, 100})) +
           show(store.chats_of(user, {1, 100})) + show(store.account(user)) + show(store.settings(user)) +
           show(store.blocks(user, {1, 100})) + show(store.missed(user, {1, 100}));
    for (const char* command : {"c1", "c2", "c3", "c4"}) out += show(store.answer(user, CommandId(std::string_view(command))));
  }
  return out;
}

Result<void> change_alone(Store& store, const CallChange& change) {
  if (auto begun = store.begin(); !begun) return begun;
  auto changed = store.change(change);
  if (changed) return store.commit();
  store.rollback();
  return changed;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-store-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace zegocall::test
