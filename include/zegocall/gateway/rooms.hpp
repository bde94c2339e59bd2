// Rooms through a gateway, for routes and words: passcodes and join codes at the door, the commands of those in charge,
// chat, and what a room looks like as JSON. Rules are decide()'s; this reads, hashes where hashing may take its time, and
// tells everybody concerned.
//
//   auto rooms = Rooms::open(gateway, calls, store, *hasher, system_bytes());
//   http.route(Method::post, "/rooms/:id/join", [&](const HttpRequest& r) -> Result<HttpResponse> {
//     return rooms->enter(r, {.by = actor(r.identity()), .call = CallId(r.path("id")), .body = Join{}}, *read_entry(r))
//         .transform([](const CallView& room) { return http_json(200, room_json(room)); });
//   }, Run::worker);
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/password.hpp"
#include "zegocall/gateway.hpp"
#include "zegocall/service/door.hpp"
#include "zegocall/service/room_chat.hpp"

namespace zegocall {

// ---- words ----------------------------------------------------------------------------------------------------------

/// A command of the call model by its name, with its members read from an object ({"user": "...", "banSeconds": 600}); null
/// stands for {}. Everything but what needs the door (create_room, join, knock, set_passcode, add_join_code) and what only
/// drivers say. accept is among them, for rooms without a passcode: read_entry and Rooms::enter take one. Members are those of
/// call/commands.hpp in camel case; durations are whole seconds ("banSeconds", 0: for as long as the room lives). Errors:
/// unknown_event (field "word"), missing_field, mistyped_field, invalid_argument with the member's name; that also for a member
/// that the word does not have.
Result<CommandBody> read_command(std::string_view word, JsonView in);
/// The same with the member `expected`, the version that the call must have (Command::expected): body and expected are set,
/// the rest is the caller's. set_metadata and set_attribute have an `expected` of their own, and no other. `beside`: members
/// that the caller reads.
Result<Command> read_wish(std::string_view word, JsonView in, std::initializer_list<std::string_view> beside = {});
/// {"expected": 17} of an object or null, for commands that are not read by a word; absent is nothing.
Result<std::optional<Version>> read_expected(JsonView in);
/// invalid_argument with the name of the first member that is none of these; mistyped_field for what is neither an object nor
/// null.
Result<void> check_members(JsonView in, std::initializer_list<std::string_view> known);
/// The words that read_command knows, in order.
std::vector<std::string_view> command_words();

/// A room's setup from an object: template, title, type, capacity, lobby, hostPolicy, entryRole, consent, knock,
/// maxSeconds, media ("audio", "video"), members ([{"user", "role"}]), roles ([{"name", "rank", "may": ["kick", ...]}]),
/// schedule ({"startsAt": "2027-01-01T09:00:00Z", "earlySeconds", "lateSeconds", "noShowSeconds"}). Errors as read_command;
/// a passcode may be there and is not read.
Result<CreateRoom> read_room(JsonView in);

/// A room for somebody who is in it: make it from CallService::snapshot's whole call, which leaves out what is not for them.
Json room_json(const CallView& room);
/// An event as the people of a room may hear it: {callId, version, at, topic, event}. What only those in charge may know
/// (join codes, bans) is left out: they ask for the room. The versions have no gaps.
Args room_event(const Told& told);

// ---- use cases ------------------------------------------------------------------------------------------------------

/// What somebody has with them at the door. The passcode is wiped with the value.
struct EntryWords {
  Secret passcode{};
  std::string code{};  ///< a join code, as typed
};
/// From {"passcode", "code"} of a body; absent is empty.
Result<EntryWords> read_entry(JsonView in);

struct RoomsOptions {
  DoorOptions door{};
  RoomChatOptions chat{};
};

struct GivenJoinCode {
  JoinCodeId id{};
  std::string text{};  ///< to be told to whoever made it, once
  CallView room{};
};

/// Move-only. What it is made of must outlive it.
class Rooms {
 public:
  static constexpr std::chrono::seconds code_lifetime_max = std::chrono::hours(24 * 30);

  /// Errors: those of RoomChat::open.
  static Result<Rooms> open(Gateway& gateway, CallService& calls, Store& store, PasswordHasher& hasher, ByteSource& bytes,
                            RoomsOptions options = {});
  Rooms(Rooms&&) noexcept;
  Rooms& operator=(Rooms&&) noexcept;
  ~Rooms();

  // *worker*, or the service thread of a test. Each waits for the service itself.
  /// `passcode` empty: none. Errors: of Door::hash and CreateRoom.
  Result<CallView> create(const HttpRequest& request, Command command, const Secret& passcode);
  /// Join, Knock or Accept. Errors: of decide(); field "code" for a join code that is not good.
  Result<CallView> enter(const HttpRequest& request, Command command, const EntryWords& words);
  /// Empty: the room has none any more.
  Result<CallView> set_passcode(const HttpRequest& request, Command command, const Secret& passcode);

  // Service thread.
  /// `lifetime` 1 s to code_lifetime_max, `uses` 1 or more (out_of_range with the member's name). already_exists (field
  /// "code"): made before under this command id; the text was told then, and nobody knows it now.
  Result<GivenJoinCode> add_code(const Command& command, const RoleName& role, std::uint32_t uses, std::chrono::seconds lifetime,
                                 Now now);
  /// Writes, and says `word` with the message to everybody who is in. A command id that was used for a message gives that
  /// one again, and nothing is said; see RoomChat::write.
  Result<RoomMessage> write(const CallId& room, const UserId& user, const std::string& text, std::string_view word, Now now,
                            const CommandId& id = {});
  /// Says `word` to the others if it is news that this person types, or does not any more.
  Result<void> typing(const CallId& room, const UserId& user, bool on, std::string_view word, Now now);
  /// For each event that is told (Say::shape): who went, however that came, types no more, and `word` says so to the others;
  /// of a call that is over memory forgets the chat.
  void follow(const Told& told, std::string_view word);
  RoomChat& chat();

 private:
  struct Impl;
  explicit Rooms(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// {number, user, at, text}
Json message_json(const RoomMessage& message);

}  // namespace zegocall
