#include "signaling/client/core.hpp"

#include <algorithm>
#include <utility>

#include "signaling/wire/engine_packet.hpp"

namespace zegocall::client_detail {
namespace {

using wire_detail::SocketPacket;
using wire_detail::SocketType;

Error protocol(std::string detail) { return {ErrorCode::protocol, {}, std::move(detail)}; }

/// The code that a server of ours names in a refusal, else `otherwise`.
ErrorCode named_code(const JsonView& json, ErrorCode otherwise) {
  const auto word = json.get<std::string>("data.code");
  if (!word) return otherwise;
  const ErrorInfo* end = end_error_table();
  const ErrorInfo* found = std::find_if(begin_error_table(), end, [&](const ErrorInfo& info) { return info.name == *word; });
  return found == end ? otherwise : found->code;
}

}  // namespace

std::size_t Outgoing::size() const {
  std::size_t sum = text.size();
  for (const std::string& bytes : attachments) sum += bytes.size();
  return sum;
}

Outgoing make_event(std::string_view nsp, std::string_view name, const ArgsView& args, std::optional<std::uint64_t> ask) {
  Outgoing out{{}, {args.attachments().begin(), args.attachments().end()}, ask};
  wire_detail::encode_event(out.text, nsp, ask, name, args);
  return out;
}

void ClientCore::start(Now now) {
  if (state_ != State::idle) return;
  state_ = State::connecting;
  link_until_ = now.steady + options_.connect_timeout;
}

void ClientCore::on_open(std::optional<Json> auth) {
  if (state_ != State::connecting) return;
  auth_ = std::move(auth);
  state_ = State::handshake;
}

void ClientCore::on_gone(const Error& why) { end(why); }

void ClientCore::on_message(std::string_view payload, bool binary, Now now) {
  if (closed()) return;
  if (binary)
    on_attachment(payload);
  else if (payload.empty())
    end(protocol("an empty frame"));
  else
    on_packet(payload, now);
  if (connected()) heard(now);
}

void ClientCore::on_packet(std::string_view data, Now now) {
  const char type = data.front();
  data.remove_prefix(1);
  if (state_ == State::handshake && type != '0') return end(protocol("the server did not begin with a handshake"));
  switch (type) {
    case '0': return on_handshake(data, now);
    case '1': return end({ErrorCode::closed, {}, "the server closed the session"});
    case '2': frame_.assign("3").append(data); return host_.send(frame_, false);
    case '4': return on_text(data);
    case '6': return;
    default: return end(protocol("an Engine.IO packet of an unexpected type"));
  }
}

void ClientCore::on_handshake(std::string_view data, Now now) {
  if (state_ != State::handshake) return end(protocol("a second handshake"));
  const auto json = JsonView::check(data);
  const auto times = json ? json->get<std::uint32_t, std::uint32_t>("pingInterval", "pingTimeout")
                          : Result<std::tuple<std::uint32_t, std::uint32_t>>(unexpected(json.error()));
  if (!times) return end(protocol("the handshake is not readable: " + times.error().detail));
  const auto [interval, timeout] = *times;
  silence_max_ = std::chrono::milliseconds(std::uint64_t{interval} + timeout);
  link_until_ = std::min(link_until_, now.steady + silence_max_);
  state_ = State::joining;
  frame_.clear();
  wire_detail::encode_connect(frame_, options_.nsp, auth_ ? auth_->text() : std::string_view{});
  auth_.reset();
  host_.send(frame_, false);
}

void ClientCore::on_text(std::string_view text) {
  if (awaited_ > 0) return end(protocol("a text where an attachment was announced"));
  const auto packet = wire_detail::decode_socket(text, options_.limits, scratch_);
  if (!packet) return end(packet.error());
  if (packet->nsp != options_.nsp) return;  // another namespace's business
  if (packet->attachments > 0) {
    awaited_ = packet->attachments;
    held_text_.assign(text);
    return;
  }
  deliver(*packet);
}

void ClientCore::on_attachment(std::string_view bytes) {
  if (awaited_ == 0) return end(protocol("an attachment that was not announced"));
  held_attachments_.emplace_back(bytes);
  if (--awaited_ > 0) return;
  const std::string text = std::exchange(held_text_, {});
  const std::vector<std::string> attachments = std::exchange(held_attachments_, {});
  auto packet = wire_detail::decode_socket(text, options_.limits, scratch_);
  if (!packet) return end(packet.error());
  const auto args = wire_detail::attach(*packet, attachments);
  if (!args) return end(args.error());
  packet->args = *args;
  deliver(*packet);
}

void ClientCore::deliver(const SocketPacket& packet) {
  if (state_ == State::joining) {
    if (packet.type == SocketType::connect) return joined();
    if (packet.type == SocketType::connect_error) return refused(packet);
    return end(protocol("a packet before the namespace was joined"));
  }
  if (!connected()) return end(protocol("a packet at the wrong time"));
  switch (packet.type) {
    case SocketType::event:
    case SocketType::binary_event: return host_.on_event(packet.name, packet.args, packet.id);
    case SocketType::ack:
    case SocketType::binary_ack: return answer(packet.id.value_or(0), Args::copy_of(packet.args));
    case SocketType::disconnect: return end({ErrorCode::closed, {}, "the server disconnected this client"});
    case SocketType::connect:
    case SocketType::connect_error: return end(protocol("a namespace was joined twice"));
  }
}

void ClientCore::refused(const SocketPacket& packet) {
  const bool bare = packet.json.kind() == JsonKind::string;
  const auto message = bare ? packet.json.get<std::string>() : packet.json.get<std::string>("message");
  const bool says_why = message && !message->empty();
  end({named_code(packet.json, ErrorCode::unauthenticated), {}, says_why ? *message : "the server refused the connection"});
}

void ClientCore::joined() {
  state_ = State::connected;
  host_.on_connected();
  for (const Outgoing& packet : std::exchange(queue_, {}))
    if (!packet.ask || asks_.contains(*packet.ask)) send(packet);  // not what has timed out meanwhile
  queued_bytes_ = 0;
}

void ClientCore::send(const Outgoing& packet) {
  host_.send(packet.text, false);
  for (const std::string& bytes : packet.attachments) host_.send(bytes, true);
}

void ClientCore::emit(Outgoing packet) {
  if (closed()) return;
  if (connected()) return send(packet);
  queued_bytes_ += packet.size();
  queue_.push_back(std::move(packet));
}

void ClientCore::ask(Outgoing packet, SteadyTime until, Done done) {
  if (closed()) return done(fail(ErrorCode::closed, "the client is closed"));
  const std::uint64_t id = packet.ask.value_or(0);
  asks_.emplace(id, Ask{until, std::move(done)});
  ask_times_.emplace(until, id);
  emit(std::move(packet));
}

void ClientCore::answer(std::uint64_t id, Result<Args> result) {
  auto found = asks_.extract(id);
  if (found.empty()) return;  // too late, or never asked
  const auto [first, last] = ask_times_.equal_range(found.mapped().until);
  ask_times_.erase(std::find_if(first, last, [id](const auto& entry) { return entry.second == id; }));
  found.mapped().done(std::move(result));
}

void ClientCore::acknowledge(std::uint64_t id, const ArgsView& args) {
  if (!connected()) return;
  Outgoing packet{{}, {args.attachments().begin(), args.attachments().end()}, {}};
  wire_detail::encode_ack(packet.text, options_.nsp, id, args);
  send(packet);
}

void ClientCore::close(const Error& why) {
  if (connected()) {
    frame_.clear();
    wire_detail::encode_disconnect(frame_, options_.nsp);
    host_.send(frame_, false);
  }
  end(why);
}

std::optional<SteadyTime> ClientCore::deadline() const {
  if (closed() || state_ == State::idle) return {};
  return ask_times_.empty() ? link_until_ : std::min(link_until_, ask_times_.begin()->first);
}

void ClientCore::on_deadline(Now now) {
  while (!ask_times_.empty() && ask_times_.begin()->first <= now.steady)
    answer(ask_times_.begin()->second, fail(ErrorCode::timeout, "no acknowledgement in time"));
  if (closed() || state_ == State::idle || now.steady < link_until_) return;
  if (connected()) return end({ErrorCode::timeout, {}, "the server has not been heard for longer than its heartbeat"});
  end({ErrorCode::timeout, {}, "no connection in time"});
}

void ClientCore::end(const Error& why) {
  if (closed()) return;
  state_ = State::closed;
  queue_.clear();
  queued_bytes_ = 0;
  ask_times_.clear();
  for (auto& [id, ask] : std::exchange(asks_, {})) ask.done(fail(ErrorCode::closed, why.detail));
  host_.on_closed(why);
}

}  // namespace zegocall::client_detail
