// What every adapter of the store does alike: which records it takes, who sits in a call, how names and sets of people compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zegocall/store/store.hpp"

namespace zegocall::store_detail {

/// Refuses what no adapter may keep: limits, texts that are not UTF-8, events that do not lead from `expected` to `after`.
Result<void> check(const CallChange& change);
Result<void> check(const AccountRecord& account);
Result<void> check(const ChatRecord& chat);
Result<void> check(const PageRequest& page);
Result<void> check(const PersonSettings& settings);
Result<void> check(const Block& block);
Result<void> check(const RoomMessage& message);
Result<void> check(const PasscodeRecord& passcode);
Result<void> check(const JoinCodeRecord& code);
Result<void> check_reason(const std::string& reason);
Result<void> check_erase(const UserId& user, const UserId& instead);

/// How many items of a list stand before this page.
std::uint64_t first_of(const PageRequest& page);

/// The people whose one seat a live call holds, sorted. A call that has ended holds no seat.
std::vector<UserId> seats_of(const CallView& call);
/// The people with a live leg in it that holds no seat (a second ring), sorted.
std::vector<UserId> second_legs_of(const CallView& call);
/// Of the seats a call held, those that it gives back when it holds `kept` from now on. Both sorted.
std::vector<UserId> seats_released(const std::vector<UserId>& held, const std::vector<UserId>& kept);
/// Everybody who has or had a leg in the call and may know of it (I18, knows_of()), sorted: whose history it is in.
std::vector<UserId> members_of(const CallView& call);

/// True for a room whose host or member the person is, or in which they have a leg that is not final.
bool is_room_of(const CallView& call, const UserId& user);

/// ASCII letters in lower case, all else as it is: how login names and addresses compare.
std::string ascii_lower(std::string_view text);
/// A text that is the same for the same sorted set of people, and for no other.
std::string members_key(const std::vector<UserId>& members);

/// The conflicts of a change, in one wording for all adapters.
Unexpected version_conflict(std::size_t part, Version expected, std::optional<Version> found);
Unexpected seat_conflict(std::size_t part, const CallView& after, const UserId& user);
Unexpected answer_conflict();
Unexpected ended_already(std::size_t part);
Unexpected taken(std::string field);
Unexpected no_transaction();
Unexpected no_message();
Unexpected not_first_of_order();
Unexpected no_call();
Unexpected too_many_blocks();
Unexpected sits_in_a_call();

}  // namespace zegocall::store_detail
