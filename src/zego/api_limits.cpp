#include "zego/api_limits.hpp"

#include <algorithm>

namespace zegocall::zego_detail {
namespace {

std::string seconds_words(SteadyTime::duration span) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(span).count();
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

Unexpected too_late(std::string_view field, const ActionLimits& limits, const std::string& limit, SteadyTime::duration wait) {
  return fail_field(ErrorCode::rate_limited, std::string(field),
                    std::string(limits.action) + " is limited to " + limit + "; its turn comes in " + seconds_words(wait));
}

}  // namespace

TokenBucket& ApiLimits::project_bucket(const ActionLimits& limits) {
  const auto found = projects_.find(limits.action);
  if (found != projects_.end()) return found->second;
  return projects_.try_emplace(std::string(limits.action), limits.per_second, std::chrono::seconds(1)).first->second;
}

void ApiLimits::forget_full_rooms(SteadyTime now) {
  if (rooms_.size() < look_at_) return;
  std::erase_if(rooms_, [&](const auto& entry) { return entry.second.full(now); });
  look_at_ = std::max<std::size_t>(1024, rooms_.size() * 2);
}

Result<SteadyTime> ApiLimits::room_turn(const ActionLimits& limits, std::string_view room, SteadyTime now, SteadyTime end) {
  if (limits.room_period.count() == 0) return now;
  const std::scoped_lock lock(mutex_);
  forget_full_rooms(now);
  std::pair<std::string, std::string> key(limits.action, room);
  TokenBucket& bucket = rooms_.try_emplace(std::move(key), std::size_t{1}, limits.room_period).first->second;
  const SteadyTime at = bucket.next(now);
  if (at > end)
    return too_late("RoomId", limits, "once in " + std::to_string(limits.room_period.count()) + " s per room", at - now);
  const SteadyTime project = project_bucket(limits).next(at);
  if (project > end)
    return too_late("Action", limits, std::to_string(limits.per_second) + " in a second per project", project - now);
  bucket.take(at);
  return at;
}

Result<SteadyTime> ApiLimits::project_turn(const ActionLimits& limits, SteadyTime now, SteadyTime end) {
  const std::scoped_lock lock(mutex_);
  TokenBucket& bucket = project_bucket(limits);
  const SteadyTime at = bucket.next(now);
  if (at > end) return too_late("Action", limits, std::to_string(limits.per_second) + " in a second per project", at - now);
  bucket.take(at);
  return at;
}

}  // namespace zegocall::zego_detail
