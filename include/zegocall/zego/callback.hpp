// The provider's callbacks (webhooks): read, verify, interpret, in this order; the types carry the proof.
//
// THE BODY IS NOT SIGNED. The signature covers a nonce and a timestamp, and both travel inside the body. Whoever sees one
// callback can send any other body with its three fields. What a host can do about it:
//   1  take callbacks over HTTPS only, at a path that nobody can guess (24 random bytes), and keep it out of logs
//   2  let verify_callback refuse what is old and what was seen: a captured signature is good for one body, for minutes
//   3  take a callback for a hint. Before it changes anything that matters, ask: DescribeUserList, DescribeUsers,
//      DescribeSimpleStreamList. RoomOrder (zego/room_order.hpp) says when
//   4  compare head.app with your own; the signature does not
//
// Answer 2xx at once for what you have taken, and work later: anything else is tried again after 2, 4, 8, 16 and 32 s and
// then lost. Callbacks come twice and in any order: drop what CallbackHead::key names a second time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/zego/events.hpp"

namespace zegocall {

inline constexpr std::size_t callback_bytes_max = std::size_t{256} * 1024;  ///< of a body
inline constexpr std::size_t callback_fields_max = 256;                     ///< of a form

/// A callback that nobody has verified: the three fields that verification needs, and the body.
struct CallbackEnvelope {
  std::string signature{};
  std::string timestamp{};  ///< the decimal text, as it is hashed
  std::string nonce{};
  Json body{};  ///< an object; of a form, all values are texts
};

/// Reads a body: JSON, percent-encoded JSON, or a form (name[]=a&name[]=b makes a list). Looks at signature, timestamp and
/// nonce (or Signature, Timestamp, Nonce) and at nothing else. Any thread. Errors: payload_too_large; protocol, whose
/// field is the member or empty for the whole body.
Result<CallbackEnvelope> read_callback(std::string_view body);

/// Remembers one-use values. Any thread, several at once. Over several nodes the memory must be one (a table, Redis).
class SeenOnce {
 public:
  /// What is remembered of a value: never seen before; seen with the same content; seen with another.
  enum class Seen : unsigned char { first, same_content, other_content };

  virtual ~SeenOnce() = default;
  /// Claims `value` until `until`; atomic. Both texts are short. Errors, after which nothing was claimed:
  /// store_unavailable, rate_limited where the memory is full.
  virtual Result<Seen> claim(std::string_view value, std::string_view content, UnixTime until, UnixTime now) = 0;
  /// Forgets it, as if it had never been seen.
  virtual void release(std::string_view value) = 0;
};

/// A SeenOnce in this process. Holds at most `values_max` live values (about 200 bytes each) and refuses more rather than
/// forget one that could be used again; values whose time is over make room.
std::unique_ptr<SeenOnce> make_seen_once(std::size_t values_max = 200'000);

/// How far a callback's timestamp may be from the present. The provider documents no window; its own retries take 62 s.
struct CallbackWindow {
  std::chrono::seconds past{std::chrono::minutes(11)};
  std::chrono::seconds future{std::chrono::minutes(1)};
};

/// A callback whose signature is right, fresh and new. Only verify_callback makes one.
class VerifiedCallback {
 public:
  const Json& body() const { return body_; }
  UnixTime sent() const { return sent_; }
  /// What SeenOnce remembers it by.
  const std::string& seen_as() const { return seen_as_; }

 private:
  friend Result<VerifiedCallback> verify_callback(const CallbackEnvelope&, const Secret&, SeenOnce&, UnixTime, CallbackWindow);
  VerifiedCallback(Json body, UnixTime sent, std::string seen_as)
      : body_(std::move(body)), sent_(sent), seen_as_(std::move(seen_as)) {}
  Json body_;
  UnixTime sent_;
  std::string seen_as_;
};

/// Checks the signature with the project's CallbackSecret (not the ServerSecret) in constant time, then the time, then
/// that the signature is used for the first time. Any thread. Errors:
///  - invalid_argument, field "secret": it is empty. A missing secret never skips the check
///  - unauthenticated, field "signature"; expired, field "timestamp"
///  - replayed, field "nonce": used before with this very body. The provider tries again, or somebody repeats it: answer 2xx
///  - replayed, field "body": used before with another body. Somebody forges callbacks: answer 4xx and look who
///  - protocol, field "timestamp"; what SeenOnce says
Result<VerifiedCallback> verify_callback(const CallbackEnvelope& envelope, const Secret& secret, SeenOnce& seen, UnixTime now,
                                         CallbackWindow window = {});

/// For a host that could not do its work and wants the provider's next try to come through: forgets that it was seen.
void release_callback(const VerifiedCallback& callback, SeenOnce& seen);

/// Reads what it says. Any thread. An event of an unknown name is an UnknownEvent. protocol: a member that tells what the
/// event is about is missing or has another type; `field` is its name.
Result<ProviderEvent> interpret_callback(const VerifiedCallback& callback);

}  // namespace zegocall
