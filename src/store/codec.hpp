// Events and snapshots at rest: JSON objects whose member names are the words of the call model. `v` is the version of
// the encoding; instants are Unix milliseconds, durations end in _ms, numbers that only mean something here stay numbers.
// Every version since 1 is read. A golden file per version stands in tests/store/golden/. Every thread; nothing is shared.
#pragma once

#include <string>
#include <string_view>

#include "zegocall/call/model.hpp"

namespace zegocall::store_detail {

inline constexpr int codec_version = 2;

/// A value, and its members that this version does not know, as text (`,"color":"red"` or empty). Given back to
/// encode, they are kept, so that a record that only passes through loses nothing.
template <class T>
struct Decoded {
  T value{};
  std::string unknown{};
};

/// {"v":2,"event":"leg.joined","call":"...","version":7,"at":...,"leg":2,...}
std::string encode_event(const CallEvent& event, std::string_view unknown = {});
/// Strict in what it knows. Errors: store_corrupt with the member's path, store_newer for a higher `v`.
Result<Decoded<CallEvent>> decode_event(std::string_view text);

/// The same without what a table keeps in columns of its own: {"v":2,"leg":2,...}
std::string encode_body(const EventBody& body);
Result<EventBody> decode_body(std::string_view event_name, std::string_view text);

/// The whole call, {"v":2,"id":"...","version":7,...}
std::string encode_snapshot(const CallView& call, std::string_view unknown = {});
Result<Decoded<CallView>> decode_snapshot(std::string_view text);

}  // namespace zegocall::store_detail
