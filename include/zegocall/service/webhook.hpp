// What happened, told to the host's own server: signed requests out of the store's outbox. Pure but for the store; who
// carries the requests is WebhookSender (gateway/webhook_sender.hpp) or the host.
//
// Promises: a message leaves the outbox only after a 2xx answer or into the dead letters, so a crash loses nothing; it may
// come twice, with the same event id. Messages of one call come in order: the next one waits until the one before is
// answered or dead. A message that is replayed from the dead letters comes after those that wait by then.
//
// Each request is a POST of JSON with these headers:
//   Zegocall-Event-Id   the message's own id, the same at every attempt
//   Zegocall-Topic      for example "call.ended"
//   Zegocall-Attempt    1, 2, ...
//   Zegocall-Signature  "t=1735689600,v1=<64 hex digits>": HMAC-SHA256 with the secret over "<t>.<body>", t in Unix seconds
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/http.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/service/outbox_counters.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall {

/// The value of Zegocall-Signature for this body at this time. internal if libcrypto fails.
Result<std::string> sign_webhook(const Secret& secret, std::string_view body, UnixTime now);

/// For who receives: whether this body was signed with this secret, not long ago. `signature` is the header's value; one of
/// several v1 is enough. Look at the raw body, before parsing, and remember event ids for as long as `tolerance`.
/// Errors: missing_field, invalid_argument, unauthenticated (it is not this body's, or another secret's), expired (further
/// than `tolerance` from `now`, either way); field "Zegocall-Signature". Any thread.
Result<void> verify_webhook(const Secret& secret, std::string_view signature, std::string_view body, UnixTime now,
                            std::chrono::seconds tolerance = std::chrono::minutes(5));

struct WebhookOptions {
  std::string url{};                                          ///< "https://host/path"; http:// if the port takes it
  std::chrono::milliseconds time_limit{10'000};               ///< for one attempt; 100 ms to 2 min
  std::chrono::milliseconds first_pause{2'000};               ///< after the first failure; doubles; 1 ms to 1 h
  std::chrono::milliseconds longest_pause{10 * 60'000};       ///< not below first_pause; at most 24 h
  std::uint32_t attempts_max = 20;                            ///< 1 to 1000; then it is dead
  std::chrono::milliseconds age_max{std::chrono::hours(24)};  ///< an older message is dead; 1 s to 30 days
  std::uint64_t depth_max = 100'000;                          ///< of messages that wait; beyond it the oldest are dead; 1 or more
  std::chrono::milliseconds dead_kept{std::chrono::hours(24 * 30)};  ///< dead letters; 1 s or more
  std::size_t in_flight_max = 8;                                     ///< requests at once, each of another call; 1 to 256
  ByteSource* jitter = nullptr;                                      ///< cuts pauses by up to a half; nullptr: system_bytes()
};

/// One attempt, to be sent as it is.
struct WebhookJob {
  std::int64_t number = 0;  ///< in the outbox
  std::uint32_t attempt = 1;
  OutgoingRequest request{};
};

using WebhookCounters = OutboxCounters;

/// Which message is sent when. On the service thread; everything that changes the store is one transaction, or part of the
/// one that is open. Driving rule: at deadline() take(), send each job on some other thread, finished() for each.
class WebhookQueue {
 public:
  /// `store` must outlive it. Errors: invalid_argument or out_of_range with the option's name; secret_length (field
  /// "secret": at least 16 bytes).
  static Result<WebhookQueue> open(Store& store, Secret secret, WebhookOptions options);
  WebhookQueue(WebhookQueue&&) noexcept;
  WebhookQueue& operator=(WebhookQueue&&) noexcept;
  ~WebhookQueue();

  /// When take() may have something; nothing while as much as may be is in flight.
  std::optional<UnixTime> deadline();
  /// What is to be sent now. Each job is in flight until finished() or given_back(). Inside an open transaction it may see
  /// messages that are not committed yet: send after the commit. store_unavailable.
  Result<std::vector<WebhookJob>> take(Now now);
  /// The job was sent, and this came of it: 2xx is delivered, all else is tried again or dead.
  Result<void> finished(const WebhookJob& job, const Result<HttpReply>& reply, Now now);
  /// The job was not sent.
  void given_back(const WebhookJob& job);

  /// Dead letters, newest first.
  Result<Page<DeadLetter>> dead(PageRequest page);
  /// not_found (field "number").
  Result<void> replay(std::int64_t number, Now now);
  const WebhookCounters& counters() const;
  /// Messages that wait; store_unavailable.
  Result<std::uint64_t> depth();

 private:
  struct Impl;
  explicit WebhookQueue(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
