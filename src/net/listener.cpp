#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/listener_impl.hpp"
#include "net/socket_address.hpp"

namespace zegocall::net_detail {
namespace {

using namespace std::chrono_literals;

constexpr int accepts_per_turn = 64;
constexpr auto accept_pause = 100ms;

Unexpected system_failure(const std::string& what) {
  const int number = errno;
  const ErrorCode code = number == EADDRINUSE ? ErrorCode::address_in_use
                         : number == EACCES   ? ErrorCode::forbidden
                                              : ErrorCode::io_error;
  return fail_field(code, "port", what + ": " + std::strerror(number));
}

void set_option(int socket, int level, int option) {
  const int on = 1;
  setsockopt(socket, level, option, &on, sizeof on);
}

}  // namespace

void WaitQueue::add(Peer& peer, SteadyTime until) {
  peer.wait_until_ = until;
  peer.wait_before_ = last_;
  peer.wait_after_ = nullptr;
  (last_ ? last_->wait_after_ : first_) = &peer;
  last_ = &peer;
}

void WaitQueue::remove(Peer& peer) {
  (peer.wait_before_ ? peer.wait_before_->wait_after_ : first_) = peer.wait_after_;
  (peer.wait_after_ ? peer.wait_after_->wait_before_ : last_) = peer.wait_before_;
}

std::optional<SteadyTime> WaitQueue::due() const {
  if (!first_) return {};
  return first_->wait_until_;
}

Listener::Impl::Impl(Loop& loop_in, ListenOptions options_in, Handler& handler_in)
    : loop(loop_in), options(std::move(options_in)), handler(handler_in) {
  if (!options.connections) options.connections = std::make_shared<std::atomic<std::size_t>>(0);
  if (!options.addresses) options.addresses = std::make_shared<AddressTally>();
  loop.impl().add(*this);
}

Listener::Impl::~Impl() {
  close_all();
  loop.impl().remove(*this);
}

void Listener::Impl::close_all() {
  stop_accepting();
  if (reserve >= 0) ::close(std::exchange(reserve, -1));
  for (Slot& slot : slots) {
    if (!slot.peer) continue;
    slot.peer->shut_down();
    count_connection(-1);
  }
  slots.clear();
  free_slots.clear();
  loop.cancel(std::exchange(wait_timer, 0));
}

Result<void> Listener::Impl::listen() {
  if (options.beside) options.host = options.beside->impl_->options.host, options.port = options.beside->port();
  if (options.shared || options.beside) reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto path = unix_path(options.host);
  if (auto listening = path ? listen_at_file(*path) : listen_at_port(); !listening) return listening;
  acceptor = new uv_poll_t;
  if (const int bad = uv_poll_init(&loop.impl().uv, acceptor, socket)) {
    delete std::exchange(acceptor, nullptr);
    return fail(ErrorCode::io_error, uv_strerror(bad));
  }
  acceptor->data = this;
  accepts = true;
  uv_poll_start(acceptor, UV_READABLE, [](uv_poll_t* h, int, int) noexcept { static_cast<Impl*>(h->data)->accept_some(); });
  return {};
}

Result<void> Listener::Impl::listen_at_port() {
  auto address = numeric_address(options.host == "localhost" ? "127.0.0.1" : options.host, options.port);
  if (!address) return fail_field(ErrorCode::invalid_argument, "host", "must be a numeric address, localhost or unix:/path");
  socket = ::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure("cannot make a socket");
  set_option(socket, SOL_SOCKET, SO_REUSEADDR);
  if (options.beside) set_option(socket, SOL_SOCKET, SO_REUSEPORT);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
  const std::string where = options.host + ":" + std::to_string(options.port);
  if (::bind(socket, address->get(), address->size) != 0) return system_failure("cannot bind " + where);
  // Only now: with it before, another server's port would be taken for one of ours.
  if (options.shared) set_option(socket, SOL_SOCKET, SO_REUSEPORT);
  if (::listen(socket, options.backlog) != 0) return system_failure("cannot listen on " + where);
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(socket, bound.get(), &bound.size) != 0) return system_failure("cannot listen on " + where);
  port = ntohs(reinterpret_cast<sockaddr_in&>(bound.storage).sin_port);  // at the same place for v6
  return {};
}

/// There is one socket for a file: those beside the first take from the same queue.
Result<void> Listener::Impl::listen_at_file(const std::string& path) {
  if (options.beside) {
    socket = ::fcntl(options.beside->impl_->socket, F_DUPFD_CLOEXEC, 0);
    return socket < 0 ? system_failure("cannot make a socket") : Result<void>();
  }
  socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure("cannot make a socket");
  auto bound = UnixSocketFile::bind(socket, path, options.unix_permissions);
  if (!bound) return unexpected(std::move(bound).error());
  file.emplace(*std::move(bound));
  if (::listen(socket, options.backlog) != 0) return system_failure("cannot listen at " + path);
  return {};
}

void Listener::Impl::accept_some() {
  for (int i = 0; i < accepts_per_turn && accepts; ++i) {
    SocketAddress from;
    from.size = sizeof from.storage;
    const int accepted = ::accept4(socket, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      accept_one(accepted, *from.get());
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return pause_accepting(std::strerror(errno));
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
  }
}

void Listener::Impl::accept_one(int accepted, const sockaddr& from) {
  const PeerAddress address = PeerAddress::of(from);
  AddressTally::Place place;
  if (!has_room_for(address, place)) {
    ::close(accepted);
    return;
  }
  Peer& peer = add_peer(true);
  peer.address = address;
  peer.place = std::move(place);
  ++counters.accepted;
  if (!peer.adopt(accepted)) remove(peer);
}

bool Listener::Impl::has_room_for(const PeerAddress& address, AddressTally::Place& place) {
  if (options.connections_max != 0 && options.connections->load() >= options.connections_max)
    return ++counters.connections_over, false;
  const std::size_t most = options.connections_per_address_max;
  if (most == 0 || address.is_unix || (options.is_proxy && options.is_proxy(address.text()))) return true;
  if (AddressTally::enter(options.addresses, address, most, place)) return true;
  return ++counters.connections_over_address, false;
}

Peer& Listener::Impl::add_peer(bool fresh) {
  if (free_slots.empty()) {
    free_slots.push_back(static_cast<std::uint32_t>(slots.size()));
    slots.emplace_back();
  }
  const std::uint32_t slot = free_slots.back();
  free_slots.pop_back();
  const PeerId id{slot, ++slots[slot].generation};
  slots[slot].peer = std::make_unique<Peer>(*this, id, fresh);
  count_connection(1);
  return *slots[slot].peer;
}

void Listener::Impl::count_connection(int change) {
  counters.connections += static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
  *options.connections += static_cast<std::size_t>(static_cast<std::ptrdiff_t>(change));
}

Parcel::~Parcel() {
  if (socket >= 0) ::close(socket);
}

void Listener::Impl::adopt(Parcel& parcel) {
  Peer& peer = add_peer(false);
  ++counters.connections_moved;
  if (!peer.unpack(parcel)) remove(peer);
}

/// The descriptors may have run out meanwhile, which must not hurt those who are connected: one is kept for this.
void Listener::Impl::send_away(PeerId id) {
  Peer* const peer = find(id);
  if (!peer || !peer->is_open() || !peer->is_moving()) return;
  std::shared_ptr<Parcel> parcel = peer->pack();
  parcel->socket = peer->detach();
  if (parcel->socket < 0 && reserve >= 0) {
    ::close(std::exchange(reserve, -1));
    parcel->socket = peer->detach();
    if (parcel->socket >= 0) reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  if (parcel->socket < 0) {
    ++counters.moves_failed;
    return peer->doom();
  }
  const unsigned to = peer->moves_to();
  remove(*peer);
  handler.on_parcel(to, std::move(parcel));
}

// Descriptors have run out: the listening socket would stay readable and the loop would spin.
void Listener::Impl::pause_accepting(const std::string& why) {
  ++counters.accepts_paused;
  handler.on_accepts_paused(why);
  uv_poll_stop(acceptor);
  accept_timer = loop.at(loop.now().steady + accept_pause, [this] {
    accept_timer = 0;
    uv_poll_start(acceptor, UV_READABLE, [](uv_poll_t* h, int, int) noexcept { static_cast<Impl*>(h->data)->accept_some(); });
  });
}

void Listener::Impl::stop_accepting() {
  accepts = false;
  loop.cancel(std::exchange(accept_timer, 0));
  if (acceptor) {
    uv_poll_stop(acceptor);
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(acceptor, nullptr)),
             [](uv_handle_t* h) { delete reinterpret_cast<uv_poll_t*>(h); });
  }
  if (socket >= 0) ::close(std::exchange(socket, -1));
  file.reset();
}

bool Listener::Impl::on_turn_end() {
  handler.on_turn_end();
  if (to_resume.empty() && to_tell.empty() && to_move.empty()) return false;
  for (const PeerId id : std::exchange(to_resume, {}))
    if (Peer* peer = find(id)) peer->resume();
  for (const PeerId id : std::exchange(to_tell, {}))
    if (Peer* peer = find(id)) peer->tell_gone();
  for (const PeerId id : std::exchange(to_move, {})) send_away(id);
  return true;
}

Peer* Listener::Impl::find(PeerId id) const {
  if (id.slot >= slots.size() || slots[id.slot].generation != id.generation) return nullptr;
  return slots[id.slot].peer.get();
}

void Listener::Impl::remove(Peer& peer) {
  const PeerId id = peer.id();
  count_connection(-1);
  slots[id.slot].peer.reset();
  free_slots.push_back(id.slot);
}

void Listener::Impl::start_waiting(Peer& peer, Wait what) {
  const auto limit = [&]() -> std::chrono::milliseconds {
    switch (what) {
      case Wait::nothing: break;
      case Wait::handshake: return options.handshake_timeout;
      case Wait::first_head:
      case Wait::head: return options.header_timeout;
      case Wait::next_request: return options.idle_timeout;
      case Wait::body: return options.body_timeout;
      case Wait::unread: return options.unread_timeout;
      case Wait::goodbye: return options.close_timeout;
    }
    return {};
  }();
  queues[static_cast<std::size_t>(what)].add(peer, loop.now().steady + limit);
  arm_waits();
}

// One timer serves all; it is only ever moved forward to an earlier instant, so that a busy listener does not touch it.
void Listener::Impl::arm_waits() {
  SteadyTime first = SteadyTime::max();
  for (const WaitQueue& queue : queues)
    if (const auto due = queue.due()) first = std::min(first, *due);
  if (first >= wait_timer_at) return;
  loop.cancel(wait_timer);
  wait_timer_at = first;
  wait_timer = loop.at(first, [this] { end_waits(); });
}

void Listener::Impl::end_waits() {
  const SteadyTime now = loop.now().steady;
  wait_timer_at = SteadyTime::max();
  for (WaitQueue& queue : queues)
    while (queue.front() && *queue.due() <= now) queue.front()->on_time_limit();
  arm_waits();
}

std::string_view Listener::Impl::date() {
  const UnixTime wall = loop.now().wall;
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count();
  if (second != std::exchange(date_second, second)) date_text = http_date(wall);
  return date_text;
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, ListenOptions options, Handler& handler) {
  auto impl = std::make_unique<Impl>(loop, std::move(options), handler);
  if (auto listening = impl->listen(); !listening) return unexpected(std::move(listening).error());
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

std::uint16_t Listener::port() const { return impl_->port; }
const ListenerCounters& Listener::counters() const { return impl_->counters; }

void Listener::answer(PeerId peer, const HttpAnswer& answer) {
  if (Peer* found = impl_->find(peer)) found->answer(answer);
}

void Listener::add_part(PeerId peer, std::string_view bytes) {
  if (Peer* found = impl_->find(peer)) found->add_part(bytes);
}

void Listener::end_parts(PeerId peer) {
  if (Peer* found = impl_->find(peer)) found->end_parts();
}

void Listener::break_off(PeerId peer) {
  if (Peer* found = impl_->find(peer)) found->break_off();
}

void Listener::send(PeerId peer, std::string_view payload, bool binary) {
  if (Peer* found = impl_->find(peer)) found->send(payload, binary);
}

void Listener::send_frame(PeerId peer, std::string_view framed) {
  if (Peer* found = impl_->find(peer)) found->send_frame(framed);
}

std::string Listener::frame(std::string_view payload, bool binary) {
  std::string out;
  append_frame(out, binary ? WsOpcode::binary : WsOpcode::text, payload);
  return out;
}

std::size_t Listener::buffered(PeerId peer) const {
  const Peer* found = impl_->find(peer);
  return found ? found->buffered() : 0;
}

void Listener::close(PeerId peer, std::uint16_t code, std::string_view reason) {
  if (Peer* found = impl_->find(peer)) found->close(code, reason);
}

void Listener::pause_reading(PeerId peer, bool paused) {
  if (Peer* found = impl_->find(peer)) found->pause(paused);
}

void Listener::set_tls(std::shared_ptr<const TlsIdentity> identity) { impl_->options.tls = std::move(identity); }

void Listener::adopt(const std::shared_ptr<Parcel>& parcel) { impl_->adopt(*parcel); }

void Listener::close_all() { impl_->close_all(); }

void Listener::stop_accepting() {
  impl_->stop_accepting();
  for (auto& slot : impl_->slots)
    if (slot.peer) slot.peer->end_if_idle();
}

}  // namespace zegocall::net_detail
