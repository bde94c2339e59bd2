#include "link.hpp"

#include <charconv>
#include <cstring>
#include <utility>

#include "net/ws_frames.hpp"

namespace load {

using zegocall::net_detail::append_masked_frame;
using zegocall::net_detail::next_frame;
using zegocall::net_detail::WsFrame;
using zegocall::net_detail::WsOpcode;
using zegocall::net_detail::WsSide;
using zegocall::net_detail::WsStep;

namespace {

constexpr std::uint32_t mask = 0x9e3779b9;  // not 0: some servers unmask nothing then
constexpr std::size_t message_max = std::size_t{1} << 26;
constexpr char packets_apart = '\x1e';

/// The value of Content-Length; npos if the head has none.
std::size_t content_length(std::string_view head) {
  for (std::size_t line = 0; (line = head.find("\r\n", line)) != std::string_view::npos;) {
    line += 2;
    constexpr std::string_view name = "content-length:";
    if (head.size() - line < name.size() || strncasecmp(head.data() + line, name.data(), name.size()) != 0) continue;
    std::size_t at = line + name.size(), value = std::string_view::npos;
    while (at < head.size() && head[at] == ' ') ++at;
    std::from_chars(head.data() + at, head.data() + head.size(), value);
    return value;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view text_after(std::string_view packet, std::string_view marker) {
  const void* found = ::memmem(packet.data(), packet.size(), marker.data(), marker.size());
  if (!found) return {};
  const char* begin = static_cast<const char*>(found) + marker.size();
  const char* const end = packet.data() + packet.size();
  const void* quote = std::memchr(begin, '"', static_cast<std::size_t>(end - begin));
  return quote ? std::string_view(begin, static_cast<std::size_t>(static_cast<const char*>(quote) - begin)) : std::string_view();
}

void Link::take(std::string_view packet) {
  if (packet.empty()) return;
  if (packet[0] == '2') return send("3");
  if (packet[0] == '0') {
    sid_ = text_after(packet, "\"sid\":\"");
    return send("40");
  }
  if (packet[0] != '4') return;
  if (joined_) return on_packet(packet);
  if (packet.substr(0, 2) == "44") give_up("the server refuses the namespace: " + std::string(packet));
  if (packet.substr(0, 2) != "40") return;
  joined_ = true;
  on_joined();
}

void WebSocketLink::connect(const Target& target) {
  joined_ = upgraded_ = leaving_ = false;
  ++connects_;
  channel_.connect(target.port, target.source);
  channel_.out() +=
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

void WebSocketLink::send(std::string_view packet) { append_masked_frame(channel_.out(), WsOpcode::text, packet, mask); }

void WebSocketLink::leave() {
  leaving_ = true;
  append_masked_frame(channel_.out(), WsOpcode::close, std::string_view("\x03\xe8", 2), mask);
}

void WebSocketLink::gone() {
  joined_ = false;
  on_lost();
}

std::size_t WebSocketLink::on_bytes(char* data, std::size_t size) {
  std::size_t at = 0;
  if (!upgraded_) {
    const std::size_t end = std::string_view(data, size).find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    if (std::string_view(data, size).substr(9, 3) != "101") give_up("the server refuses a WebSocket: " + std::string(data, end));
    upgraded_ = true;
    at = end + 4;
  }
  WsFrame frame;
  const std::uint32_t connects = connects_;
  while (connects_ == connects && channel_.is_open()) {
    const WsStep step = next_frame(data + at, size - at, WsSide::client, message_max, frame);
    if (step == WsStep::more) return at;
    if (step != WsStep::frame || !frame.final) give_up("the server sends a frame that a load client cannot read");
    at += frame.frame_size;
    if (frame.opcode == WsOpcode::text && !leaving_) take(frame.view());
    if (frame.opcode == WsOpcode::close) {
      channel_.close();
      gone();
    }
  }
  return size;
}

void PollingLink::connect(const Target& target) {
  joined_ = leaving_ = false;
  ++connects_;
  target_ = target;
  sid_.clear();
  waiting_.clear();
  drop();
  get_.connect(target.port, target.source);
  get();
}

void PollingLink::get() {
  get_.busy_ = true;
  std::string& out = get_.out();
  out += "GET /socket.io/?EIO=4&transport=polling";
  if (!sid_.empty()) out += "&sid=" + sid_;
  out += " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

void PollingLink::post() {
  if (!post_.is_open()) post_.connect(target_.port, target_.source);
  post_.busy_ = true;
  std::string& out = post_.out();
  out += "POST /socket.io/?EIO=4&transport=polling&sid=" + sid_ +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
         std::to_string(waiting_.size()) + "\r\n\r\n";
  out += waiting_;
  waiting_.clear();
}

void PollingLink::send(std::string_view packet) {
  if (!waiting_.empty()) waiting_ += packets_apart;
  waiting_ += packet;
  if (!post_.busy_) post();
}

void PollingLink::leave() {
  leaving_ = true;
  send("1");
}

void PollingLink::drop() {
  get_.close();
  post_.close();
  get_.busy_ = post_.busy_ = false;
}

void PollingLink::on_gone(const Pipe& pipe) {
  if (!pipe.busy_) return;  // an idle connection that the server did not keep
  drop();
  joined_ = false;
  on_lost();
}

std::size_t PollingLink::on_bytes(Pipe& pipe, char* data, std::size_t size) {
  const std::string_view all(data, size);
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  const std::size_t length = content_length(all.substr(0, end));
  if (length == std::string_view::npos) give_up("an answer without Content-Length: " + std::string(all.substr(0, end)));
  if (size - end - 4 < length) return 0;
  int status = 0;
  std::from_chars(data + 9, data + 12, status);
  pipe.busy_ = false;
  on_answer(pipe, status, all.substr(end + 4, length));
  return end + 4 + length;
}

void PollingLink::on_answer(Pipe& pipe, int status, std::string_view body) {
  if (status != 200) {
    if (!leaving_) give_up("long-polling: status " + std::to_string(status) + " " + std::string(body));
    return;
  }
  if (&pipe == &post_) {
    if (leaving_ && waiting_.empty()) {
      drop();
      joined_ = false;
      return on_lost();
    }
    if (!waiting_.empty()) post();
    return;
  }
  const std::uint32_t connects = connects_;
  for (std::size_t at = 0; at <= body.size() && connects_ == connects && get_.is_open();) {
    const std::size_t apart = std::min(body.find(packets_apart, at), body.size());
    if (!leaving_) take(body.substr(at, apart - at));
    at = apart + 1;
  }
  if (connects_ == connects && get_.is_open() && !get_.busy_ && !leaving_) get();
}

}  // namespace load
