#include "net/stream.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "net/tls_session.hpp"
#include "net/transport.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t proxy_head_max = std::size_t{16} * 1024;

Error proxy_error(std::string detail) { return {ErrorCode::unreachable, "proxy", std::move(detail)}; }

/// "host:port", and the address where the host is a name.
std::string place_of(const StreamTarget& target, const std::string& address) {
  const std::string& host = target.host.empty() ? address : target.host;
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(target.port);
  return host == address ? out : out + " (" + address + ")";
}

/// What a socket tells the stream that owns it.
class SocketOwner {
 public:
  virtual ~SocketOwner() = default;
  virtual void on_socket_connected() = 0;
  virtual void on_socket_ready() = 0;
  virtual void on_socket_bytes(char* data, std::size_t size) = 0;
  virtual void on_socket_sent() = 0;
  /// `reached`: the TCP connection stood. The socket may be destroyed in here.
  virtual void on_socket_gone(bool reached, const Error& why) = 0;
};

/// One TCP connection to one address, and the layers on it.
class Socket final : public Transport {
 public:
  Socket(Loop& loop, const StreamTarget& target, SocketOwner& owner) : Transport(loop), target_(target), owner_(owner) {}

  std::string& plain() {
    std::string& transport_out = out();  // also sees to it that on_flush() is called
    return tls_ ? plain_ : transport_out;
  }
  std::size_t pending() const { return buffered() + plain_.size(); }
  void end_politely() {
    if (tls_ && state_ == State::ready) {
      encrypt();
      tls_->say_goodbye();
      send_tls();
    }
    finish();
  }

 private:
  enum class State : unsigned char { connecting, proxy, handshake, ready };

  void on_connected() override {
    why_ = {ErrorCode::unreachable, {}, "the server closed the connection before it stood"};
    owner_.on_socket_connected();
    if (!target_.proxy) return begin_tls();
    state_ = State::proxy;
    why_ = proxy_error("closed the connection instead of answering");
    std::string request = "CONNECT " + target_.proxy->to + " HTTP/1.1\r\nHost: " + target_.proxy->to + "\r\n";
    if (!target_.proxy->authorization.empty()) request += "Proxy-Authorization: " + target_.proxy->authorization + "\r\n";
    queue(request + "\r\n");
  }

  void begin_tls() {
    if (!target_.tls) return ready();
    state_ = State::handshake;
    why_ = {ErrorCode::unreachable, "tls", "the server closed the connection during the TLS handshake"};
    tls_ = std::make_unique<TlsSession>(*target_.tls, target_.tls_host);
    shake();
  }

  void shake() {
    const auto done = tls_->shake_hands();
    send_tls();
    if (!done) return fail_with(done.error());
    if (*done) ready();
  }

  void ready() {
    state_ = State::ready;
    why_ = {ErrorCode::closed, {}, "the connection to the server broke"};
    owner_.on_socket_ready();
  }

  void on_bytes(char* data, std::size_t size) override {
    switch (state_) {
      case State::connecting: return;
      case State::proxy: return read_proxy({data, size});
      case State::handshake:
        tls_->feed({data, size});
        shake();
        if (state_ == State::ready) decrypt();
        return;
      case State::ready:
        if (!tls_) return owner_.on_socket_bytes(data, size);
        tls_->feed({data, size});
        return decrypt();
    }
  }

  void read_proxy(std::string_view received) {
    head_.append(received);
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (head_.size() > proxy_head_max) fail_with(proxy_error("its answer to CONNECT has no end"));
      return;
    }
    const std::string status = head_.substr(0, std::min<std::size_t>(head_.find('\r'), 60));
    const bool http = status.rfind("HTTP/1.", 0) == 0 && status.size() >= 12;
    if (!http || status[9] != '2') return fail_with(proxy_error("answered \"" + status + "\" to CONNECT " + target_.proxy->to));
    if (end + 4 != head_.size()) return fail_with(proxy_error("speaks before it is spoken to"));
    std::string().swap(head_);
    begin_tls();
  }

  void decrypt() {
    char chunk[16384];
    for (;;) {
      const auto got = tls_->read(chunk, sizeof chunk);
      send_tls();  // a new key, a goodbye
      if (!got) return fail_with(got.error());
      if (*got == 0) return;
      owner_.on_socket_bytes(chunk, *got);
    }
  }

  void on_flush() override {
    if (!plain_.empty() && state_ == State::ready) encrypt();
  }
  void encrypt() {
    const auto written = tls_->write(plain_);
    plain_.clear();
    if (plain_.capacity() > spare_bytes_max) plain_ = std::string();
    if (!written) return fail_with(written.error());
    send_tls();
  }
  void send_tls() {
    std::string bytes;
    tls_->take_output(bytes);
    if (!bytes.empty()) queue(bytes);
  }

  void fail_with(Error why) {
    why_ = std::move(why);
    doom();
  }
  void on_written(std::size_t, bool) override { owner_.on_socket_sent(); }
  void on_gone() override {
    const Error why = why_;
    owner_.on_socket_gone(state_ != State::connecting, why);
  }

  static constexpr std::size_t spare_bytes_max = 4096;

  const StreamTarget& target_;
  SocketOwner& owner_;
  State state_ = State::connecting;
  Error why_{ErrorCode::unreachable, {}, {}};
  std::string head_, plain_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace

class Stream::Impl final : public SocketOwner {
 public:
  Impl(Loop& loop, StreamTarget target, StreamHandler& handler)
      : loop_(loop), target_(std::move(target)), handler_(handler), alive_(std::make_shared<bool>(true)) {
    later([this] { try_next(); });
  }
  ~Impl() override { loop_.cancel(timer_); }

  std::string& out() { return socket_->plain(); }
  std::size_t buffered() const { return socket_ ? socket_->pending() : 0; }
  void finish() {
    if (socket_) socket_->end_politely();
  }
  void doom() {
    target_.addresses.clear();  // no other is tried
    if (socket_ && socket_->is_open()) return socket_->doom();
    later([this] { tell_gone({ErrorCode::closed, {}, "given up"}); });
  }

 private:
  template <class F>
  void later(F task) {
    loop_.post([alive = std::weak_ptr(alive_), task] {
      if (!alive.expired()) task();
    });
  }

  void try_next() {
    if (next_ >= target_.addresses.size()) return tell_gone(last_);
    place_ = place_of(target_, target_.addresses[next_]);
    late_ = false;
    timer_ = loop_.at(loop_.now().steady + target_.address_timeout, [this] {
      late_ = true;
      socket_->doom();
    });
    socket_ = std::make_unique<Socket>(loop_, target_, *this);
    socket_->connect(target_.addresses[next_++], target_.port);
    if (!socket_->is_open()) later([this] { on_socket_gone(false, {}); });
  }

  /// Why the last try came to nothing.
  Error unreachable() const {
    std::string why = "given up";
    if (late_) why = "no answer within " + std::to_string(target_.address_timeout.count()) + " ms";
    if (const int error = socket_->connect_error()) why = std::system_category().message(error);
    return {ErrorCode::unreachable, target_.proxy ? "proxy" : "", place_ + ": " + why};
  }

  void on_socket_connected() override { loop_.cancel(timer_); }
  void on_socket_ready() override { handler_.on_ready(); }
  void on_socket_bytes(char* data, std::size_t size) override { handler_.on_bytes(data, size); }
  void on_socket_sent() override { handler_.on_sent(); }
  void on_socket_gone(bool reached, const Error& why) override {
    loop_.cancel(timer_);
    last_ = reached ? why : unreachable();
    if (reached || next_ >= target_.addresses.size()) return tell_gone(last_);
    later([this] { try_next(); });
  }
  void tell_gone(const Error& why) {
    if (std::exchange(told_, true)) return;
    handler_.on_gone(why);
  }

  Loop& loop_;
  StreamTarget target_;
  StreamHandler& handler_;
  std::shared_ptr<bool> alive_;
  std::size_t next_ = 0;
  bool told_ = false, late_ = false;
  TimerId timer_ = 0;
  std::string place_;
  Error last_{ErrorCode::unreachable, {}, "there is no address to connect to"};
  std::unique_ptr<Socket> socket_;
};

Stream::Stream(Loop& loop, StreamTarget target, StreamHandler& handler)
    : impl_(std::make_unique<Impl>(loop, std::move(target), handler)) {}
Stream::~Stream() = default;
std::string& Stream::out() { return impl_->out(); }
std::size_t Stream::buffered() const { return impl_->buffered(); }
void Stream::finish() { impl_->finish(); }
void Stream::doom() { impl_->doom(); }

}  // namespace zegocall::net_detail
