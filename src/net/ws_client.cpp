#include "net/ws_client.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <thread>

#include "net/transport.hpp"
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
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    if (!std::equal(lower_name.begin(), lower_name.end(), line.begin(), [&](char b, char a) { return same(a, b); })) continue;
    line.remove_prefix(lower_name.size() + 1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    return line;
  }
  return {};
}

}  // namespace

class WsClient::Impl final : public Transport {
 public:
  Impl(Loop& loop, WsTarget target, WsClientHandler& handler)
      : Transport(loop), loop_(loop), target_(std::move(target)), handler_(handler), alive_(std::make_shared<bool>(true)) {}

  void begin() {
    beginning_ = true;
    Transport::connect(target_.address, target_.port);
    beginning_ = false;
    // A failure that is known at once is still told later, so that nobody is called out of connect().
    if (!is_open())
      loop_.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) tell_gone();
      });
  }
  void send(std::string_view payload, bool binary) {
    if (state_ == State::open) append_masked_frame(out(), binary ? WsOpcode::binary : WsOpcode::text, payload, keys_.next());
  }
  void close(std::uint16_t code) {
    if (state_ != State::open) return doom();
    fail_with({ErrorCode::closed, {}, "closed by this side"}, code);
  }

 private:
  enum class State : std::uint8_t { connecting, handshake, open, ending };

  void on_connected() override {
    state_ = State::handshake;
    why_.detail = "the server closed the connection during the WebSocket handshake";
    key_ = random_key();
    queue("GET " + target_.target + " HTTP/1.1\r\nHost: " + target_.host +
          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key_ +
          "\r\n\r\n");
  }

  void on_gone() override {
    if (!beginning_) tell_gone();
  }
  void tell_gone() { handler_.on_gone(why_); }

  void on_written(std::size_t, bool) override { handler_.on_sent(); }

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
    } else if (header_of(head, "sec-websocket-accept") != accept_key(key_)) {
      fail_with({ErrorCode::protocol, {}, "the server answered the WebSocket handshake with a wrong key"}, 0);
    } else {
      state_ = State::open;
      why_ = {ErrorCode::closed, {}, "the connection to the server broke"};
      handler_.on_open();
    }
    return end + 4;
  }

  std::size_t consume(char* data, std::size_t size) {
    std::size_t at = 0;
    while (at < size && (state_ == State::open || closing_)) {
      const WsReader::Step step = reader_.next(data + at, size - at, target_.message_bytes_max);
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
        if (state_ == State::open) handler_.on_message(step.payload, step.binary);
        reader_.release();
        break;
      case WsReader::Got::ping:
        if (state_ == State::open) append_masked_frame(out(), WsOpcode::pong, step.payload, keys_.next());
        break;
      case WsReader::Got::close:
        if (std::exchange(closing_, false)) return doom();
        fail_with({ErrorCode::closed, {}, "the server closed the WebSocket with code " + std::to_string(step.close_code)},
                  step.close_code);
        closing_ = false;
        break;
      case WsReader::Got::failed:
        closing_ = false;
        fail_with({ErrorCode::protocol, {}, "the server sent a broken or too long WebSocket frame"}, step.close_code);
        break;
    }
  }

  /// Ends with this reason. With a code: a close frame, and the server closes the connection; without: at once.
  void fail_with(Error why, std::uint16_t code) {
    if (state_ == State::ending) return doom();
    why_ = std::move(why);
    state_ = State::ending;
    if (code == 0) return doom();
    closing_ = true;
    append_masked_frame(out(), WsOpcode::close, close_payload(code, {}), keys_.next());
    finish();
  }

  Loop& loop_;
  WsTarget target_;
  WsClientHandler& handler_;
  std::shared_ptr<bool> alive_;
  State state_ = State::connecting;
  bool beginning_ = false;
  bool closing_ = false;  // our close frame is out, theirs is awaited
  Error why_{ErrorCode::unreachable, {}, "no connection to the server could be made"};
  std::string key_, in_;
  WsReader reader_{WsSide::client};
  MaskKeys keys_;
};

WsClient::WsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WsClient::~WsClient() = default;

std::unique_ptr<WsClient> WsClient::connect(Loop& loop, WsTarget target, WsClientHandler& handler) {
  auto impl = std::make_unique<Impl>(loop, std::move(target), handler);
  impl->begin();
  return std::unique_ptr<WsClient>(new WsClient(std::move(impl)));
}

void WsClient::send(std::string_view payload, bool binary) { impl_->send(payload, binary); }
std::size_t WsClient::buffered() const { return impl_->buffered(); }
void WsClient::close(std::uint16_t code) { impl_->close(code); }

struct Lookup::Shared {
  std::mutex mutex;
  Loop* loop;  // guarded by mutex; null when nobody waits any more
  Done done;   // loop thread only
};

namespace {

Result<std::vector<std::string>> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  const int bad = getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (bad != 0) return fail(ErrorCode::unreachable, "the name " + host + " has no address: " + gai_strerror(bad));
  std::vector<std::string> out;
  for (const addrinfo* each = first; each; each = each->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = each->ai_family == AF_INET6
                            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(each->ai_addr)->sin6_addr)
                            : &reinterpret_cast<const sockaddr_in*>(each->ai_addr)->sin_addr;
    if (inet_ntop(each->ai_family, bytes, text.data(), text.size())) out.emplace_back(text.data());
  }
  freeaddrinfo(first);
  return out;
}

bool is_numeric(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Lookup::Lookup(Loop& loop, std::string host, Done done) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->done = std::move(done);
  const auto tell = [](const std::shared_ptr<Shared>& shared, Result<std::vector<std::string>> found) {
    const std::scoped_lock lock(shared->mutex);
    if (!shared->loop) return;
    shared->loop->post([shared, found = std::move(found)] {
      if (const Done waiting = std::exchange(shared->done, nullptr)) waiting(found);  // which may end the Lookup
    });
  };
  if (is_numeric(host)) {
    tell(shared_, std::vector<std::string>{host});
    return;
  }
  std::thread([shared = shared_, host = std::move(host), tell] { tell(shared, addresses_of(host)); }).detach();
}

Lookup::~Lookup() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->done = nullptr;
}

}  // namespace zegocall::net_detail
