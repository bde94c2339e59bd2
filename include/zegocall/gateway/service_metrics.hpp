// What the services count, for /metrics: collected once a second on the service thread, read from any.
//
//   ServiceMetrics metrics;
//   metrics.add([&] { return to_metrics(calls.counters()); });
//   auto hub = Hub::open({.metrics = [&] { return metrics.text(); }}, {.driven = {&gateway, &metrics}});
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/base/time.hpp"

namespace zegocall {

/// Make it before the hub and let it outlive it.
class ServiceMetrics final : public Driven {
 public:
  /// Before the hub opens. `source` gives Prometheus text; it is called on the service thread, in a group, and may use stores.
  void add(std::function<std::string()> source) { sources_.push_back(std::move(source)); }
  /// As it was at most about a second ago; empty before the first turn. Any thread.
  std::string text() const;

  std::optional<UnixTime> deadline() override { return next_; }
  void on_deadline(Now now) override;

 private:
  std::vector<std::function<std::string()>> sources_{};
  UnixTime next_{};
  mutable std::mutex mutex_{};
  std::string text_{};
};

}  // namespace zegocall
