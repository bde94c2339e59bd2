// Provider tokens (Token04, and Token03 for what still reads it) for the people of a call. JSON Web Tokens for the host's
// own users come with it (token/jwt.hpp); beside it are token/kit_token.hpp, token/turn.hpp and token/random_pool.hpp.
// Everything here is a pure function of its arguments: time is passed in, random bytes come from a ByteSource.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

// ---- keys -----------------------------------------------------------------------------------------------------------

/// One key of one provider project: the ServerSecret, 32 bytes taken as they are (not hex-decoded). Outside its time it
/// neither makes nor opens a token; opening grants the leeway of the expectation at both ends.
struct AppKey {
  AppId app{};
  Secret secret{};
  std::optional<UnixTime> active_from{};  ///< nothing: always was
  std::optional<UnixTime> retired_at{};   ///< nothing: never
};

namespace token_detail {
class KeySet;
}

/// The keys that tokens are made with and checked against. Of a project's live keys the one that became active last makes
/// its tokens (of several, the first added); all live ones open tokens. So a new secret can be added days before it
/// counts, and the old one go when its last token has ended. Move-only. Reading it (minting, verifying) is safe from several
/// threads at once; add() is not.
class Keyring {
 public:
  static constexpr std::size_t keys_max = 16;

  /// out_of_range (field "app": 0), secret_length and sample_secret (field "secret"; never any part of it).
  static Result<Keyring> of(AppId app, Secret secret);
  /// As of(), and already_exists for a key that is there, limit_exceeded beyond keys_max, invalid_argument (field
  /// "retired_at") for a key that is retired before it is active.
  Result<void> add(AppKey key);

  std::size_t size() const;
  /// The project of the first key.
  AppId app() const;

  Keyring(Keyring&&) noexcept;
  Keyring& operator=(Keyring&&) noexcept;
  ~Keyring();

  const token_detail::KeySet& keys() const { return *keys_; }  ///< for the implementation

 private:
  explicit Keyring(std::unique_ptr<token_detail::KeySet> keys);
  std::unique_ptr<token_detail::KeySet> keys_;
};

// ---- making tokens --------------------------------------------------------------------------------------------------

/// gcm: AES-256-GCM, for new code. cbc: AES-256-CBC, for what only reads the older kind; it authenticates nothing.
enum class TokenMode : std::uint8_t { gcm, cbc };
/// "gcm", "cbc".
std::string_view name(TokenMode mode);

/// token03: the older kind, always bound to a room, always in cbc, without a payload of one's own.
enum class TokenVersion : std::uint8_t { token04, token03 };
/// "04", "03": what the text begins with.
std::string_view name(TokenVersion version);

enum class Allow : std::uint8_t { no, yes };

/// A token that is good for one RTC room only. The provider looks at it where privileges are switched on for the project.
struct RtcRoom {
  RoomId room{};
  Allow login = Allow::yes;
  Allow publish = Allow::yes;
  std::optional<std::vector<StreamId>> streams{};  ///< only these may be published; nothing = any. Never an empty list
  bool operator==(const RtcRoom&) const = default;
};

/// The host's own text in the token's payload field, UTF-8, carried as it is.
struct OwnPayload {
  std::string text{};
  bool operator==(const OwnPayload&) const = default;
};

/// monostate: a basic token, which says who somebody is and nothing more.
using TokenPayload = std::variant<std::monostate, RtcRoom, OwnPayload>;

/// What somebody does in a room: a listener may not publish, the others may publish any stream.
enum class MediaRole : std::uint8_t { host, co_host, speaker, listener };
/// The role as a payload, to mint as it is or to edit first. `user` is the token's user.
RtcRoom rtc_room(MediaRole role, const RoomId& room, const UserId& user);

/// What a role may do. A stream pattern is a stream id in which {room} and {user} stand for the ids.
struct RoleTemplate {
  Allow login = Allow::yes;
  Allow publish = Allow::yes;
  std::vector<std::string> streams{};  ///< only these may be published; empty = any
};
/// The template of rtc_room(MediaRole): any stream.
RoleTemplate role_template(MediaRole role);
/// The stream names that the provider's web UIKit makes: host and co_host publish {room}_{user}_main, _media and
/// _screensharing, speaker _main, listener nothing.
RoleTemplate web_kit_template(MediaRole role);
/// The template with its ids. invalid_argument or out_of_range with field "streams.0": another word in braces, or what
/// comes out is no stream id (room and user ids may hold characters that a stream id may not).
Result<RtcRoom> rtc_room(const RoleTemplate& role, const RoomId& room, const UserId& user);

/// strict: ids that every client of the provider takes. User 1 to 63 bytes, room 1 to 127 bytes, of letters, digits and
/// ~ ! @ # $ ^ & * ( ) _ + = - ; ' , . < > `; stream 1 to 256 of letters, digits, - and _.
/// relaxed: any UTF-8 without U+0000, not empty; for ids that exist already and whose clients are known.
enum class IdPolicy : std::uint8_t { strict, relaxed };

/// How long a token may live at most; documented by the provider for one of its products, sensible for all.
inline constexpr std::chrono::seconds token_lifetime_max = std::chrono::hours(24 * 24);
/// The largest plaintext (the JSON inside) that the format's 16-bit length can carry in both modes.
inline constexpr std::size_t token_plaintext_max = 65519;

/// One token to make.
struct TokenRequest {
  UserId user{};
  std::chrono::seconds lifetime{std::chrono::hours(1)};  ///< more than 0, at most token_lifetime_max
  TokenPayload payload{};
  TokenMode mode = TokenMode::gcm;
  IdPolicy ids = IdPolicy::strict;
  AppId app{};                                   ///< whose key; 0 = the keyring's first
  TokenVersion version = TokenVersion::token04;  ///< token03 asks for an RtcRoom without streams, and ignores the mode
};

/// Makes tokens. Any thread, several at once; copies share what it owns. The keyring (and the byte source) must outlive it.
class TokenMinter {
 public:
  /// With a pool of the system's random bytes of its own (token/random_pool.hpp): made once, it mints fast.
  explicit TokenMinter(const Keyring& keys);
  TokenMinter(const Keyring& keys, ByteSource& bytes) : keys_(&keys), bytes_(&bytes) {}

  /// A token of `now` (its milliseconds are dropped). Draws 12 (gcm) or 16 (cbc) bytes of iv, then 4 of nonce, in one fill.
  /// Errors, before anything is encrypted: invalid_argument and out_of_range with field "user", "lifetime",
  /// "payload.room", "payload.streams.0", "payload"; wrong_app with field "app" where no key of the app is live.
  Result<std::string> mint(const TokenRequest& request, UnixTime now) const;
  /// One token for each request, in order; all or none. The error's field says "requests.3.user".
  Result<std::vector<std::string>> mint_all(std::span<const TokenRequest> requests, UnixTime now) const;

 private:
  const Keyring* keys_;
  std::shared_ptr<ByteSource> pool_{};
  ByteSource* bytes_;
};

// ---- checking tokens ------------------------------------------------------------------------------------------------

/// What a token must say. What is left at its default is not checked.
struct TokenExpectation {
  AppId app{};
  UserId user{};
  RoomId room{};                    ///< the token must be bound to this room
  Allow login = Allow::no;          ///< yes: must be allowed to log in to its room
  Allow publish = Allow::no;        ///< yes: must be allowed to publish
  StreamId stream{};                ///< must be allowed to publish this one
  Allow token03 = Allow::no;        ///< yes: a Token03 is as good; no: unsupported_version
  std::chrono::seconds leeway{30};  ///< for clocks that differ, at both ends
  std::chrono::seconds lifetime_max = token_lifetime_max;
};

/// What a token says.
struct TokenClaims {
  AppId app{};
  UserId user{};
  std::int64_t nonce = 0;
  std::int64_t created = 0;  ///< Unix seconds, any 64-bit number
  std::int64_t expires = 0;  ///< Unix seconds
  TokenPayload payload{};    ///< RtcRoom where the text has exactly that shape, OwnPayload for any other text
  std::string payload_text{};
  TokenMode mode = TokenMode::gcm;
  TokenVersion version = TokenVersion::token04;
  std::size_t key = 0;  ///< which key of the ring opened it, counted from 0
};

/// Opens a token and checks it. Any thread. The error's code is one of 700 to 721 of ErrorCode, or bad_json,
/// missing_field, mistyped_field, out_of_range; `field` names the claim. In cbc a wrong key, a damaged token and bad
/// JSON are all wrong_key_or_tampered after the same work (the padding is looked at without branches, the JSON is read
/// whether it fits or not), so that nobody can learn a plaintext by asking. Only how far the JSON could be read still shows in
/// the time; whoever answers strangers should not let them measure it.
Result<TokenClaims> verify_token(std::string_view text, const Keyring& keys, const TokenExpectation& expectation, UnixTime now);

/// What a text turns out to be.
enum class TokenText : std::uint8_t { token04, token03, jwt, kit_token, other };

/// One field of the binary layout.
struct TokenPart {
  std::string_view name;  ///< "expire", "iv size", "iv", "size", "ciphertext", "tag", "mode"
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// Everything that can be said about a text that claims to be a token.
struct TokenReport {
  TokenText text = TokenText::other;
  std::size_t characters = 0;
  std::optional<Error> problem{};  ///< why it is not good; nothing = good, as far as it could be checked
  std::optional<TokenMode> mode{};
  std::optional<std::int64_t> expires{};  ///< the outer, unauthenticated copy, Unix seconds
  std::vector<TokenPart> layout{};        ///< as far as it could be read
  bool opened = false;                    ///< a key of the ring opened it
  std::optional<TokenClaims> claims{};    ///< where it was opened and read
  std::string jwt_algorithm{};            ///< of a JWT, as its header says
  std::optional<Error> inner_problem{};   ///< of a kit token, whose layout and claims are those of the token inside it
  std::vector<std::string> lab{};         ///< inspect_token_in_lab: what each key of the ring makes of it
};

/// As verify_token, without expectations and without giving up: what is wrong and all that can be read nevertheless.
/// Without a keyring only what needs no key. Any thread.
TokenReport inspect_token(std::string_view text, const Keyring* keys, UnixTime now);
/// The same with expectations.
TokenReport inspect_token(std::string_view text, const Keyring* keys, const TokenExpectation& expectation, UnixTime now);
/// The same for a person at a desk who holds the secret: `lab` tells padding, JSON and keys outside their time apart, and
/// the problem is bad_json where the padding fits. Never answer a network peer with it: he could decrypt cbc by asking.
TokenReport inspect_token_in_lab(std::string_view text, const Keyring& keys, const TokenExpectation& expectation, UnixTime now);

/// A failure in plain words.
struct Explanation {
  std::string why{};                ///< a paragraph
  std::vector<std::string> todo{};  ///< what to check or to do, most likely first
};
/// Explains the codes of this header; for other codes `why` is the error's own detail.
Explanation explain(const Error& error);
/// The paragraph, then the list, wrapped at 90 columns.
std::string to_string(const Explanation& explanation);

}  // namespace zegocall

#include "zegocall/token/jwt.hpp"
