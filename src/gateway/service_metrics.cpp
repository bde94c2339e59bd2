#include "zegocall/gateway/service_metrics.hpp"

#include <chrono>
#include <utility>

namespace zegocall {

std::string ServiceMetrics::text() const {
  const std::scoped_lock lock(mutex_);
  return text_;
}

void ServiceMetrics::on_deadline(Now now) {
  if (now.wall < next_) return;
  next_ = now.wall + std::chrono::seconds(1);
  std::string text;
  for (const auto& source : sources_) text += source();
  const std::scoped_lock lock(mutex_);
  text_ = std::move(text);
}

}  // namespace zegocall
