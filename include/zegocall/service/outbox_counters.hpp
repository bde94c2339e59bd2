// What became of the messages of one lane of the outbox.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zegocall {

/// Since the start of this process. What a rolled back group did is counted too.
struct OutboxCounters {
  std::uint64_t delivered = 0;
  std::uint64_t failed_attempts = 0;  ///< each is tried again, unless it was the last
  std::uint64_t dead_by_attempts = 0, dead_by_age = 0, dead_by_depth = 0;
  std::uint64_t dead_by_refusal = 0;  ///< the receiver's answer was final; of the provider only
  std::uint64_t outdated = 0;         ///< not sent: by then it was not wanted any more; of the provider only
  std::uint64_t replayed = 0;
  std::uint64_t dead_forgotten = 0;
};
/// As Prometheus text; the names begin with `prefix` ("zegocall_webhook").
std::string to_metrics(const OutboxCounters& counters, std::string_view prefix);

}  // namespace zegocall
