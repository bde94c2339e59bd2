// The use cases that servers share, over a Store: calls, accounts, chats, provider tokens. Values and ports only; no
// socket, JSON or clock. A server's service thread calls everything here; what other threads may call says so.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/log.hpp"
#include "zegocall/base/password.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/call/attendance.hpp"
#include "zegocall/call/decide.hpp"
#include "zegocall/call/missed.hpp"
#include "zegocall/call/statistics.hpp"
#include "zegocall/service/provider.hpp"
#include "zegocall/store/store.hpp"
#include "zegocall/token.hpp"

namespace zegocall {

// ---- calls ----------------------------------------------------------------------------------------------------------

struct CallServiceOptions {
  CallPolicy policy{};                                               ///< of calls that start from now on
  std::chrono::milliseconds answers_kept{std::chrono::minutes(10)};  ///< how long a command id gets its first answer
  const TokenMinter* tokens = nullptr;                               ///< outlives the service; null: token() refuses
  std::chrono::seconds token_lifetime{std::chrono::hours(2)};        ///< of provider tokens
  AppId app{};                                                       ///< the project that tokens are for
  std::string room_prefix = "call_";                                 ///< a call's room at the provider is this and the call's id
  std::vector<RoomTemplate> templates{};                             ///< the host's own, before the standard ones
  MissedRules missed{};                                              ///< which stopped rings are in the list of missed calls
  std::uint32_t starts_max = 0;  ///< calls and rings that one person may begin within starts_window; 0: as many as they like
  std::chrono::milliseconds starts_window{std::chrono::minutes(1)};
  /// Events that go into the store's outbox, by their words ("call.ended"); "*": all. See service/webhook.hpp.
  std::vector<std::string> outbox_topics{};
  /// What the provider is told of calls, by the outbox too; nothing: not a word. Somebody has to carry it: ProviderQueue
  /// (service/provider_queue.hpp).
  std::optional<ProviderRules> provider{};
  /// Debug lines that name the race rule by which a command was decided; called where commands are handled.
  LogSink log{};
};

/// What a command brings along that no event may hold.
struct CommandExtras {
  EntryFacts entry{};           ///< of Join, Knock and Accept: what Door found out (service/door.hpp)
  std::string passcode_hash{};  ///< of SetPasscode and CreateRoom: Door::hash(); empty: no passcode. The stamp is the service's
  std::string join_code_digest{};  ///< of AddJoinCode: Door::new_code()
};

/// What one command did to one call. `after` is the call right after the command, `by` who acted (nobody: a timer, a start).
struct Decided {
  std::vector<CallEvent> events{};
  CallView after{};
  Actor by{};
  std::vector<MissedCall> missed{};  ///< the new entries of missed calls, by the legs that these events ended
};

/// A provider token for one person's seat in one call. It lets them publish if their role may speak, show or share. It is made
/// when asked for and kept nowhere.
struct SeatToken {
  std::string token{};
  RoomId room{};
  AppId app{};
  UserId user{};
  UnixTime expires{};
};

/// Calls of this process since its start, as committed.
struct CallCounters {
  std::uint64_t started = 0;
  std::array<std::uint64_t, call_outcomes> ended{};  ///< by CallOutcome
  std::array<std::uint64_t, end_causes> causes{};    ///< of answered ones, by EndCause
  std::uint64_t legs = 0;                            ///< that came to an end, of whatever outcome
  std::uint64_t missed = 0;                          ///< entries in people's lists of missed calls
};
/// As Prometheus text: zegocall_calls_started_total, zegocall_calls_ended_total{outcome="answered"}, ...
std::string to_metrics(const CallCounters& counters);

/// Calls over a store: loads what is concerned, lets decide() decide, commits events, seats, deadlines and the command's
/// answer in one transaction. Adds no rule of its own. Between open_group and commit_group everything shares one
/// transaction; outside a group each command has its own.
///
/// After a start every live call is told so once (ServerStarted), before anything else happens: deadline() is in the past
/// until then.
class CallService {
 public:
  /// `store` and `bytes` must outlive the service. Without a valid policy every start_call is refused with out_of_range.
  CallService(Store& store, ByteSource& bytes, CallServiceOptions options = {});
  ~CallService();
  CallService(const CallService&) = delete;
  CallService& operator=(const CallService&) = delete;

  /// Does one command. The answer is the call right afterwards; for DeviceOnline and DeviceOffline an empty view. A
  /// StartCall without a call id gets a new one. A command id that this person used before gets its first answer again
  /// and nothing happens; an empty id is not remembered.
  /// Errors: those of decide(), already_exists (the id of a StartCall or CreateRoom; field "code": a join code of this text),
  /// store_unavailable (nothing happened).
  Result<CallView> handle(const Command& command, Now now, const CommandExtras& extras = {});
  /// not_found if there was never such a call.
  Result<CallView> find(const CallId& call);
  /// What a member who had version `since` needs to have the present call: the events after it, or the whole of it. Errors:
  /// not_found, forbidden (a stranger), out_of_range (field "since": above the call's version).
  Result<Snapshot> snapshot(const CallId& call, const UserId& user, std::optional<Version> since);
  /// The live call in which this person sits, for themselves, or nothing. Of several (a second ring) the oldest. I18: not one
  /// whose ring they are not to hear.
  Result<std::optional<CallView>> active(const UserId& user);
  /// The same for others, who were refused because of it: also a ring that is not heard.
  Result<std::optional<CallView>> taken_by(const UserId& user);
  /// Ended calls of this person that they may know of (I18), newest first.
  Result<Page<CallView>> history(const UserId& user, PageRequest page);
  /// The live rooms of which this person is the host or a member, or in which they are; newest first. I18: not one whose ring
  /// they are not to hear.
  Result<Page<CallView>> rooms(const UserId& user, PageRequest page);
  /// Who was in a room, when and for how long, for its host.
  /// Errors: not_found, forbidden (not the host), those of zegocall::attendance.
  Result<Attendance> attendance(const CallId& room, const UserId& host, const AttendanceRules& rules, Now now);
  /// The figures of one room that is over, for its host. not_found, forbidden, invalid_state (it lives).
  Result<CallFigures> figures(const CallId& room, const UserId& host);
  /// A token for the asker's own seat, as grant_of (call/grant.hpp) allows it; ends when that says. Errors: those of
  /// grant_of; not_found; invalid_state (field "tokens": this server has no provider keys).
  Result<SeatToken> token(const CallId& call, const UserId& user, Now now);
  RoomId room_of(const CallId& call) const;
  /// The reverse: whose room it could be, or nothing for a room of somebody else's. There may be no such call.
  std::optional<CallId> call_of(const RoomId& room) const;
  bool has_tokens() const;
  AppId app() const;

  /// What the commands and deadlines since the last take() decided, oldest first. In a group: to be told when it has been
  /// committed, never before. What nobody takes is dropped by the next command outside a group, or the next group.
  std::vector<Decided> take();

  /// Presence as committed: a person is online with the devices whose DeviceOnline came and whose DeviceOffline did not.
  bool is_online(const Actor& actor) const;
  bool is_online(const UserId& user) const;
  std::vector<UserId> online_users() const;

  const CallCounters& counters() const;

  // For whoever drives it; see Driven.
  std::optional<UnixTime> deadline();
  void on_deadline(Now now);
  Result<void> open_group();
  Result<void> commit_group();
  void abandon_group();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// ---- accounts -------------------------------------------------------------------------------------------------------

struct Registration {
  std::string name{};          ///< 1 to 100 characters, no spaces or control characters
  std::string email{};         ///< empty, or something with an @, at most 254 bytes
  std::string display_name{};  ///< 1 to 100 characters; empty: the name
  Secret password{};           ///< at least 8 characters, at most 512 bytes
};

/// A registration whose password is hashed: ready to be stored.
struct NewAccount {
  std::string name{}, email{}, display_name{}, password_hash{};
};

/// Who is logged in, and with which tokens (HS256 JWTs with the members _id, email, username, fullName, use, iat, exp).
struct Session {
  AccountRecord account{};
  std::string access_token{}, refresh_token{};
  UnixTime access_expires{}, refresh_expires{};
};

struct AccountOptions {
  std::chrono::seconds access_lifetime{std::chrono::hours(24)};
  std::chrono::seconds refresh_lifetime{std::chrono::hours(24 * 30)};
  std::chrono::seconds leeway{0};     ///< for the clocks of other servers that sign with the same secret
  std::size_t secret_bytes_min = 32;  ///< less only to keep an existing secret
};

/// People and their sessions. Hashing is slow, so a registration and a login come in steps: the ones marked *worker* run
/// on any thread, several at once, and touch no store; the others belong to the service thread.
class AccountService {
 public:
  /// The secrets sign the two kinds of token; they may be equal. secret_length with field "access" or "refresh".
  static Result<AccountService> open(Store& store, PasswordHasher& hasher, ByteSource& bytes, Secret access, Secret refresh,
                                     AccountOptions options = {});

  /// *worker*. Checks every field (missing_field, out_of_range, invalid_argument; the field is named), then hashes.
  Result<NewAccount> prepare(const Registration& registration) const;
  /// already_exists with field "name" or "email".
  Result<AccountRecord> add(const NewAccount& account, Now now);

  /// By login name or e-mail address. not_found.
  Result<AccountRecord> by_login(std::string_view name_or_email);
  /// *worker*. True if the password is this account's.
  bool fits(const AccountRecord& account, const Secret& password) const;
  /// *worker*. Fresh tokens.
  Result<Session> sign_in(const AccountRecord& account, Now now) const;
  /// unauthenticated, expired; not_found when the account is gone.
  Result<Session> refresh(std::string_view refresh_token, Now now);
  /// *worker*. Who an access token speaks for. unauthenticated, expired, not_yet_valid; a refresh token is unauthenticated.
  Result<JwtClaims> verify(std::string_view access_token, UnixTime now) const;
  /// The same, and the account is still there: a token says nothing about that, and lives on when its person was erased.
  /// Errors: of verify(); unauthenticated (field "user": there is no such account), store_unavailable.
  Result<JwtClaims> authenticate(std::string_view access_token, UnixTime now);

  /// not_found.
  Result<AccountRecord> find(const UserId& user);
  Result<std::vector<AccountRecord>> list(std::uint32_t most);

 private:
  struct Keys {
    JwtMinter access, refresh;
    JwtVerifier access_check, refresh_check;
  };
  AccountService(Store& store, PasswordHasher& hasher, ByteSource& bytes, Keys keys, AccountOptions options);

  Store* store_;
  PasswordHasher* hasher_;
  ByteSource* bytes_;
  Keys keys_;
  AccountOptions options_;
};

// ---- chats ----------------------------------------------------------------------------------------------------------

/// Conversations: who may call whom.
class ChatService {
 public:
  ChatService(Store& store, ByteSource& bytes) : store_(store), bytes_(bytes) {}

  struct Opened {
    ChatRecord chat{};
    bool created = false;
  };
  /// The chat of these two, made if there is none. invalid_argument (oneself), not_found with field "participants.1".
  Result<Opened> open_direct(const UserId& one, const UserId& other, Now now);
  /// not_found.
  Result<ChatRecord> find(std::string_view id);
  Result<Page<ChatRecord>> of(const UserId& user, PageRequest page);
  /// Everybody who shares a chat with this person, each once, without the person.
  Result<std::vector<UserId>> neighbours(const UserId& user);

 private:
  Store& store_;
  ByteSource& bytes_;
};
/// True if the person takes part in it.
bool has_member(const ChatRecord& chat, const UserId& user);

}  // namespace zegocall
