#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <exception>

#include "net/listener_impl.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t spare_plain_max = 4096;
constexpr std::size_t first_body_reserve = std::size_t{64} * 1024;
constexpr std::size_t pong_backlog_max = std::size_t{64} * 1024;  // a peer that pings and does not read gets no more pongs

}  // namespace

Peer::Peer(Listener::Impl& owner, PeerId id, bool fresh) : Transport(owner.loop), owner_(owner), id_(id) {
  if (fresh && owner.options.tls) {
    tls_ = std::make_unique<TlsServerSession>(*owner.options.tls);
    state_ = State::handshake;
  }
  wait_for(tls_ ? Wait::handshake : Wait::first_head);
}

Peer::~Peer() {
  release_body();
  wait_for(Wait::nothing);
}

template <class F>
void Peer::guarded(F&& call) noexcept {
  std::string why;
  try {
    call();
    return;
  } catch (const std::exception& thrown) {
    why = thrown.what();
  } catch (...) {
    why = "something that is not an exception";
  }
  if (const LogSink& log = owner_.loop.impl().log) log(LogLevel::error, "a handler threw, its connection ends: " + why);
  state_ = State::ending;
  doom();
}

void Peer::wait_for(Wait what) {
  if (wait_ != Wait::nothing) owner_.stop_waiting(*this, wait_);
  wait_ = what;
  if (wait_ != Wait::nothing) owner_.start_waiting(*this, wait_);
}

void Peer::on_time_limit() {
  if (wait_ == Wait::unread && reads_slowly()) return wait_for(Wait::unread);
  const Wait what = wait_;
  ListenerCounters& counters = owner_.counters;
  wait_for(Wait::nothing);
  if (what != Wait::next_request) ++counters.timeouts;
  if (what == Wait::handshake) ++counters.tls_timeouts;
  if (what == Wait::first_head || what == Wait::head) ++counters.timeouts_head;
  if (what == Wait::body) ++counters.timeouts_body;
  if (what == Wait::unread) ++counters.timeouts_unread;
  if (what == Wait::goodbye || what == Wait::unread || what == Wait::handshake) return doom();
  if (what == Wait::next_request || (what == Wait::first_head && in_.empty())) return end();
  refuse(408, "the request did not arrive in time");
}

void Peer::on_written(std::size_t bytes, bool whole) {
  owner_.counters.bytes_out += bytes;
  ++owner_.counters.writes;
  if (!whole) ++owner_.counters.writes_short;
  if (is_websocket_) return;  // whoever fills its outbox watches it
  if (!whole && (bytes > 0 || wait_ != Wait::unread)) {
    unconfirmed_ = unconfirmed();
    wait_for(Wait::unread);
  }
  if (whole) go_on();
  if (state_ != State::streaming || buffered() > stream_room_bytes) return;
  // In a later turn: who reads as fast as we write must not keep this one from ending.
  owner_.loop.post([alive = std::weak_ptr(owner_.alive), &owner = owner_, id = id_] {
    if (Peer* peer = alive.expired() ? nullptr : owner.find(id)) peer->give_room();
  });
}

/// The kernel asks for more only when much of what it had is gone; a slow reader is one that has taken some of that.
bool Peer::reads_slowly() {
  const std::size_t before = std::exchange(unconfirmed_, unconfirmed());
  return unconfirmed_ < before;
}

/// What was queued has left.
void Peer::go_on() {
  if (wait_ == Wait::unread)
    wait_for(state_ == State::head        ? Wait::next_request
             : state_ == State::handshake ? Wait::handshake
             : state_ == State::body      ? Wait::body
             : state_ == State::ending    ? Wait::goodbye
                                          : Wait::nothing);
  if (state_ != State::head || in_.empty()) return;
  owner_.to_resume.push_back(id_);
  owner_.loop.post([] {});
}

void Peer::give_room() {
  if (state_ == State::streaming) guarded([this] { owner_.handler.on_room(id_); });
}

void Peer::on_gone() {
  tell_gone();
  owner_.remove(*this);  // destroys this
}

void Peer::tell_gone() {
  release_body();
  if (state_ == State::body) ++owner_.counters.requests_cut_off;
  if (std::exchange(owes_request_gone_, false)) guarded([this] { owner_.handler.on_request_gone(id_); });
  if (std::exchange(owes_close_, false)) {
    --owner_.counters.websockets;
    guarded([this] { owner_.handler.on_close(id_); });
  }
}

void Peer::on_bytes(char* data, std::size_t size) {
  owner_.counters.bytes_in += size;
  if (!tls_) return on_plain(data, size);
  tls_->feed({data, size});
  if (state_ == State::handshake) shake_hands();
  if (state_ != State::handshake) decrypt();
}

void Peer::shake_hands() {
  const auto done = tls_->shake_hands(Transport::out());
  if (!done) return fail_tls();
  if (!*done) return;
  ++owner_.counters.tls_handshakes;
  state_ = State::head;
  wait_for(Wait::first_head);
}

void Peer::decrypt() {
  char chunk[16384];  // one record
  while (tls_ && is_open()) {
    const auto got = tls_->read(chunk, sizeof chunk, Transport::out());
    // A client that says goodbye wants nothing more; what it has asked for before is on its way.
    if (!got && got.error().code == ErrorCode::closed) return state_ == State::ending ? void() : end(), tell_gone();
    if (!got) return fail_tls();
    if (*got == 0) return;
    on_plain(chunk, *got);
  }
}

/// The client has been told in TLS's own words, if it speaks TLS.
void Peer::fail_tls() {
  ++owner_.counters.tls_failed;
  const bool was_ending = state_ == State::ending;
  state_ = State::ending;
  tls_.reset();
  plain_.clear();
  if (was_ending) return doom();
  Transport::finish();
  wait_for(Wait::goodbye);
  tell_gone();
}

void Peer::encrypt() {
  if (!tls_ || plain_.empty() || state_ == State::handshake) return;
  const auto written = tls_->write(plain_, out_now());
  plain_.clear();
  if (plain_.capacity() > spare_plain_max) plain_ = std::string();
  if (!written) fail_tls();
}

void Peer::on_flush() { encrypt(); }

std::string& Peer::out() {
  std::string& encrypted = Transport::out();  // also sees to it that on_flush() is called
  return tls_ ? plain_ : encrypted;
}

void Peer::queue(std::string_view bytes) {
  if (!tls_) return Transport::queue(bytes);
  if (is_open()) out().append(bytes);
}

void Peer::finish() {
  if (tls_ && is_open()) {
    encrypt();
    if (tls_) tls_->say_goodbye(Transport::out());
  }
  Transport::finish();
}

void Peer::on_plain(char* data, std::size_t size) {
  if (state_ == State::ending) return;
  if (state_ == State::moving) return (void)in_.append(data, size);
  if (state_ == State::answering || state_ == State::streaming) return refuse_early({data, size});
  if (in_.empty()) {  // the usual case: whole frames, read where they were received
    const std::size_t used = consume(data, size);
    if (used < size) in_.assign(data + used, size - used);
  } else {
    in_.append(data, size);
    resume();
  }
  hold_back();
}

/// The next request came before the answer to this one. It is not served; that the connection ends after this answer
/// tells the client so (RFC 9112, section 9.3.2).
void Peer::refuse_early(std::string_view bytes) {
  if (bytes.size() <= 2 && bytes.find_first_not_of("\r\n") == std::string_view::npos) return;  // some end a body with a line
  if (std::exchange(pipelined_, true)) return;
  ++owner_.counters.requests_pipelined;
  keep_alive_ = false;
  if (!std::exchange(choked_, true) && !paused_) pause_reading(true);
}

/// A client that asks and asks and does not read: its next request is not looked at before the last answer has left.
void Peer::hold_back() {
  if (state_ == State::head && in_.size() > owner_.options.head_bytes_max && !std::exchange(choked_, true)) pause_reading(true);
}

void Peer::resume() {
  std::string data = std::exchange(in_, {});  // ours while handlers look into it, whatever they do to this connection
  const std::size_t used = consume(data.data(), data.size());
  if (choked_ && !pipelined_ && data.size() - used <= owner_.options.head_bytes_max) {
    choked_ = false;
    if (!paused_) pause_reading(false);
  }
  if (used == data.size()) return;
  data.erase(0, used);
  in_ = std::move(data);
}

std::size_t Peer::consume(char* data, std::size_t size) {
  std::size_t at = 0;
  while (at < size && !paused_) {
    std::size_t used = 0;
    switch (state_) {
      case State::handshake: break;
      case State::head:
        if (buffered() == 0) used = step_head(data + at, size - at);
        break;
      case State::body: used = step_body(data + at, size - at); break;
      case State::answering:
      case State::streaming: return size;
      case State::websocket: used = step_websocket(data + at, size - at); break;
      case State::moving: break;
      case State::ending: return size;
    }
    if (used == 0) break;
    at += used;
  }
  return state_ == State::ending ? size : at;
}

std::size_t Peer::step_head(char* data, std::size_t size) {
  if (wait_ == Wait::next_request) wait_for(Wait::head);
  if (size >= 2 && data[0] == '\r' && data[1] == '\n') return 2;  // some clients end a body with an extra line
  const auto end = head_size({data, size}, searched_);
  if (end.value_or(size) > owner_.options.head_bytes_max) {
    refuse(431, "the head of the request has more than " + std::to_string(owner_.options.head_bytes_max) + " bytes");
    return size;
  }
  if (!end && std::string_view(data, size).find("\n\n", searched_ == 0 ? 0 : searched_ - 1) != std::string_view::npos) {
    refuse(400, "a line does not end in CR LF");
    return size;
  }
  searched_ = end ? 0 : size;
  if (!end) return 0;
  request_ = std::make_unique<Request>();
  request_->text.assign(data, *end);
  if (const auto refusal = parse_head(request_->text.data(), *end, request_->head)) {
    refuse(refusal->status, refusal->why);
    return *end;
  }
  if (move_away(request_->head.request)) return 0;
  begin_request({data + *end, size - *end});
  return *end;
}

/// True if the connection goes to another Listener, with this request unread.
bool Peer::move_away(const RequestHead& head) {
  std::optional<unsigned> to;
  guarded([&] { to = owner_.handler.belongs_to(head); });
  if (!to || state_ == State::ending) return false;
  moves_to_ = *to;
  state_ = State::moving;
  request_.reset();
  wait_for(Wait::nothing);
  owner_.to_move.push_back(id_);
  return true;
}

std::unique_ptr<Parcel> Peer::pack() {
  auto parcel = std::make_unique<Parcel>();
  parcel->received = std::move(in_);
  encrypt();
  parcel->unsent = take_unsent();
  parcel->tls = std::move(tls_);
  parcel->address = address;
  parcel->place = std::move(place);
  return parcel;
}

bool Peer::unpack(Parcel& parcel) {
  address = parcel.address;
  place = std::move(parcel.place);
  if (!adopt(std::exchange(parcel.socket, -1))) return false;
  tls_ = std::move(parcel.tls);
  Transport::queue(parcel.unsent);
  in_ = std::move(parcel.received);
  if (!in_.empty()) owner_.to_resume.push_back(id_);
  return true;
}

void Peer::begin_request(std::string_view behind) {
  ++owner_.counters.requests;
  RequestHead& head = request_->head.request;
  head.peer_address = address.text();
  keep_alive_ = request_->head.keep_alive && owner_.accepts;
  head_only_ = head.method == "HEAD";
  chunks_ = request_->head.is_one_one;
  if (head.wants_upgrade) return upgrade();
  std::size_t body_max = 0;
  guarded([&] { body_max = owner_.handler.body_limit(head); });
  if (state_ == State::ending) return;
  const std::size_t length = request_->head.content_length;
  if (length > body_max)
    return refuse(413, "the body of the request has more than the " + std::to_string(body_max) + " bytes that are taken here");
  if (length == 0) {
    if (!behind.empty()) refuse_early(behind);
    return deliver();
  }
  if (request_->head.expects_continue && behind.empty()) {
    bool wanted = true;
    guarded([&] { wanted = owner_.handler.wants_body(head); });
    if (state_ == State::ending) return;
    if (!wanted) {
      keep_alive_ = false;  // the body may come all the same
      return deliver();
    }
  }
  state_ = State::body;
  wait_for(Wait::body);
  request_->body.reserve(std::min(length, first_body_reserve));
  if (request_->head.expects_continue) queue("HTTP/1.1 100 Continue\r\n\r\n");
  if (behind.size() >= length) return;
  owes_request_gone_ = true;
  guarded([&] { owner_.handler.on_body_begins(id_, head); });
}

std::size_t Peer::step_body(const char* data, std::size_t size) {
  const std::size_t used = std::min(size, request_->head.content_length - request_->body.size());
  if (!hold_body(used)) {
    refuse(503, "too much is being sent at once; try again");
    return size;
  }
  request_->body.append(data, used);
  if (request_->body.size() == request_->head.content_length) {
    if (used < size) refuse_early({data + used, size - used});
    deliver();
  }
  return used;
}

bool Peer::hold_body(std::size_t bytes) {
  if (bytes > owner_.options.bodies_bytes_max - std::min(owner_.bodies_held, owner_.options.bodies_bytes_max)) return false;
  owner_.bodies_held += bytes;
  body_held_ += bytes;
  return true;
}

void Peer::release_body() { owner_.bodies_held -= std::exchange(body_held_, 0); }

void Peer::deliver() {
  wait_for(Wait::nothing);
  state_ = State::answering;
  owes_request_gone_ = true;
  const auto request = std::move(request_);
  guarded([&] { owner_.handler.on_request(id_, request->head.request, std::move(request->body)); });
}

void Peer::upgrade() {
  wait_for(Wait::nothing);
  state_ = State::answering;
  const auto request = std::move(request_);
  std::optional<HttpAnswer> refusal;
  guarded([&] { refusal = owner_.handler.on_upgrade(id_, request->head.request); });
  if (state_ == State::ending) return;
  if (refusal) return answer(*refusal);
  queue("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
  queue(accept_key(request->head.websocket_key));
  if (const std::string_view chosen = request->head.websocket_protocol; !chosen.empty()) {
    queue("\r\nSec-WebSocket-Protocol: ");
    queue(chosen);
  }
  queue("\r\n\r\n");
  state_ = State::websocket;
  is_websocket_ = true;
  owes_close_ = true;
  ++owner_.counters.websockets;
  guarded([this] { owner_.handler.on_open(id_); });
}

void Peer::refuse(int status, std::string_view why) {
  ++owner_.counters.requests_bad;
  if (status == 413 || status == 431) ++owner_.counters.requests_too_large;
  if (status == 431) ++owner_.counters.requests_long_head;
  if (status == 411) ++owner_.counters.requests_unsized;
  if (status == 503) ++owner_.counters.requests_no_room;
  const bool head_read = status == 413 || state_ == State::body;
  const auto request = std::move(request_);
  wait_for(Wait::nothing);
  if (std::exchange(owes_request_gone_, false)) guarded([this] { owner_.handler.on_request_gone(id_); });
  state_ = State::answering;
  HttpAnswer refusal{.status = status,
                     .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
                     .body = std::string(why) + "\n",
                     .close = true};
  const RequestHead* const head = request && head_read ? &request->head.request : nullptr;
  guarded([&] { owner_.handler.on_refusal(address.text(), head, refusal); });
  if (state_ == State::ending) return;
  refusal.status = status;
  refusal.close = true;
  if (status == 426) refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
  answer(refusal);
}

void Peer::answer(const HttpAnswer& answer) {
  if (state_ != State::answering) return;
  const bool bodily = !answer.head_only && !head_only_ && answer.status != 204 && answer.status != 304;
  const std::string& body = answer.shared_body ? *answer.shared_body : answer.body;
  const bool chunks = chunks_ && answer.streamed;
  keep_alive_ = keep_alive_ && !answer.close && owner_.accepts && (!answer.streamed || chunks || !bodily);
  write_head(out(), answer, {body.size(), answer.streamed, chunks}, keep_alive_, owner_.date());
  if (answer.streamed && bodily) {
    state_ = State::streaming;
    return;
  }
  if (bodily) queue(body);
  end_answer();
}

void Peer::add_part(std::string_view bytes) {
  if (state_ != State::streaming || bytes.empty()) return;
  if (!chunks_) return queue(bytes);
  std::array<char, 18> size{};
  const auto end = std::to_chars(size.data(), size.data() + 16, bytes.size(), 16).ptr;
  queue({size.data(), static_cast<std::size_t>(end - size.data())});
  queue("\r\n");
  queue(bytes);
  queue("\r\n");
}

void Peer::end_parts() {
  if (state_ != State::streaming) return;
  if (chunks_) queue("0\r\n\r\n");
  end_answer();
}

void Peer::break_off() {
  if (state_ != State::streaming) return;
  owes_request_gone_ = false;
  // Without chunks the connection's end would be the body's, so it ends with a reset.
  if (!chunks_) flush(), reset();
  end();
}

void Peer::end_answer() {
  owes_request_gone_ = false;
  release_body();
  if (!keep_alive_) return end();
  state_ = State::head;
  wait_for(Wait::next_request);
  if (!in_.empty()) owner_.to_resume.push_back(id_);
}

void Peer::end() {
  state_ = State::ending;
  std::string().swap(in_);
  request_.reset();
  if (paused_ || choked_) pause_reading(false);  // to see the peer's goodbye
  finish();
  wait_for(Wait::goodbye);
}

void Peer::end_if_idle() {
  if (state_ == State::head && in_.empty()) end();
}

std::size_t Peer::step_websocket(char* data, std::size_t size) {
  const WsReader::Step step = reader_.next(data, size, owner_.options.message_bytes_max);
  switch (step.got) {
    case WsReader::Got::more:
    case WsReader::Got::pong: break;
    case WsReader::Got::message:
      ++owner_.counters.messages_in;
      guarded([&] { owner_.handler.on_message(id_, step.payload, step.binary); });
      reader_.release();
      break;
    case WsReader::Got::ping:
      if (buffered() < pong_backlog_max) append_frame(out(), WsOpcode::pong, step.payload);
      break;
    case WsReader::Got::close:
      append_frame(out(), WsOpcode::close, close_payload(step.close_code, step.payload));  // as it came
      end();
      tell_gone();
      break;
    case WsReader::Got::failed:
      ++owner_.counters.websockets_bad;
      if (step.close_code == 1002) ++owner_.counters.websockets_bad_frame;
      if (step.close_code == 1002 && size > 1 && (data[1] & '\x80') == 0) ++owner_.counters.websockets_unmasked;
      if (step.close_code == 1009) ++owner_.counters.websockets_too_large;
      if (step.close_code == 1007) ++owner_.counters.websockets_bad_text;
      fail_websocket(step.close_code);
      break;
  }
  return step.consumed;
}

void Peer::fail_websocket(std::uint16_t code) {
  append_frame(out(), WsOpcode::close, close_payload(code, {}));
  end();
  tell_gone();
}

void Peer::send(std::string_view payload, bool binary) {
  if (state_ != State::websocket) return;
  ++owner_.counters.frames_out;
  append_frame(out(), binary ? WsOpcode::binary : WsOpcode::text, payload);
}

void Peer::send_frame(std::string_view framed) {
  if (state_ != State::websocket) return;
  ++owner_.counters.frames_out;
  queue(framed);
}

void Peer::close(std::uint16_t code, std::string_view reason) {
  if (code != 0 && state_ == State::ending) return;
  if (code != 0 && state_ == State::websocket) append_frame(out(), WsOpcode::close, close_payload(code, reason));
  if (state_ != State::ending) end();
  if (code == 0) doom();
  owner_.to_tell.push_back(id_);
}

void Peer::pause(bool paused) {
  if (paused == std::exchange(paused_, paused) || state_ == State::ending) return;
  if (!choked_) pause_reading(paused);
  if (!paused && !in_.empty()) owner_.to_resume.push_back(id_);
}

}  // namespace zegocall::net_detail
