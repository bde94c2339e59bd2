#include "signaling/wire/engine_session.hpp"

#include <utility>

#include "signaling/wire/engine3_packet.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::wire_detail {

namespace {

constexpr std::string_view text_plain = "text/plain; charset=UTF-8";
constexpr std::string_view octet_stream = "application/octet-stream";

bool peer_went_away(SessionEnd why) {
  switch (why) {
    case SessionEnd::client_close:
    case SessionEnd::transport_close:
    case SessionEnd::transport_error:
    case SessionEnd::ping_timeout:
    case SessionEnd::parse_error:
    case SessionEnd::slow_reader: return true;
    case SessionEnd::server_close:
    case SessionEnd::connect_timeout:
    case SessionEnd::shutting_down:
    case SessionEnd::rate_limited:
    case SessionEnd::limit: return false;
  }
  return true;
}

}  // namespace

std::string_view name(SessionEnd end) {
  switch (end) {
    case SessionEnd::client_close:
    case SessionEnd::transport_close: return "transport close";
    case SessionEnd::transport_error: return "transport error";
    case SessionEnd::ping_timeout: return "ping timeout";
    case SessionEnd::parse_error: return "parse error";
    case SessionEnd::server_close: return "forced server close";
    case SessionEnd::connect_timeout: return "connect timeout";
    case SessionEnd::shutting_down: return "server shutting down";
    case SessionEnd::slow_reader: return "slow reader";
    case SessionEnd::rate_limited: return "rate limited";
    case SessionEnd::limit: return "limit exceeded";
  }
  return "transport error";
}

EngineSession::EngineSession(const SessionSettings& settings, SessionOwner& owner, TransportHost& host, const Sid& sid,
                             EngineRevision revision)
    : settings_(settings), owner_(owner), host_(host), sid_(sid), revision_(revision) {}

std::string EngineSession::handshake() const {
  std::string out = "0{\"sid\":\"";
  out.append(sid()).append("\",\"upgrades\":[");
  if (polling() && settings_.upgrades) out.append("\"websocket\"");
  out.append("],\"pingInterval\":").append(std::to_string(settings_.ping_interval.count()));
  out.append(",\"pingTimeout\":").append(std::to_string(settings_.ping_timeout.count()));
  out.append(",\"maxPayload\":").append(std::to_string(settings_.payload_bytes)).append("}");
  return out;
}

void EngineSession::open_polling(Peer request) {
  ZC_ASSERT(state_ == State::unopened);
  state_ = State::open;
  poll_ = request;
  answer_one(handshake());
  owner_.arm(*this, v3() ? SessionTimer::silence : SessionTimer::ping);
}

void EngineSession::open_websocket(Peer websocket) {
  ZC_ASSERT(state_ == State::unopened);
  state_ = State::open;
  transport_ = Transport::websocket;
  websocket_ = websocket;
  host_.send({&websocket_, 1}, handshake(), false);
  owner_.arm(*this, v3() ? SessionTimer::silence : SessionTimer::ping);
}

/// Puts a text packet into the outbox.
void EngineSession::append(std::string_view packet) {
  if (v3())
    append_to_payload3(outbox_, packet);
  else
    append_to_payload(outbox_, packet);
}

void EngineSession::answer(std::string_view body) {
  poll_waits_ = false;
  if (v3() && std::exchange(outbox_has_binary_, false) && !revision_.base64)
    return host_.answer(poll_, {200, octet_stream, payload3_as_bytes(body)});
  host_.answer(poll_, {200, text_plain, body});
}

/// The body is this packet alone.
void EngineSession::answer_one(std::string_view packet) {
  poll_waits_ = false;
  if (!v3()) return host_.answer(poll_, {200, text_plain, packet});
  std::string body;
  append_to_payload3(body, packet);
  host_.answer(poll_, {200, text_plain, body});
}

void EngineSession::on_get(Peer request) {
  if (state_ == State::lingering) {
    append("1");
    poll_ = request;
    answer(outbox_);
    return forget();
  }
  if (poll_waits_) {
    end(SessionEnd::transport_error);
    host_.answer(request, {400, text_plain, ""});
    return;
  }
  poll_ = request;
  poll_waits_ = true;
  // While a WebSocket probes, no poll may stay open: the peer waits for its end before it sends the upgrade packet.
  if (probe_ == Probe::answered && outbox_.empty()) return answer_one("6");
  flush();
}

/// False if the body cannot be read; what came before that was taken.
bool EngineSession::take_body(std::string_view body, bool bytes) {
  const auto take = [this](auto reader) {
    while (open() && !reader.done()) {
      const auto packet = reader.next();
      if (!packet) return false;
      on_packet(*packet);
    }
    return true;
  };
  if (v3()) return take(Payload3Reader(body, bytes));
  return !bytes && utf16_units(body) && take(PayloadReader(body));
}

void EngineSession::on_post_begins(Peer request) {
  if (std::exchange(post_comes_, true)) return end(SessionEnd::transport_error);
  post_ = request;
}

void EngineSession::on_post(Peer request, std::string_view body, bool bytes) {
  const bool overlaps = post_comes_ && request != post_;
  post_comes_ = false;
  if (overlaps || !take_body(body, bytes)) {
    end(overlaps ? SessionEnd::transport_error : SessionEnd::parse_error);
    host_.answer(request, {400, text_plain, ""});
    return;
  }
  host_.answer(request, {200, "text/html", "ok"});
}

void EngineSession::on_post_refused(Peer request) { post_comes_ = post_comes_ && request != post_; }

void EngineSession::on_request_gone(Peer request) {
  if (post_comes_ && request == post_) return end(SessionEnd::transport_error);
  if (!poll_waits_ || request != poll_) return;
  poll_waits_ = false;
  end(SessionEnd::transport_error);
}

bool EngineSession::on_probe_open(Peer websocket) {
  if (!open() || !polling() || upgrading() || !settings_.upgrades) return false;
  probe_ = Probe::open;
  probe_socket_ = websocket;
  owner_.arm(*this, SessionTimer::upgrade);
  return true;
}

void EngineSession::on_frame(Peer websocket, std::string_view payload, bool binary) {
  if (!open()) return;
  if (upgrading() && websocket == probe_socket_) return on_probe_frame(payload, binary);
  if (polling() || websocket != websocket_) return;
  if (binary && !v3()) return on_packet({EngineType::message, true, payload});
  std::string scratch;
  const auto packet = read_frame(payload, binary, scratch);
  if (!packet) return end(SessionEnd::parse_error);
  on_packet(*packet);
}

Result<EnginePacket> EngineSession::read_frame(std::string_view payload, bool binary, std::string& scratch) const {
  if (!v3()) return decode_engine(payload, scratch);
  return binary ? decode_engine3_bytes(payload) : decode_engine3(payload, scratch);
}

void EngineSession::on_packet(const EnginePacket& packet) {
  if (v3()) owner_.arm(*this, SessionTimer::silence);
  if (pong_ == Pong::awaited && packet.type != EngineType::pong) {
    // Its pong may stand behind a long upload; it gets its time once more (engine.io, socket.js, onPacket).
    pong_ = Pong::put_off;
    owner_.arm(*this, SessionTimer::pong);
  }
  switch (packet.type) {
    case EngineType::message: return owner_.on_message(*this, packet.data, packet.binary);
    case EngineType::pong:
      if (v3()) return end(SessionEnd::transport_error);
      pong_ = Pong::none;
      return owner_.arm(*this, SessionTimer::ping);
    case EngineType::ping:
      if (!v3()) return end(SessionEnd::transport_error);  // in version 4 the server pings
      return send(std::string("3").append(packet.data));
    case EngineType::close: return end(SessionEnd::client_close);
    case EngineType::open:
    case EngineType::upgrade:
    case EngineType::noop: return;
  }
}

void EngineSession::on_probe_frame(std::string_view payload, bool binary) {
  if (!binary && payload == "2probe") {
    host_.send({&probe_socket_, 1}, "3probe", false);
    probe_ = Probe::answered;
    if (poll_waits_) outbox_.empty() ? answer_one("6") : flush();
    return;
  }
  if (!binary && payload == "5") return upgrade();
  drop_probe();
}

void EngineSession::upgrade() {
  websocket_ = probe_socket_;
  transport_ = Transport::websocket;
  probe_ = Probe::none;
  owner_.disarm(*this, SessionTimer::upgrade);
  if (poll_waits_) answer_one("6");
  outbox_has_binary_ = false;
  send_waiting(std::exchange(outbox_, {}));
  owner_.on_upgraded(*this);
}

/// What a poll has not fetched goes over the WebSocket.
void EngineSession::send_waiting(std::string_view body) {
  const auto send_all = [this](auto reader) {
    std::string text;
    while (!reader.done()) {
      const auto packet = reader.next();
      ZC_ASSERT(packet);
      if (packet->binary) {
        send_binary(packet->data);
        continue;
      }
      text.clear();
      encode_engine(text, *packet);
      send(text);
    }
  };
  if (body.empty()) return;
  if (v3())
    send_all(Payload3Reader(body, false));
  else
    send_all(PayloadReader(body));
}

void EngineSession::drop_probe() {
  if (!upgrading()) return;
  probe_ = Probe::none;
  owner_.disarm(*this, SessionTimer::upgrade);
  host_.close(probe_socket_, false);
}

void EngineSession::on_websocket_gone(Peer websocket) {
  if (upgrading() && websocket == probe_socket_) {
    probe_ = Probe::none;
    owner_.disarm(*this, SessionTimer::upgrade);
    return;
  }
  if (!polling() && websocket == websocket_) end(SessionEnd::transport_close);
}

void EngineSession::on_timer(SessionTimer timer) {
  switch (timer) {
    case SessionTimer::ping:
      if (!open()) return;
      pong_ = Pong::awaited;
      owner_.arm(*this, SessionTimer::pong);
      return send("2");
    case SessionTimer::pong:
    case SessionTimer::silence: return end(SessionEnd::ping_timeout);
    case SessionTimer::linger: return forget();
    case SessionTimer::upgrade: return drop_probe();
  }
}

void EngineSession::send(std::string_view packet) {
  if (!open()) return;
  if (!polling()) return host_.send({&websocket_, 1}, packet, false);
  append(packet);
  wait_for_poll();
}

void EngineSession::send_binary(std::string_view bytes) {
  if (!open()) return;
  if (!v3()) {
    if (!polling()) return host_.send({&websocket_, 1}, bytes, true);
    append_to_payload(outbox_, {EngineType::message, true, bytes});
    return wait_for_poll();
  }
  if (polling()) {
    append_to_payload3(outbox_, {EngineType::message, true, bytes});
    outbox_has_binary_ = true;
    return wait_for_poll();
  }
  std::string frame = revision_.base64 ? "b4" : "\4";
  if (!revision_.base64) return host_.send({&websocket_, 1}, frame.append(bytes), true);
  append_base64(frame, bytes);
  host_.send({&websocket_, 1}, frame, false);
}

/// There is something new in the outbox.
void EngineSession::wait_for_poll() {
  if (outbox_.size() > settings_.outbox_bytes) return end(SessionEnd::slow_reader);
  if (poll_waits_ && !flush_asked_) flush_asked_ = true, owner_.flush_soon(*this);
}

void EngineSession::flush() {
  flush_asked_ = false;
  if (!poll_waits_ || outbox_.empty()) return;
  answer(outbox_);
  outbox_.clear();
  if (outbox_.capacity() > std::size_t{16} * 1024) outbox_ = std::string();  // one big answer must not stay with an idle session
}

void EngineSession::end(SessionEnd why) {
  if (!open()) return;
  drop_probe();
  if (polling()) {
    end_polling(why);
  } else {
    state_ = State::gone;
    if (why != SessionEnd::transport_close) host_.close(websocket_, why == SessionEnd::slow_reader);
  }
  if (state_ == State::lingering) {
    owner_.arm(*this, SessionTimer::linger);
  } else {
    owner_.disarm(*this, SessionTimer::ping);
  }
  owner_.on_end(*this, why);
}

void EngineSession::end_polling(SessionEnd why) {
  if (!poll_waits_) {
    state_ = peer_went_away(why) ? State::gone : State::lingering;
    return;
  }
  state_ = State::gone;
  if (why == SessionEnd::client_close) return answer_one("6");
  append("1");
  answer(outbox_);
}

void EngineSession::forget() {
  if (state_ != State::lingering) return;
  state_ = State::gone;
  outbox_ = std::string();
  owner_.disarm(*this, SessionTimer::linger);
  owner_.on_gone(*this);
}

bool EngineSession::consistent() const {
  if (poll_waits_ && (!open() || !polling())) return false;
  if (upgrading() && (!open() || !polling())) return false;
  if (!polling() && !outbox_.empty()) return false;
  if (state_ == State::lingering && !polling()) return false;
  return probe_ != Probe::answered || !poll_waits_;
}

}  // namespace zegocall::wire_detail
