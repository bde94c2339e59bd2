#include "zegocall/zego/events.hpp"

namespace zegocall {

// The provider may add numbers: behind each switch is the answer for one that is not listed.

std::string_view name(RoomCloseReason reason) {
  switch (reason) {
    case RoomCloseReason::normal: return "normal";
    case RoomCloseReason::heartbeat_timeout: return "heartbeat_timeout";
    case RoomCloseReason::offline: return "offline";
    case RoomCloseReason::kicked: return "kicked";
  }
  return "other";
}

std::string_view name(LogoutReason reason) {
  switch (reason) {
    case LogoutReason::normal: return "normal";
    case LogoutReason::heartbeat_timeout: return "heartbeat_timeout";
    case LogoutReason::connection_lost: return "connection_lost";
    case LogoutReason::logged_in_again_or_kicked: return "logged_in_again_or_kicked";
    case LogoutReason::token_expired: return "token_expired";
  }
  return "other";
}

std::string_view name(StreamCloseReason reason) {
  switch (reason) {
    case StreamCloseReason::normal: return "normal";
    case StreamCloseReason::heartbeat_timeout: return "heartbeat_timeout";
    case StreamCloseReason::logged_in_again: return "logged_in_again";
    case StreamCloseReason::kicked: return "kicked";
    case StreamCloseReason::connection_lost: return "connection_lost";
    case StreamCloseReason::room_cleared: return "room_cleared";
    case StreamCloseReason::deleted: return "deleted";
  }
  return "other";
}

std::string_view name(Terminal terminal) {
  switch (terminal) {
    case Terminal::none: return "none";
    case Terminal::pc: return "pc";
    case Terminal::ios: return "ios";
    case Terminal::android: return "android";
    case Terminal::mac: return "mac";
    case Terminal::linux_pc: return "linux";
    case Terminal::web: return "web";
    case Terminal::mini_program: return "mini_program";
    case Terminal::unknown: return "unknown";
  }
  return "other";
}

std::string_view name(ZimPresence presence) {
  switch (presence) {
    case ZimPresence::online: return "online";
    case ZimPresence::logged_out: return "logged_out";
    case ZimPresence::offline: return "offline";
  }
  return "other";
}

const CallbackHead& head_of(const ProviderEvent& event) {
  return std::visit([](const auto& typed) -> const CallbackHead& { return typed.head; }, event);
}

}  // namespace zegocall
