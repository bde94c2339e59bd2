// Invented calls for the store's tests, built by hand: a store must not need the engine.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "store/codec.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::test {

inline UnixTime at(std::int64_t ms) { return UnixTime(std::chrono::milliseconds(1'700'000'000'000 + ms)); }

/// A call in which `caller` rings `callee`: versions 1 and 2.
CallChange start(const CallId& id, const UserId& caller, const UserId& callee, std::int64_t ms);
/// The callee says yes: the next three versions of `before`.
CallChange accept(const CallView& before, std::int64_t ms);
/// Hung up by the caller: all legs final, the call ended.
CallChange hang_up(const CallView& before, std::int64_t ms);
/// One leg goes, the other stays.
CallChange leave(const CallView& before, const UserId& user, std::int64_t ms);

/// One event of each kind, with every member set.
std::vector<CallEvent> one_of_each_event();
/// A call with every member set to something that is not its default.
/// A room, with everything that a room has.
CallView full_room();
CallView full_call();

AccountRecord account(const std::string& name, std::int64_t ms);
ChatRecord chat(const std::string& id, std::vector<UserId> members, std::int64_t ms);

/// Values as text, so that answers of two stores can be compared and printed.
std::string show(UnixTime time);
std::string show(const CommandAnswer& answer);
std::string show(const AccountRecord& account);
std::string show(const ChatRecord& chat);
std::string show(const CallView& call);
std::string show(const CallEvent& event);
std::string show(const DueDeadline& due);
std::string show(const OutboxEntry& entry);
std::string show(const DeadLetter& letter);
std::string show(const PersonSettings& settings);
std::string show(const Block& block);
std::string show(const MissedCall& call);
std::string show(const RoomMessage& message);
std::string show(const PasscodeRecord& passcode);
std::string show(const JoinCodeRecord& code);
inline std::string show(std::uint64_t number) { return std::to_string(number); }
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "nothing";
}
template <class T>
std::string show(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) out += show(value) + "\n";
  return out + "]";
}
template <class T>
std::string show(const Page<T>& page) {
  return std::to_string(page.total) + " " + show(page.items);
}
inline std::string show(const Result<void>& result) { return result ? "done" : to_string(result.error()); }
template <class T>
std::string show(const Result<T>& result) {
  return result ? show(*result) : to_string(result.error());
}

/// Everything that the store can be asked about these people, as one text.
std::string dump(Store& store, const std::vector<UserId>& people);

/// Runs one change in a transaction of its own.
Result<void> change_alone(Store& store, const CallChange& change);

/// A folder for one test's files, gone when it goes.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline void done(const Result<void>& result) {
  INFO(show(result));
  REQUIRE(result);
}
template <class T>
T value(Result<T> result) {
  INFO(show(result));
  REQUIRE(result);
  return std::move(result).value();
}
template <class T>
void refused(const Result<T>& result, ErrorCode code, const std::string& field) {
  REQUIRE_FALSE(result);
  CHECK(name(result.error().code) == name(code));
  CHECK(result.error().field == field);
}

}  // namespace zegocall::test
