// What the provider is told because of what happened in calls (service/provider.hpp): out of the store's outbox, in order for
// each call, again until the provider took it. CallServiceOptions::provider puts it there, in the transaction of the decision
// itself. Pure but for the store; who asks the provider is ProviderSender (gateway/provider_sender.hpp) or the host.
//
// No call waits for it: a re-entry stamp holds whatever the provider does, and what it cannot be told goes to the dead
// letters, where it can be seen and sent again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/service/outbox_counters.hpp"
#include "zegocall/store/store.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall {

struct ProviderQueueOptions {
  std::chrono::milliseconds first_pause{1'000};                      ///< after the first failure; doubles; 1 ms to 1 h
  std::chrono::milliseconds longest_pause{30'000};                   ///< not below first_pause; at most 24 h
  std::uint32_t attempts_max = 100;                                  ///< 1 to 1000; then it is dead
  std::chrono::milliseconds age_max{std::chrono::hours(1)};          ///< older is dead; 1 s to 30 days
  std::uint64_t depth_max = 100'000;                                 ///< that wait; beyond it the oldest are dead; 1 or more
  std::chrono::milliseconds dead_kept{std::chrono::hours(24 * 30)};  ///< 1 s to 10 years
  std::size_t in_flight_max = 4;                                     ///< at once, each of another call; 1 to 256
  ByteSource* jitter = nullptr;                                      ///< cuts pauses by up to a half; nullptr: system_bytes()
};

/// One attempt, to be handed to ServerApi::call as it is.
struct ProviderJob {
  std::int64_t number = 0;  ///< in the outbox
  std::uint32_t attempt = 1;
  ApiRequest request{};
};

/// On the service thread. Driving rule: at deadline() take(), ServerApi::call for each job on some other thread, finished().
class ProviderQueue {
 public:
  /// `store` must outlive it. out_of_range with the option's name.
  static Result<ProviderQueue> open(Store& store, ProviderQueueOptions options = {});
  ProviderQueue(ProviderQueue&&) noexcept;
  ProviderQueue& operator=(ProviderQueue&&) noexcept;
  ~ProviderQueue();

  /// When take() may have something; nothing while as much as may be is in flight.
  std::optional<UnixTime> deadline();
  /// What is to be said now; each is in flight until finished() or given_back(). Who has come in again meanwhile is put out of
  /// no room: a kick that waited for the provider is said of the others only, or not at all. Inside an open transaction it
  /// may see what is not committed yet: send after the commit. store_unavailable.
  Result<std::vector<ProviderJob>> take(Now now);
  /// This came of it. What may work later is tried again; what the provider will never do (a wrong id, a right that the
  /// project does not have) is dead. A room or rule that is gone already is as good as done.
  Result<void> finished(const ProviderJob& job, const Result<ApiRequest::Answer>& answer, Now now);
  /// It was not sent.
  void given_back(const ProviderJob& job);

  /// A dead letter of any lane, again. not_found (field "number").
  Result<void> replay(std::int64_t number, Now now);
  const OutboxCounters& counters() const;
  /// What waits; store_unavailable.
  Result<std::uint64_t> depth();

 private:
  struct Impl;
  explicit ProviderQueue(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
