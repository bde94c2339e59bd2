#include "signaling/client/engine.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "signaling/wire/engine_packet.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall::client_detail {
namespace {

constexpr char record_separator = '\x1e';
constexpr std::size_t sid_bytes_max = 256;
// python-engineio ends a session that posts more at once; its users would not find out why.
constexpr int packets_per_post_max = 16;

/// What goes into an address as it is; a server's session id that holds more is refused.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

std::string EngineClient::target(std::string_view transport) {
  std::string out = target_;
  out.append("&transport=").append(transport);
  // Caches on the way must not answer a poll.
  if (transport == "polling") out.append("&t=").append(std::to_string(++requests_));
  if (!sid_.empty()) out.append("&sid=").append(sid_);
  return out;
}

void EngineClient::open() {
  ZC_ASSERT(state_ == State::idle);
  ++session_;
  state_ = State::opening;
  sid_.clear();
  if (mode_ == EngineMode::websocket) {
    transport_ = Transport::websocket;
    websocket_ = true;
    return doors_.open_websocket(target("websocket"));
  }
  transport_ = Transport::polling;
  poll();
}

void EngineClient::poll() {
  polls_ = true;
  doors_.request(HttpCall::poll, target("polling"), {});
}

/// Back to the state before open(), with nothing under way.
void EngineClient::rest() {
  state_ = State::idle;
  upgrade_ = Upgrade::none;
  polls_ = posts_ = websocket_ = false;
  queue_.clear();
  queued_bytes_ = 0;
  doors_.drop();
}

void EngineClient::gone(const Error& why, Now now) {
  if (state_ == State::idle) return;
  const bool tell = state_ != State::leaving;
  rest();
  if (tell) owner_.on_engine_gone(why, now);
}

void EngineClient::abandon() {
  if (state_ != State::idle) rest();
}

void EngineClient::close(SteadyTime limit, Now now) {
  if (state_ != State::open) {
    if (state_ != State::leaving) rest();
    return;
  }
  state_ = State::leaving;
  leave_until_ = limit;
  if (transport_ == Transport::websocket) return doors_.close_websocket();
  if (std::exchange(upgrade_, Upgrade::none) != Upgrade::none) {
    websocket_ = false;
    doors_.drop_websocket();
  }
  queue_.emplace_back("1");
  flush(now);
}

void EngineClient::on_reply(HttpCall call, int status, std::string_view body, Now now) {
  if (state_ == State::idle) return;
  (call == HttpCall::poll ? polls_ : posts_) = false;
  if (status != 200)
    return gone({state_ == State::opening ? ErrorCode::protocol : ErrorCode::closed,
                 {},
                 "the server answered " + std::to_string(status) + (call == HttpCall::poll ? " to a poll" : " to a post")},
                now);
  if (call == HttpCall::poll) {
    const std::uint32_t session = session_;
    on_poll_body(body, now);
    if (session != session_ || (state_ != State::open && state_ != State::leaving)) return;
    if (state_ == State::open && upgrade_ != Upgrade::pausing && !polls_) poll();
  } else if (state_ == State::leaving) {
    if (queue_.empty()) return rest();
  }
  if (upgrade_ == Upgrade::pausing) return finish_upgrade();
  flush(now);
}

void EngineClient::on_request_gone(HttpCall, const Error& why, Now now) { gone(why, now); }

void EngineClient::on_poll_body(std::string_view body, Now now) {
  if (state_ == State::leaving) return;
  const std::uint32_t session = session_;
  for (wire_detail::PayloadReader reader(body); !reader.done();) {
    const auto packet = reader.next();
    if (!packet) return gone(packet.error(), now);
    on_packet(static_cast<char>('0' + static_cast<int>(packet->type)), packet->binary, packet->data, now);
    if (session != session_ || state_ != State::open) return;
  }
}

void EngineClient::on_websocket_open() {
  if (upgrade_ != Upgrade::connecting) return;
  upgrade_ = Upgrade::probing;
  doors_.send_frame("2probe", false);
}

void EngineClient::on_frame(std::string_view payload, bool binary, Now now) {
  if (state_ == State::idle || state_ == State::leaving) return;
  if (upgrade_ != Upgrade::none) return on_probe_frame(payload, binary, now);
  if (transport_ != Transport::websocket) return;
  if (binary) return on_packet('4', true, payload, now);
  if (payload.empty()) return gone(protocol("an empty frame"), now);
  on_packet(payload.front(), false, payload.substr(1), now);
}

void EngineClient::on_packet(char type, bool binary, std::string_view data, Now now) {
  if (state_ == State::opening) {
    if (type != '0' || binary) return gone(protocol("the server did not begin with a handshake"), now);
    return on_handshake(data, now);
  }
  heard(now);
  switch (type) {
    case '1': return gone({ErrorCode::closed, {}, "the server closed the session"}, now);
    case '2': {
      std::string pong("3");
      pong.append(data);
      return send(pong);
    }
    case '4': return owner_.on_engine_message(data, binary, now);
    case '6': return;
    default: return gone(protocol("an Engine.IO packet of an unexpected type"), now);
  }
}

void EngineClient::on_handshake(std::string_view data, Now now) {
  const auto json = JsonView::check(data);
  if (!json) return gone(protocol("the handshake is not readable: " + json.error().detail), now);
  const auto fields = json->get<std::string, std::uint32_t, std::uint32_t, std::optional<std::uint64_t>>(
      "sid", "pingInterval", "pingTimeout", "maxPayload");
  if (!fields) return gone(protocol("the handshake is not readable: " + to_string(fields.error())), now);
  const auto& [sid, interval, timeout, payload] = *fields;
  if (sid.empty() || sid.size() > sid_bytes_max || !is_plain(sid))
    return gone(protocol("the handshake has no usable session id"), now);
  sid_ = sid;
  silence_max_ = std::chrono::milliseconds(std::uint64_t{interval} + timeout);
  payload_max_ = payload.value_or(0) == 0 ? 1'000'000 : static_cast<std::size_t>(*payload);
  heard(now);
  state_ = State::open;
  bool may_upgrade = false;
  if (const auto upgrades = json->get<JsonView>("upgrades"))
    for (const JsonView& each : upgrades->elements()) may_upgrade = may_upgrade || each.text() == R"("websocket")";
  const std::uint32_t session = session_;
  owner_.on_engine_open(now);
  if (session == session_ && state_ == State::open && mode_ == EngineMode::upgrade && may_upgrade) begin_upgrade(now);
}

void EngineClient::begin_upgrade(Now now) {
  upgrade_ = Upgrade::connecting;
  upgrade_until_ = now.steady + silence_max_;
  websocket_ = true;
  doors_.open_websocket(target("websocket"));
}

void EngineClient::on_probe_frame(std::string_view payload, bool binary, Now now) {
  if (upgrade_ != Upgrade::probing || binary || payload != "3probe") return give_up_upgrade(now);
  upgrade_ = Upgrade::pausing;
  finish_upgrade();
}

/// The last poll and the last post must have come back: what they carry would overtake the WebSocket's frames otherwise.
void EngineClient::finish_upgrade() {
  if (polls_ || posts_) return;
  upgrade_ = Upgrade::none;
  transport_ = Transport::websocket;
  doors_.send_frame("5", false);
  std::string bytes;
  for (const std::string& packet : std::exchange(queue_, {})) {
    const bool binary = packet.front() == 'b';
    if (binary) static_cast<void>(wire_detail::decode_base64(std::string_view(packet).substr(1), bytes));
    doors_.send_frame(binary ? bytes : packet, binary);
  }
  queued_bytes_ = 0;
}

/// Polling serves as well: the session goes on as it was.
void EngineClient::give_up_upgrade(Now now) {
  upgrade_ = Upgrade::none;
  websocket_ = false;
  doors_.drop_websocket();
  if (!polls_) poll();
  flush(now);
}

void EngineClient::on_websocket_gone(const Error& why, Now now) {
  if (!std::exchange(websocket_, false)) return;
  if (upgrade_ != Upgrade::none) return give_up_upgrade(now);
  if (state_ == State::leaving && transport_ == Transport::websocket) return rest();
  gone(why, now);
}

void EngineClient::send(std::string_view packet) {
  if (state_ != State::open) return;
  if (transport_ == Transport::websocket) return doors_.send_frame(packet, false);
  queue_.emplace_back(packet);
  queued_bytes_ += packet.size();
}

void EngineClient::send_binary(std::string_view bytes) {
  if (state_ != State::open) return;
  if (transport_ == Transport::websocket) return doors_.send_frame(bytes, true);
  std::string packet("b");
  wire_detail::append_base64(packet, bytes);
  queued_bytes_ += packet.size();
  queue_.push_back(std::move(packet));
}

void EngineClient::flush(Now now) {
  const bool may = (state_ == State::open && transport_ == Transport::polling && upgrade_ != Upgrade::pausing) ||
                   (state_ == State::leaving && transport_ == Transport::polling);
  if (!may || posts_ || queue_.empty()) return;
  std::string body;
  int packets = 0;
  do {
    if (!body.empty()) body.push_back(record_separator);
    body.append(queue_.front());
    queued_bytes_ -= std::min(queued_bytes_, queue_.front().size());
    queue_.pop_front();
  } while (++packets < packets_per_post_max && !queue_.empty() && body.size() + 1 + queue_.front().size() <= payload_max_);
  posts_ = true;
  post_until_ = now.steady + silence_max_;
  doors_.request(HttpCall::post, target("polling"), body);
}

std::optional<SteadyTime> EngineClient::deadline() const {
  switch (state_) {
    case State::idle:
    case State::opening: return {};  // the owner's limit for connecting
    case State::leaving: return leave_until_;
    case State::open: break;
  }
  SteadyTime due = quiet_until_;
  if (posts_) due = std::min(due, post_until_);
  if (upgrade_ != Upgrade::none) due = std::min(due, upgrade_until_);
  return due;
}

void EngineClient::on_deadline(Now now) {
  if (state_ == State::leaving && now.steady >= leave_until_) return rest();
  if (state_ != State::open) return;
  if (now.steady >= quiet_until_)
    return gone({ErrorCode::timeout, {}, "the server has not been heard for longer than its heartbeat"}, now);
  if (posts_ && now.steady >= post_until_)
    return gone({ErrorCode::timeout, {}, "the server has not answered a post in the time of its heartbeat"}, now);
  if (upgrade_ != Upgrade::none && now.steady >= upgrade_until_) give_up_upgrade(now);
}

bool EngineClient::consistent() const {
  switch (state_) {
    case State::idle: return !polls_ && !posts_ && !websocket_ && upgrade_ == Upgrade::none && queue_.empty();
    case State::opening: return polls_ != websocket_ && !posts_ && upgrade_ == Upgrade::none;
    case State::open:
      if (transport_ == Transport::websocket) return websocket_ && !polls_ && !posts_ && upgrade_ == Upgrade::none;
      return websocket_ == (upgrade_ != Upgrade::none) && (polls_ || upgrade_ == Upgrade::pausing);
    case State::leaving: return upgrade_ == Upgrade::none;
  }
  return false;
}

}  // namespace zegocall::client_detail
