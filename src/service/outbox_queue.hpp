// Which message of one lane of the outbox is sent when: what WebhookQueue and ProviderQueue share. A message leaves the
// outbox when it was delivered, or for the dead letters; what fails rests for a while, longer each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/random.hpp"
#include "zegocall/service/outbox_counters.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::service_detail {

struct OutboxRules {
  OutboxLane lane{};
  std::chrono::milliseconds first_pause{}, longest_pause{};
  std::uint32_t attempts_max = 1;
  std::chrono::milliseconds age_max{};
  std::uint64_t depth_max = 1;
  std::chrono::milliseconds dead_kept{};
  std::size_t in_flight_max = 1;
  ByteSource* jitter = nullptr;
};
/// out_of_range with the option's name.
Result<void> check(const OutboxRules& rules);
Result<void> within(std::chrono::milliseconds value, std::chrono::milliseconds least, std::chrono::milliseconds most,
                    const char* field);

/// On the service thread. Each function that changes the store does it in one transaction, or in the one that is open.
class OutboxQueue {
 public:
  OutboxQueue(Store& store, OutboxRules rules) : store_(&store), rules_(rules) {}

  /// When take() may have something; nothing while as much as may be is in flight.
  std::optional<UnixTime> deadline() const;
  /// What is to be sent now; each is in flight until one of the five below is said of it.
  Result<std::vector<OutboxEntry>> take(Now now);
  Result<void> delivered(std::int64_t number);
  /// Tried, and to be tried again, or dead if it was tried often enough. `attempt` counts from 1; `why` goes to the dead letter.
  Result<void> failed(std::int64_t number, std::uint32_t attempt, std::string_view why, Now now);
  /// It will never work.
  Result<void> refused(std::int64_t number, std::string_view why, Now now);
  /// It is not wanted any more, and was not sent.
  Result<void> outdated(std::int64_t number);
  void given_back(std::int64_t number) { in_flight_.erase(number); }

  Result<void> replay(std::int64_t number, Now now);
  const OutboxCounters& counters() const { return counters_; }
  Result<std::uint64_t> depth() const { return store_->outbox_size(rules_.lane); }
  Store& store() const { return *store_; }

 private:
  bool full() const { return in_flight_.size() >= rules_.in_flight_max; }
  Result<std::vector<OutboxEntry>> take_due(UnixTime now);
  Result<void> sweep(UnixTime now);
  Result<void> bury_oldest(std::uint32_t many, UnixTime now);
  Result<void> bury(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter);
  Result<void> bury_tried(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter);

  Store* store_;
  OutboxRules rules_;
  std::set<std::int64_t> in_flight_{};
  OutboxCounters counters_{};
  UnixTime swept_{}, retry_at_{};
};

}  // namespace zegocall::service_detail
