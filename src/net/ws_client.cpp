#include "net/ws_client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/http_text.hpp"
#include "net/ws_frames.hpp"
#include "zegocall/base/random.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t answer_head_max = std::size_t{16} * 1024;

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : digits[three >> (18 - 6 * k) & 63u];
  }
  return out;
}

/// Keys nobody can guess, without a system call for each.
class MaskKeys {
 public:
  std::uint32_t next() {
    if (at_ + 4 > bytes_.size()) {
      system_bytes().fill(bytes_);
      at_ = 0;
    }
    std::uint32_t key = 0;
    std::memcpy(&key, bytes_.data() + at_, 4);
    at_ += 4;
    return key;
  }

 private:
  std::array<std::byte, 256> bytes_{};
  std::size_t at_ = bytes_.size();
};

std::string random_key() {
  std::array<std::byte, 16> bytes{};
  system_bytes().fill(bytes);
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// The value of a header in an answer's head, or nothing. Names compare without case.
std::string_view header_of(std::string_view head, std::string_view lower_name) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (line.size() <= lower_name.size() || line[lower_name.size()] != ':') continue;
    if (!base_detail::equal_ignoring_case(line.substr(0, lower_name.size()), lower_name)) continue;
    return base_detail::trimmed(line.substr(lower_name.size() + 1));
  }
  return {};
}

}  // namespace

namespace {

class Nobody final : public WsClientHandler {
  void on_open() override {}
  void on_message(std::string_view, bool) override {}
  void on_gone(const Error&) override {}
};

}  // namespace

class WsClient::Impl final : public StreamHandler {
 public:
  Impl(Loop& loop, WsTarget target, WsClientHandler& handler)
      : head_(std::move(target.head)),
        message_bytes_max_(target.message_bytes_max),
        handler_(&handler),
        stream_(loop, std::move(target.to), *this) {}

  void send(std::string_view payload, bool binary) {
    if (state_ == State::open)
      append_masked_frame(stream_.out(), binary ? WsOpcode::binary : WsOpcode::text, payload, keys_.next());
  }
  std::size_t buffered() const { return stream_.buffered(); }
  void detach() { handler_ = &nobody_; }
  void close(std::uint16_t code) {
    fail_with({ErrorCode::closed, {}, "closed by this side"}, state_ == State::open ? code : std::uint16_t{0});
  }

 private:
  enum class State : std::uint8_t { connecting, handshake, open, ending };

  void on_ready() override {
    if (state_ != State::connecting) return;
    state_ = State::handshake;
    key_ = random_key();
    stream_.out()
        .append(head_)
        .append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        .append(key_)
        .append("\r\n\r\n");
    std::string().swap(head_);
  }

  void on_gone(const Error& why) override {
    const Error handshake{ErrorCode::unreachable, {}, "the server closed the connection during the WebSocket handshake"};
    handler_->on_gone(why_ ? *why_ : state_ == State::handshake && why.field.empty() ? handshake : why);
  }

  void on_sent() override { handler_->on_sent(); }

  void on_bytes(char* data, std::size_t size) override {
    if (in_.empty() && state_ == State::open) {
      const std::size_t used = consume(data, size);
      if (used < size) in_.assign(data + used, size - used);
      return;
    }
    in_.append(data, size);
    std::string all = std::exchange(in_, {});
    std::size_t used = 0;
    if (state_ == State::handshake) used = read_answer(all);
    if (state_ == State::open || state_ == State::ending) used += consume(all.data() + used, all.size() - used);
    if (used < all.size()) in_ = all.substr(used);
  }

  std::size_t read_answer(std::string_view received) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (received.size() > answer_head_max)
        fail_with({ErrorCode::protocol, {}, "the server's answer to the handshake has no end"}, 0);
      return 0;
    }
    const std::string_view head = received.substr(0, end + 2);
    if (head.substr(0, 9) != "HTTP/1.1 " || head.substr(9, 3) != "101") {
      fail_with({ErrorCode::protocol,
                 {},
                 "the server refused the WebSocket: " + std::string(head.substr(0, std::min(head.find('\r'), std::size_t{60})))},
                0);
    } else if (const std::string_view wrong = wrong_with(head); !wrong.empty()) {
      fail_with({ErrorCode::protocol, {}, "the server answered the WebSocket handshake with " + std::string(wrong)}, 0);
    } else {
      state_ = State::open;
      handler_->on_open();
    }
    return end + 4;
  }

  /// RFC 6455, section 4.1. Which subprotocol is right is for those to say who put one into the headers.
  std::string_view wrong_with(std::string_view head) const {
    if (!base_detail::equal_ignoring_case(header_of(head, "upgrade"), "websocket")) return "another Upgrade than websocket";
    if (!base_detail::lists(header_of(head, "connection"), "upgrade")) return "a Connection that does not upgrade";
    if (header_of(head, "sec-websocket-accept") != accept_key(key_)) return "a wrong key";
    if (!header_of(head, "sec-websocket-extensions").empty()) return "an extension that nobody offered";
    return {};
  }

  std::size_t consume(char* data, std::size_t size) {
    std::size_t at = 0;
    while (at < size && (state_ == State::open || closing_)) {
      const WsReader::Step step = reader_.next(data + at, size - at, message_bytes_max_);
      if (step.got == WsReader::Got::more && step.consumed == 0) return at;
      at += step.consumed;
      take(step);
    }
    return size;
  }

  void take(const WsReader::Step& step) {
    switch (step.got) {
      case WsReader::Got::more:
      case WsReader::Got::pong: break;
      case WsReader::Got::message:
        if (state_ == State::open) handler_->on_message(step.payload, step.binary);
        reader_.release();
        break;
      case WsReader::Got::ping:
        if (state_ == State::open) append_masked_frame(stream_.out(), WsOpcode::pong, step.payload, keys_.next());
        break;
      case WsReader::Got::close:
        if (std::exchange(closing_, false)) return stream_.doom();
        fail_with({ErrorCode::closed, {}, "the server closed the WebSocket with code " + std::to_string(step.close_code)},
                  step.close_code, step.payload);
        closing_ = false;
        break;
      case WsReader::Got::failed:
        closing_ = false;
        fail_with(bad_frame(step.close_code), step.close_code);
        break;
    }
  }

  Error bad_frame(std::uint16_t code) const {
    if (code == ws_close::too_big)
      return {ErrorCode::payload_too_large, "message_bytes_max",
              "the server sent a WebSocket message of more than " + std::to_string(message_bytes_max_) + " bytes"};
    if (code == ws_close::bad_text) return {ErrorCode::protocol, {}, "the server sent a WebSocket text that is not UTF-8"};
    return {ErrorCode::protocol, {}, "the server sent a broken WebSocket frame"};
  }

  /// Ends with this reason. With a code: a close frame, and the server closes the connection; without: at once.
  void fail_with(Error why, std::uint16_t code, std::string_view reason = {}) {
    if (state_ == State::ending) return stream_.doom();
    why_ = std::move(why);
    state_ = State::ending;
    if (code == 0) return stream_.doom();
    closing_ = true;
    append_masked_frame(stream_.out(), WsOpcode::close, close_payload(code, reason), keys_.next());
    stream_.finish();
  }

  std::string head_;
  std::size_t message_bytes_max_;
  WsClientHandler* handler_;
  State state_ = State::connecting;
  bool closing_ = false;  // our close frame is out, theirs is awaited
  std::optional<Error> why_;
  std::string key_, in_;
  Nobody nobody_;
  WsReader reader_{WsSide::client};
  MaskKeys keys_;
  Stream stream_;
};

WsClient::WsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WsClient::~WsClient() = default;

std::unique_ptr<WsClient> WsClient::connect(Loop& loop, WsTarget target, WsClientHandler& handler) {
  return std::unique_ptr<WsClient>(new WsClient(std::make_unique<Impl>(loop, std::move(target), handler)));
}

void WsClient::send(std::string_view payload, bool binary) { impl_->send(payload, binary); }
std::size_t WsClient::buffered() const { return impl_->buffered(); }
void WsClient::close(std::uint16_t code) { impl_->close(code); }
void WsClient::detach() { impl_->detach(); }

}  // namespace zegocall::net_detail
