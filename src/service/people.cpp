#include "zegocall/service/people.hpp"

#include "service/transaction.hpp"

namespace zegocall {

using service_detail::in_transaction;

Result<PersonSettings> PeopleService::settings(const UserId& user) { return store_.settings(user); }

Result<PersonSettings> PeopleService::disturb_not(const UserId& user, std::optional<UnixTime> until, Now now) {
  if (until && *until <= now.wall) return fail_field(ErrorCode::out_of_range, "until", "must be in the future");
  const PersonSettings kept{user, true, until};
  auto done = in_transaction(store_, [&] { return store_.keep_settings(kept); });
  if (!done) return unexpected(std::move(done).error());
  return kept;
}

Result<PersonSettings> PeopleService::disturb_again(const UserId& user) {
  const PersonSettings kept{user, false, std::nullopt};
  auto done = in_transaction(store_, [&] { return store_.keep_settings(kept); });
  if (!done) return unexpected(std::move(done).error());
  return kept;
}

Result<void> PeopleService::block(const UserId& user, const UserId& other, Now now) {
  return in_transaction(store_, [&] { return store_.block({user, other, now.wall}); });
}

Result<void> PeopleService::unblock(const UserId& user, const UserId& other) {
  return in_transaction(store_, [&] { return store_.unblock(user, other); });
}

Result<PeopleService::Missed> PeopleService::missed(const UserId& user, PageRequest page) {
  auto calls = store_.missed(user, page);
  if (!calls) return unexpected(std::move(calls).error());
  auto unseen = store_.missed_unseen(user);
  if (!unseen) return unexpected(std::move(unseen).error());
  return Missed{*std::move(calls), *unseen};
}

Result<std::uint64_t> PeopleService::seen(const UserId& user, UnixTime up_to, Now now) {
  if (up_to > now.wall) return fail_field(ErrorCode::out_of_range, "up_to", "has not come yet");
  return in_transaction(store_, [&] { return store_.mark_missed_seen(user, up_to, now.wall); });
}

}  // namespace zegocall
