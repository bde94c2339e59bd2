#include "zegocall/zego/room_order.hpp"

namespace zegocall {
namespace {

std::string words(const RoomId& room, std::string_view what, std::string_view who, std::string_view did) {
  std::string out = room.str() + "  " + std::string(what);
  if (!who.empty()) out.append(" ").append(who);
  return out.append(" ").append(did);
}

struct ToText {
  std::string operator()(const RoomOpened& c) const { return words(c.room, "room", {}, c.assumed ? "taken for open" : "opened"); }
  std::string operator()(const RoomEnded& c) const {
    return words(c.room, "room", {}, c.replaced ? "ended: replaced" : "ended: " + std::string(name(c.reason)));
  }
  std::string operator()(const UserEntered& c) const { return words(c.room, "user", c.user.view(), "entered"); }
  std::string operator()(const UserLeft& c) const {
    return words(c.room, "user", c.user.view(), "left: " + std::string(c.reason ? name(*c.reason) : "not there any more"));
  }
  std::string operator()(const StreamAdded& c) const {
    return words(c.room, "stream", c.stream.view(), "added by " + c.user.str());
  }
  std::string operator()(const StreamRemoved& c) const {
    return words(c.room, "stream", c.stream.view(), "removed: " + std::string(c.reason ? name(*c.reason) : "not there any more"));
  }
};

}  // namespace

std::string to_string(const RoomChange& change) { return std::visit(ToText{}, change); }

std::string_view name(RoomDoubt doubt) {
  switch (doubt) {
    case RoomDoubt::create_lost: return "create_lost";
    case RoomDoubt::too_many_parked: return "too_many_parked";
    case RoomDoubt::host: return "host";
  }
  return {};
}

}  // namespace zegocall
