#include "signaling/client/outgoing.hpp"

#include <algorithm>
#include <utility>

#include "signaling/wire/socket_packet.hpp"

namespace zegocall::client_detail {

std::size_t Outgoing::size() const {
  std::size_t sum = text.size();
  for (const std::string& bytes : attachments) sum += bytes.size();
  return sum;
}

std::size_t Outgoing::longest(bool polling) const {
  std::size_t longest = text.size();
  for (const std::string& bytes : attachments)
    longest = std::max(longest, polling ? 1 + (bytes.size() + 2) / 3 * 4 : bytes.size());
  return longest;
}

Outgoing make_event(std::size_t space, std::string_view nsp, std::string_view name, const ArgsView& args,
                    std::optional<std::uint64_t> ask) {
  Outgoing out{{}, {args.attachments().begin(), args.attachments().end()}, ask, space};
  out.text.reserve(nsp.size() + name.size() + args.text().size() + 32);
  wire_detail::encode_event(out.text, nsp, ask, name, args);
  return out;
}

WaitingRoom::Place WaitingRoom::add(Outgoing packet) {
  bytes_ += packet.size();
  packets_.emplace_hint(packets_.end(), ++last_, std::move(packet));
  return last_;
}

std::optional<Outgoing> WaitingRoom::take(std::map<Place, Outgoing>::iterator found) {
  if (found == packets_.end()) return std::nullopt;
  Outgoing out = std::move(found->second);
  packets_.erase(found);
  bytes_ -= out.size();
  return out;
}

std::optional<Outgoing> WaitingRoom::take(Place place) { return take(packets_.find(place)); }
std::optional<Outgoing> WaitingRoom::take_oldest() { return take(packets_.begin()); }
std::optional<Outgoing> WaitingRoom::take_oldest(std::size_t space) {
  return take(std::find_if(packets_.begin(), packets_.end(), [space](const auto& entry) { return entry.second.space == space; }));
}

}  // namespace zegocall::client_detail
