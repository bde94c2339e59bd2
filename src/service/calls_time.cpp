// Deadlines, the start, groups.
#include "service/calls_impl.hpp"

namespace zegocall {

namespace {

constexpr std::uint32_t deadlines_at_once = 64;       // the rest fires in the next turn
constexpr auto store_rest = std::chrono::seconds(1);  // between two tries of a store that fails

}  // namespace

// ---- deadlines and the start ----------------------------------------------------------------------------------------

Result<void> CallService::Impl::wake_calls(Now now) {
  if (started) return {};
  auto live = store.live_calls();
  if (!live) return unexpected(live.error());
  for (const CallView& call : *live) {
    if (woken.contains(call.id)) continue;
    auto told = attempt({.call = call.id, .body = ServerStarted{}}, now, {});
    if (!told && service_detail::is_store_failure(told.error())) return unexpected(told.error());
    woken.insert(call.id);
  }
  started = true;
  return {};
}

std::optional<UnixTime> CallService::deadline() {
  if (!impl_->started) return impl_->retry_at;
  auto next = impl_->store.next_deadline();
  if (!next) return impl_->retry_at;
  if (!*next) return std::nullopt;
  return std::max(**next, impl_->retry_at);
}

void CallService::on_deadline(Now now) {
  if (now.wall < impl_->retry_at) return;
  if (impl_->in_group) return impl_->fire(now);
  impl_->decided.clear();
  auto fired = service_detail::in_transaction(impl_->store, [&]() -> Result<void> {
    impl_->fire(now);
    return {};
  });
  if (fired) return impl_->settle();
  impl_->revert();
  impl_->retry_at = now.wall + store_rest;
}

void CallService::Impl::fire(Now now) {
  auto woke = wake_calls(now);
  auto due = woke ? store.due(now.wall, deadlines_at_once) : Result<std::vector<DueDeadline>>(unexpected(woke.error()));
  bool moved = due.has_value();
  if (due && !due->empty()) {
    const std::size_t before = decided.size();
    for (const DueDeadline& each : *due) {
      auto fired = attempt({.call = each.call, .body = TimerFired{each.deadline}}, now, {});
      // Clocks fire in the order of their instants: those after one that somebody got ahead of wait for it.
      if (!fired && fired.error().code == ErrorCode::conflict) break;
    }
    moved = decided.size() > before;
  }
  if (!moved) retry_at = now.wall + store_rest;  // neither spin on a store that fails nor on a timer that nobody wants
}

// ---- groups ---------------------------------------------------------------------------------------------------------

Result<void> CallService::open_group() {
  impl_->decided.clear();
  if (auto begun = impl_->store.begin(); !begun) return begun;
  impl_->in_group = true;
  impl_->torn = false;
  return {};
}

Result<void> CallService::commit_group() {
  if (!std::exchange(impl_->in_group, false)) return fail(ErrorCode::invalid_state, "no group is open");
  // Half of a command stands in the transaction: nothing of the group may stay.
  auto committed =
      impl_->torn ? fail(ErrorCode::store_unavailable, "a command of the group was cut short") : impl_->store.commit();
  if (committed) return impl_->settle(), committed;
  if (impl_->store.in_transaction()) impl_->store.rollback();
  return impl_->revert(), committed;
}

void CallService::abandon_group() {
  if (!std::exchange(impl_->in_group, false)) return;
  impl_->store.rollback();
  impl_->revert();
}

void CallService::Impl::settle() {
  counted = counting;
  presence.settle();
  started_before = started;
  if (started) woken.clear();
}

void CallService::Impl::revert() {
  counting = counted;
  presence.revert();
  decided.clear();
  started = started_before;
  woken.clear();
}

std::vector<Decided> CallService::take() { return std::exchange(impl_->decided, {}); }

}  // namespace zegocall
