// What people set for themselves: do not disturb, whom they block, which missed calls they have seen. CallService reads the
// first two when somebody is rung; the list of missed calls is written with the calls.
#pragma once

#include "zegocall/base/time.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall {

/// On the service thread. Every function may fail with store_unavailable.
class PeopleService {
 public:
  explicit PeopleService(Store& store) : store_(store) {}

  Result<PersonSettings> settings(const UserId& user);
  /// Do not disturb, until then or until it is taken back. out_of_range (field "until": has passed).
  Result<PersonSettings> disturb_not(const UserId& user, std::optional<UnixTime> until, Now now);
  Result<PersonSettings> disturb_again(const UserId& user);

  /// Calls of `other` do not ring any more; they are not told. invalid_argument (oneself), limit_exceeded; field "blocked".
  Result<void> block(const UserId& user, const UserId& other, Now now);
  Result<void> unblock(const UserId& user, const UserId& other);
  Result<Page<Block>> blocks(const UserId& user, PageRequest page) { return store_.blocks(user, page); }

  struct Missed {
    Page<MissedCall> calls{};
    std::uint64_t unseen = 0;
  };
  /// Newest first.
  Result<Missed> missed(const UserId& user, PageRequest page);
  /// "I have seen everything up to here"; gives how many were new. out_of_range (field "up_to": has not come yet).
  Result<std::uint64_t> seen(const UserId& user, UnixTime up_to, Now now);

 private:
  Store& store_;
};

}  // namespace zegocall
