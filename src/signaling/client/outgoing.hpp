// Packets on their way out, and what of them waits until its namespace is joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/json.hpp"

namespace zegocall::client_detail {

/// An encoded packet with its attachments.
struct Outgoing {
  std::string text;
  std::vector<std::string> attachments;
  std::optional<std::uint64_t> ask;  ///< the id whose acknowledgement it asks for
  std::size_t space = 0;             ///< number of its namespace
  std::size_t size() const;
  /// The longest single message in it; over long-polling binary parts go in base64.
  std::size_t longest(bool polling) const;
};
/// As encode_event, with the attachments of the arguments.
Outgoing make_event(std::size_t space, std::string_view nsp, std::string_view name, const ArgsView& args,
                    std::optional<std::uint64_t> ask);

/// In the order of arrival; its bound is the owner's business.
class WaitingRoom {
 public:
  using Place = std::uint64_t;
  Place add(Outgoing packet);
  /// Nothing if it has left already.
  std::optional<Outgoing> take(Place place);
  std::optional<Outgoing> take_oldest();
  /// The oldest of this namespace.
  std::optional<Outgoing> take_oldest(std::size_t space);
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return packets_.empty(); }

 private:
  std::optional<Outgoing> take(std::map<Place, Outgoing>::iterator found);
  std::map<Place, Outgoing> packets_;
  Place last_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace zegocall::client_detail
