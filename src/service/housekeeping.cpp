#include "zegocall/service/housekeeping.hpp"

#include "service/transaction.hpp"

namespace zegocall {

using std::chrono::hours;
using std::chrono::milliseconds;

Result<Housekeeping> Housekeeping::open(Store& store, ByteSource& bytes, HousekeepingOptions options) {
  // Answers to commands are read back from the log for as long as they are remembered, so nothing goes at once.
  if (options.calls_kept && (*options.calls_kept < hours(1) || *options.calls_kept > hours(24 * 365 * 100)))
    return fail_field(ErrorCode::out_of_range, "calls_kept", "1 hour to 100 years");
  if (options.every < milliseconds(1000) || options.every > hours(24))
    return fail_field(ErrorCode::out_of_range, "every", "1 second to 24 hours");
  if (options.at_once < 1 || options.at_once > 10'000) return fail_field(ErrorCode::out_of_range, "at_once", "1 to 10000");
  return Housekeeping(store, bytes, options);
}

Result<Erased> Housekeeping::erase(const UserId& user, Now now) {
  Erased erased{UserId("erased-" + make_id_text(now.wall, *bytes_)), 0};
  auto done = service_detail::in_transaction(*store_, [&] { return store_->erase_user(user, erased.instead); });
  if (!done) return unexpected(std::move(done).error());
  erased.calls = *done;
  scrub_wanted_ = store_->in_transaction();  // of a group; what stands alone has been committed
  return erased;
}

Result<void> Housekeeping::scrub() { return store_->scrub(); }

std::optional<UnixTime> Housekeeping::deadline() { return next_; }

void Housekeeping::on_deadline(Now now) {
  if (now.wall < next_) return;
  bool more = false;
  // As many as may go at once went: there are more. A store that fails is asked again at the usual time.
  const auto forget = [&](auto&& some, std::uint64_t& forgotten) {
    const auto gone = service_detail::in_transaction(*store_, some);
    forgotten += gone.value_or(0);
    more = more || (gone && *gone == options_.at_once);
  };
  forget([&] { return store_->forget_join_codes(now.wall, options_.at_once); }, codes_forgotten_);
  if (options_.calls_kept)
    forget([&] { return store_->forget_calls(now.wall - *options_.calls_kept, options_.at_once); }, forgotten_);
  next_ = now.wall + (more ? std::min<milliseconds>(options_.every, milliseconds(1000)) : options_.every);
}

Result<void> Housekeeping::commit_group() {
  if (!scrub_wanted_ || store_->in_transaction()) return {};
  scrub_wanted_ = false;
  // The person is gone from what anybody can ask; a failure here leaves bytes that the next scrub() takes.
  (void)store_->scrub();
  return {};
}

}  // namespace zegocall
