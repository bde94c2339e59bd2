// Who is in which room of the provider, from callbacks that come twice, late and in any order. A pure engine: events and
// time in, changes and questions out. Driving rule: handle(), drain poll() and poll_question(), sleep to deadline(),
// on_deadline().
//
//   any order of the same events, with any of them repeated, leads to the same rooms() (while none is later than
//   `patience`, and the provider's times are right: an event of a room is not older than the room)
//
// It cannot see what was lost. Where it knows that something must have been, it asks the host to ask the provider; the
// answer goes in through learn_users() and learn_streams().
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "zegocall/zego/events.hpp"

namespace zegocall {

struct RoomOrderLimits {
  /// How long an event waits for the room_create that it belongs to. Then that counts as lost and the room as open.
  std::chrono::milliseconds patience{std::chrono::minutes(2)};
  /// How long what is over is remembered, so that a late event does not bring it back. More than the provider's retries.
  std::chrono::milliseconds memory{std::chrono::minutes(15)};
  std::size_t parked_per_room_max = 512;  ///< beyond it the oldest is dropped, and the room asked about
  std::size_t parked_max = 20'000;  ///< of all rooms; beyond it an event that would wait is dropped, and its room asked about
  std::chrono::milliseconds users_every{std::chrono::seconds(1)};     ///< between two questions about one room's users
  std::chrono::milliseconds streams_every{std::chrono::seconds(10)};  ///< and about its streams; the provider's limits
};

// ---- what changed ---------------------------------------------------------------------------------------------------

struct RoomOpened {
  RoomId room{};
  RoomSessionId session{};  ///< 0: only an answer of the provider says that it is open
  UnixTime at{};
  bool assumed = false;  ///< its room_create never came
};
struct RoomEnded {  ///< and with it all its users and streams, which get no change of their own
  RoomId room{};
  RoomSessionId session{};
  UnixTime at{};
  RoomCloseReason reason{};
  bool replaced = false;  ///< a newer session of the room came; `reason` says nothing
};
struct UserEntered {  ///< for somebody who is in already: with another login, which takes the place of the first
  RoomId room{};
  UserId user{};
  std::string login_id{};  ///< empty where only an answer of the provider says that they are in
  UnixTime at{};
};
struct UserLeft {
  RoomId room{};
  UserId user{};
  UnixTime at{};
  std::optional<LogoutReason> reason{};  ///< nothing: learnt from an answer
};
struct StreamAdded {  ///< for a stream that is there already: published again
  RoomId room{};
  StreamId stream{};
  UserId user{};
  UnixTime at{};
};
struct StreamRemoved {
  RoomId room{};
  StreamId stream{};
  UnixTime at{};
  std::optional<StreamCloseReason> reason{};
};
using RoomChange = std::variant<RoomOpened, RoomEnded, UserEntered, UserLeft, StreamAdded, StreamRemoved>;
/// "room-1001  user alice entered"; ids as they are.
std::string to_string(const RoomChange& change);

// ---- what to ask ----------------------------------------------------------------------------------------------------

enum class RoomDoubt : unsigned char { create_lost, too_many_parked, host };
/// "create_lost", ...
std::string_view name(RoomDoubt doubt);
/// Ask DescribeUserList (all its pages) or DescribeSimpleStreamList about this room, now; within the provider's limits for
/// one room. Those for the whole app are ServerApi's.
struct RoomQuestion {
  RoomId room{};
  bool streams = false;  ///< the streams, else the users
  RoomDoubt why{};
};

/// A stream as DescribeSimpleStreamList has it.
struct PublishedStream {
  StreamId stream{};
  UserId user{};
  UnixTime at{};
};

// ---- what is known --------------------------------------------------------------------------------------------------

struct KnownUser {
  UserId user{};
  std::string login_id{};
  UnixTime at{};
  bool operator==(const KnownUser&) const = default;
};
struct KnownStream {
  StreamId stream{};
  UserId user{};
  UnixTime at{};
  bool operator==(const KnownStream&) const = default;
};
struct KnownRoom {
  RoomId room{};
  RoomSessionId session{};
  UnixTime created{};
  std::vector<KnownUser> users{};      ///< by user id
  std::vector<KnownStream> streams{};  ///< by stream id
  bool operator==(const KnownRoom&) const = default;
};

/// Move-only; one thread at a time.
class RoomOrder {
 public:
  explicit RoomOrder(RoomOrderLimits limits = {});
  RoomOrder(RoomOrder&&) noexcept;
  RoomOrder& operator=(RoomOrder&&) noexcept;
  ~RoomOrder();

  /// Takes the events of rooms and streams; others do nothing. Stale and repeated ones do nothing.
  void handle(const ProviderEvent& event, UnixTime now);
  /// The next change, in order; each is told once.
  std::optional<RoomChange> poll();
  /// The next question that may be asked now. on_deadline() first when time has passed.
  std::optional<RoomQuestion> poll_question();
  std::optional<UnixTime> deadline() const;
  void on_deadline(UnixTime now);

  /// Something may have been lost (a restart, an outage): asks about this room, or about every open one.
  void doubt(const RoomId& room, UnixTime now);
  void doubt_all(UnixTime now);
  /// The answers, whole. `asked` is from before the (first) request left: what callbacks told of later times stands.
  void learn_users(const RoomId& room, std::span<const UserId> users, UnixTime asked, UnixTime now);
  void learn_streams(const RoomId& room, std::span<const PublishedStream> streams, UnixTime asked, UnixTime now);

  /// Every open room, by room id.
  std::vector<KnownRoom> rooms() const;
  std::optional<KnownRoom> find(const RoomId& room) const;
  std::size_t parked() const;  ///< events that wait

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
