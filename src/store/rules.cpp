#include "store/rules.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/utf8.hpp"

namespace zegocall::store_detail {

namespace {

using Limits = StoreLimits;

/// Where a field stands: "parts.0.after.legs.1.user". Its text is made only for an error.
class Place {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a field of the record itself is its own place
  Place(const char* name) : name_(name) {}
  Place(const char* list, std::size_t index) : name_(list), index_(index) {}
  /// `in` must outlive the new one.
  Place(const Place& in, const char* name) : in_(&in), name_(name) {}
  Place(const Place& in, const char* list, std::size_t index) : in_(&in), name_(list), index_(index) {}
  std::string text() const {
    std::string out = in_ ? in_->text() + "." + name_ : name_;
    if (index_) out += "." + std::to_string(*index_);
    return out;
  }

 private:
  const Place* in_ = nullptr;
  const char* name_;
  std::optional<std::size_t> index_{};
};

/// The first thing that is wrong with a record; later checks are skipped.
class Checker {
 public:
  bool fine() const { return !error_; }
  void text(std::string_view value, std::size_t most, const Place& field) {
    if (error_) return;
    if (value.size() > most) {
      error_ = Error{ErrorCode::out_of_range, field.text(), "at most " + std::to_string(most) + " bytes"};
    } else if (!base_detail::is_utf8(value)) {
      error_ = Error{ErrorCode::bad_utf8, field.text(), "must be UTF-8"};
    }
  }
  void id(std::string_view value, const Place& field) {
    if (!error_ && value.empty()) error_ = Error{ErrorCode::invalid_argument, field.text(), "must not be empty"};
    text(value, Limits::id_bytes_max, field);
  }
  void count(std::size_t value, std::size_t least, std::size_t most, const Place& field) {
    if (error_ || (value >= least && value <= most)) return;
    error_ = Error{ErrorCode::out_of_range, field.text(), "must be " + std::to_string(least) + " to " + std::to_string(most)};
  }
  void that(bool holds, const Place& field, const char* detail) {
    if (!error_ && !holds) error_ = Error{ErrorCode::invalid_argument, field.text(), detail};
  }
  Result<void> result() && {
    if (error_) return unexpected(std::move(*error_));
    return {};
  }

 private:
  std::optional<Error> error_{};
};

void check_leg(Checker& checker, const LegView& leg, const Place& at) {
  checker.id(leg.user.view(), {at, "user"});
  checker.text(leg.device.view(), Limits::id_bytes_max, {at, "device"});
  checker.count(leg.devices.size(), 0, Limits::devices_max, {at, "devices"});
  for (std::size_t i = 0; i < leg.devices.size() && checker.fine(); ++i)
    checker.text(leg.devices[i].device.view(), Limits::id_bytes_max, {{at, "devices", i}, "device"});
}

void check_view(Checker& checker, const CallView& call, const Place& at) {
  checker.id(call.id.view(), {at, "id"});
  checker.id(call.caller.view(), {at, "caller"});
  checker.text(call.ended_by.view(), Limits::id_bytes_max, {at, "ended_by"});
  checker.text(call.end_note, Limits::text_bytes_max, {at, "end_note"});
  checker.text(call.topic, Limits::text_bytes_max, {at, "topic"});
  checker.count(call.legs.size(), 0, Limits::legs_max, {at, "legs"});
  for (std::size_t i = 0; i < call.legs.size() && checker.fine(); ++i) check_leg(checker, call.legs[i], {at, "legs", i});
  const bool ended = call.state == CallState::ended;
  checker.that(ended == call.ended_at.has_value(), {at, "ended_at"}, "must be there exactly when the call has ended");
  checker.that(!ended || call.deadlines.empty(), {at, "deadlines"}, "a call that has ended has none");
}

/// The texts that an event may carry; `field` is the event's path.
struct CheckEvent {
  Checker& checker;
  const Place& field;
  template <class Body>
  void operator()(const Body& body) const {
    if constexpr (requires { body.user; }) checker.text(body.user.view(), Limits::id_bytes_max, {field, "user"});
    if constexpr (requires { body.device; }) checker.text(body.device.view(), Limits::id_bytes_max, {field, "device"});
    if constexpr (requires { body.caller; }) checker.text(body.caller.view(), Limits::id_bytes_max, {field, "caller"});
    if constexpr (requires { body.by; }) checker.text(body.by.view(), Limits::id_bytes_max, {field, "by"});
    if constexpr (requires { body.topic; }) checker.text(body.topic, Limits::text_bytes_max, {field, "topic"});
    if constexpr (requires { body.note; }) checker.text(body.note, Limits::text_bytes_max, {field, "note"});
  }
};

void check_part(Checker& checker, const CallChange::Part& part, const Place& at) {
  check_view(checker, part.after, {at, "after"});
  checker.count(part.events.size(), part.expected.value == 0 ? 1 : 0, Limits::events_max, {at, "events"});
  const auto version_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - Limits::events_max;
  checker.that(part.expected.value <= version_max, {at, "expected"}, "is not a version");
  checker.that(part.after.version.value == part.expected.value + part.events.size(), {{at, "after"}, "version"},
               "must be the expected version and one more for each event");
  for (std::size_t i = 0; i < part.events.size() && checker.fine(); ++i) {
    const CallEvent& event = part.events[i];
    const Place field(at, "events", i);
    checker.that(event.call == part.after.id, {field, "call"}, "must be the call of the snapshot");
    checker.that(event.version.value == part.expected.value + i + 1, {field, "version"}, "must follow the one before");
    std::visit(CheckEvent{checker, field}, event.body);
  }
}

void check_answer(Checker& checker, const CommandAnswer& answer) {
  checker.id(answer.user.view(), "answer.user");
  checker.id(answer.command.view(), "answer.command");
  checker.text(answer.call.view(), Limits::id_bytes_max, "answer.call");
  checker.that(answer.version.value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()), "answer.version",
               "is not a version");
  if (!answer.error) return;
  checker.text(answer.error->field, Limits::text_bytes_max, "answer.error.field");
  checker.text(answer.error->detail, Limits::text_bytes_max, "answer.error.detail");
}

void check_missed(Checker& checker, const CallChange& change, std::size_t index) {
  const MissedCall& missed = change.missed[index];
  const Place at("missed", index);
  checker.id(missed.user.view(), {at, "user"});
  checker.text(missed.caller.view(), Limits::id_bytes_max, {at, "caller"});
  const auto of_part = [&](const CallChange::Part& part) { return part.after.id == missed.call; };
  checker.that(std::any_of(change.parts.begin(), change.parts.end(), of_part), {at, "call"}, "must be a call of the change");
  for (std::size_t j = 0; j < index && checker.fine(); ++j)
    checker.that(change.missed[j].call != missed.call || change.missed[j].leg != missed.leg, {at, "leg"},
                 "is in the change twice");
}

}  // namespace

Result<void> check(const CallChange& change) {
  Checker checker;
  for (std::size_t i = 0; i < change.parts.size() && checker.fine(); ++i) {
    check_part(checker, change.parts[i], {"parts", i});
    for (std::size_t j = 0; j < i; ++j)
      checker.that(change.parts[j].after.id != change.parts[i].after.id, {{{"parts", i}, "after"}, "id"},
                   "is in the change twice");
  }
  if (change.answer) check_answer(checker, *change.answer);
  for (std::size_t i = 0; i < change.outbox.size() && checker.fine(); ++i) {
    checker.text(change.outbox[i].topic, Limits::text_bytes_max, {{"outbox", i}, "topic"});
    checker.text(change.outbox[i].body, Limits::outbox_bytes_max, {{"outbox", i}, "body"});
    checker.text(change.outbox[i].order, Limits::id_bytes_max, {{"outbox", i}, "order"});
    checker.text(change.outbox[i].id, Limits::text_bytes_max, {{"outbox", i}, "id"});
  }
  for (std::size_t i = 0; i < change.missed.size() && checker.fine(); ++i) check_missed(checker, change, i);
  return std::move(checker).result();
}

Result<void> check(const AccountRecord& account) {
  Checker checker;
  checker.id(account.id.view(), "id");
  checker.id(account.name, "name");
  checker.text(account.email, Limits::text_bytes_max, "email");
  checker.text(account.display_name, Limits::text_bytes_max, "display_name");
  checker.text(account.picture_url, Limits::text_bytes_max, "picture_url");
  checker.text(account.password_hash, Limits::text_bytes_max, "password_hash");
  return std::move(checker).result();
}

Result<void> check(const ChatRecord& chat) {
  Checker checker;
  checker.id(chat.id, "id");
  checker.count(chat.members.size(), 2, Limits::chat_members_max, "members");
  for (std::size_t i = 0; i < chat.members.size() && checker.fine(); ++i) {
    checker.id(chat.members[i].view(), {"members", i});
    checker.that(i == 0 || chat.members[i - 1] < chat.members[i], {"members", i}, "members must be sorted, without repeats");
  }
  return std::move(checker).result();
}

Result<void> check(const PageRequest& page) {
  Checker checker;
  if (page.page == 0) return fail_field(ErrorCode::out_of_range, "page", "must be 1 or more");
  checker.count(page.size, 1, Limits::page_size_max, "size");
  return std::move(checker).result();
}

Result<void> check(const PersonSettings& settings) {
  Checker checker;
  checker.id(settings.user.view(), "user");
  return std::move(checker).result();
}

Result<void> check(const Block& block) {
  Checker checker;
  checker.id(block.user.view(), "user");
  checker.id(block.blocked.view(), "blocked");
  checker.that(block.user != block.blocked, "blocked", "nobody blocks themselves");
  return std::move(checker).result();
}

Result<void> check(const RoomMessage& message) {
  Checker checker;
  checker.id(message.call.view(), "call");
  checker.id(message.user.view(), "user");
  checker.that(message.number > 0 && message.number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
               "number", "must be 1 or more");
  checker.text(message.text, Limits::room_text_bytes_max, "text");
  return std::move(checker).result();
}

Result<void> check(const PasscodeRecord& passcode) {
  Checker checker;
  checker.id(passcode.call.view(), "call");
  checker.text(passcode.hash, Limits::text_bytes_max, "hash");
  return std::move(checker).result();
}

Result<void> check(const JoinCodeRecord& code) {
  Checker checker;
  checker.id(code.digest, "digest");
  checker.id(code.call.view(), "call");
  checker.text(code.code, Limits::id_bytes_max, "code");
  return std::move(checker).result();
}

Result<void> check_reason(const std::string& reason) {
  Checker checker;
  checker.text(reason, Limits::text_bytes_max, "reason");
  return std::move(checker).result();
}

Result<void> check_erase(const UserId& user, const UserId& instead) {
  Checker checker;
  checker.id(user.view(), "user");
  checker.id(instead.view(), "instead");
  checker.that(user != instead, "instead", "must be another id");
  return std::move(checker).result();
}

std::uint64_t first_of(const PageRequest& page) { return (std::uint64_t{page.page} - 1) * page.size; }

namespace {
std::vector<UserId> sorted_once(std::vector<UserId> users) {
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}
}  // namespace

std::vector<UserId> seats_of(const CallView& call) {
  std::vector<UserId> users;
  if (call.state == CallState::ended) return users;
  for (const LegView& leg : call.legs)
    if (leg.state != LegState::final && holds_seat(call, leg)) users.push_back(leg.user);
  return sorted_once(std::move(users));
}

std::vector<UserId> second_legs_of(const CallView& call) {
  std::vector<UserId> users;
  if (call.state == CallState::ended) return users;
  for (const LegView& leg : call.legs)
    if (leg.state != LegState::final && !holds_seat(call, leg)) users.push_back(leg.user);
  return sorted_once(std::move(users));
}

std::vector<UserId> seats_released(const std::vector<UserId>& held, const std::vector<UserId>& kept) {
  std::vector<UserId> released;
#ifndef ZEGOCALL_FAULT_SEAT_NOT_RELEASED  // a planted fault: the conformance suite must catch it
  std::set_difference(held.begin(), held.end(), kept.begin(), kept.end(), std::back_inserter(released));
#else
  (void)held, (void)kept;
#endif
  return released;
}

std::vector<UserId> members_of(const CallView& call) {
  std::vector<UserId> users;
  for (const LegView& leg : call.legs)
    if (!leg.hidden) users.push_back(leg.user);
  return sorted_once(std::move(users));
}

bool is_room_of(const CallView& call, const UserId& user) {
  if (!call.is_room()) return false;
  return call.room_view().host == user || call.room_view().member(user) || call.live_leg_of(user);
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string members_key(const std::vector<UserId>& members) {
  std::string key;
  for (const UserId& user : members) key.append(std::to_string(user.view().size())).append(":").append(user.view());
  return key;
}

Unexpected version_conflict(std::size_t part, Version expected, std::optional<Version> found) {
  const std::string is = found ? "has version " + std::to_string(found->value) : "does not exist";
  return fail_field(ErrorCode::conflict, Place({"parts", part}, "expected").text(),
                    "the call " + is + ", not version " + std::to_string(expected.value));
}

Unexpected seat_conflict(std::size_t part, const CallView& after, const UserId& user) {
  std::size_t leg = 0;
  while (leg < after.legs.size() && (after.legs[leg].user != user || after.legs[leg].state == LegState::final)) ++leg;
  return fail_field(ErrorCode::conflict, Place({{{"parts", part}, "after"}, "legs", leg}, "user").text(), "sits in another call");
}

Unexpected answer_conflict() { return fail_field(ErrorCode::conflict, "answer", "this command has its answer already"); }

Unexpected ended_already(std::size_t part) {
  return fail_field(ErrorCode::invalid_state, Place({{"parts", part}, "after"}, "id").text(),
                    "the call has ended and never changes again");
}

Unexpected taken(std::string field) { return fail_field(ErrorCode::already_exists, std::move(field), "is taken"); }

Unexpected no_message() { return fail_field(ErrorCode::not_found, "number", "there is no such message"); }

Unexpected not_first_of_order() { return fail_field(ErrorCode::invalid_state, "number", "an older message of its order waits"); }

Unexpected no_call() { return fail_field(ErrorCode::not_found, "call", "no such call"); }

Unexpected too_many_blocks() {
  return fail_field(ErrorCode::limit_exceeded, "blocked", "at most " + std::to_string(Limits::blocks_max) + " people");
}

Unexpected sits_in_a_call() { return fail_field(ErrorCode::invalid_state, "user", "sits in a live call"); }

Unexpected no_transaction() { return fail(ErrorCode::invalid_state, "no transaction is open"); }

}  // namespace zegocall::store_detail

namespace zegocall {

std::string_view name(OutboxLane lane) {
  switch (lane) {
    case OutboxLane::host: return "host";
    case OutboxLane::provider: return "provider";
  }
  return "host";
}

}  // namespace zegocall
