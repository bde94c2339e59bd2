// Every person's id in a record, found through the same tables that the codec walks: what is written is also found.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "store/codec_fields.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::store_detail {

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

/// Calls `see` with each UserId inside `record`, which may change it.
template <class T, class See>
void each_person(T& record, const See& see) {
  using Plain = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Plain, UserId>) {
    see(record);
  } else if constexpr (is_variant<Plain>) {
    std::visit([&](auto& one) { each_person(one, see); }, record);
  } else if constexpr (requires { members(For<Plain>{}); }) {
    std::apply([&](const auto&... member) { (each_person(record.*member.at, see), ...); }, members(For<Plain>{}));
  } else if constexpr (requires { record.has_value(), *record; }) {
    if (record.has_value()) each_person(*record, see);
  } else if constexpr (requires(Plain & list) { list.push_back(*list.begin()); } && !std::is_same_v<Plain, std::string>) {
    for (auto& one : record) each_person(one, see);
  }
}

/// The people whom a part's events name and who have no leg in the call that they know of (knows_of()), each once, sorted; of
/// those with a leg the ones whom an event makes a host or a member of the room, since that outlives the leg.
std::vector<UserId> people_named_beside(const CallChange::Part& part);
/// Puts `instead` in the place of `user`, and empties what they wrote into the log, and topics, metadata and attributes in
/// which their id stands as a word of its own.
void rename_person(CallEvent& event, const UserId& user, const UserId& instead);
void rename_person(CallView& call, const UserId& user, const UserId& instead);
/// The same for a text that may hold JSON: each whole JSON text that is the id.
std::string rename_in_text(std::string_view text, const UserId& user, const UserId& instead);

}  // namespace zegocall::store_detail
