#include "signaling/client/core.hpp"

#include <algorithm>
#include <utility>

namespace zegocall::client_detail {
namespace {

using wire_detail::SocketPacket;
using wire_detail::SocketType;

constexpr std::size_t early_bytes_max = std::size_t{16} << 20;

/// Of a state that nothing went wrong to get to.
Error no_reason() { return {ErrorCode{}, {}, {}}; }

/// The code that a server of ours names in a refusal, else `otherwise`.
ErrorCode named_code(const JsonView& json, ErrorCode otherwise) {
  const auto word = json.get<std::string>("data.code");
  if (!word) return otherwise;
  const ErrorInfo* end = end_error_table();
  const ErrorInfo* found = std::find_if(begin_error_table(), end, [&](const ErrorInfo& info) { return info.name == *word; });
  return found == end ? otherwise : found->code;
}

/// The last argument, if it is a string: the offset that a recovering server appends to every event.
std::optional<std::string> offset_of(const ArgsView& args) {
  if (args.empty() || args.text().back() != '"') return std::nullopt;
  JsonView last;
  for (const JsonView& each : args.elements()) last = each;
  const auto text = last.get<std::string>();
  return text ? std::optional(*text) : std::nullopt;
}

}  // namespace

ClientCore::ClientCore(CoreOptions options, ClientHost& host, ByteSource& jitter)
    : options_(std::move(options)),
      host_(host),
      engine_(options_.mode, options_.target, host, *this),
      retry_(options_.retry, jitter) {
  for (const std::string& name : options_.spaces) spaces_.push_back({.name = name});
}

void ClientCore::start(Now now) {
  if (state_ != State::idle) return;
  retry_.start(now);
  begin_try(now);
}

void ClientCore::begin_try(Now now) {
  state_ = State::presenting;
  try_until_ = now.steady + options_.connect_timeout;
  for (std::size_t i = spaces_.size(); i-- > 0;)
    if (spaces_[i].state != SpaceState::closed) set_state(i, SpaceState::connecting, no_reason());
  host_.ask_credentials(retry_.number_of_try());
}

void ClientCore::on_credentials(Result<std::vector<std::optional<Json>>> credentials, Now now) {
  if (state_ != State::presenting) return;
  if (!credentials) return fail_try(credentials.error(), now);
  for (std::size_t i = 0; i < spaces_.size() && i < credentials->size(); ++i) {
    auto& auth = (*credentials)[i];
    if (auth && auth->kind() != JsonKind::object)
      return fail_try({ErrorCode::invalid_argument, "credentials", "must be an object"}, now);
    spaces_[i].auth = std::move(auth);
  }
  state_ = State::opening;
  engine_.open();
}

void ClientCore::on_engine_open(Now now) {
  now_ = now;
  state_ = State::up;
  for (const Space& space : spaces_)
    if (space.state != SpaceState::closed) connect_packet(space);
}

/// Credentials stand behind the recovery members, as in the original: they win where they name the same.
void ClientCore::connect_packet(const Space& space) {
  std::string auth;
  const std::string_view own = space.auth ? space.auth->text() : std::string_view{};
  if (space.pid.empty()) {
    auth = own;
  } else {
    auth = "{\"pid\":";
    wire_detail::append_json_string(auth, space.pid);
    if (!space.offset.empty()) auth.append(",\"offset\":"), wire_detail::append_json_string(auth, space.offset);
    const bool more = space.auth && space.auth->view().members().begin() != std::default_sentinel;
    if (more)
      auth.append(",").append(own.substr(own.find('{') + 1));
    else
      auth.append("}");
  }
  frame_.clear();
  wire_detail::encode_connect(frame_, space.name, auth);
  engine_.send(frame_);
}

void ClientCore::on_engine_gone(const Error& why, Now now) { fail_try(why, now); }

/// The try or the connection has come to nothing: wait for the next one, or end.
void ClientCore::fail_try(const Error& why, Now now) {
  if (closed() || state_ == State::idle) return;
  engine_.abandon();
  awaited_ = early_bytes_ = 0;
  held_text_.clear();
  held_attachments_.clear();
  for (Space& space : spaces_) space.early.clear();
  const auto next = retry_.on_failure(now);
  if (!next) return end(why);
  state_ = State::paused;
  try_until_ = *next;
  fail_asks(why, [](const Ask& ask) { return !ask.waits; });
  for (std::size_t i = spaces_.size(); i-- > 0;)
    if (spaces_[i].state != SpaceState::closed) set_state(i, SpaceState::waiting, why);
}

/// What the server says makes no sense.
void ClientCore::break_off(const Error& why) { fail_try(why, now_); }

void ClientCore::on_engine_message(std::string_view payload, bool binary, Now now) {
  now_ = now;
  if (binary)
    on_attachment(payload);
  else
    on_text(payload);
}

void ClientCore::on_text(std::string_view text) {
  if (awaited_ > 0) return break_off(protocol("a text where an attachment was announced"));
  const auto packet = wire_detail::decode_socket(text, options_.limits, scratch_);
  if (!packet) return break_off(packet.error());
  if (packet->attachments > 0) {
    awaited_ = packet->attachments;
    held_text_.assign(text);
    return;
  }
  deliver(*packet);
}

void ClientCore::on_attachment(std::string_view bytes) {
  if (awaited_ == 0) return break_off(protocol("an attachment that was not announced"));
  held_attachments_.emplace_back(bytes);
  if (--awaited_ > 0) return;
  const std::string text = std::exchange(held_text_, {});
  const std::vector<std::string> attachments = std::exchange(held_attachments_, {});
  auto packet = wire_detail::decode_socket(text, options_.limits, scratch_);
  if (!packet) return break_off(packet.error());
  const auto args = wire_detail::attach(*packet, attachments);
  if (!args) return break_off(args.error());
  packet->args = *args;
  deliver(*packet);
}

void ClientCore::deliver(const SocketPacket& packet) {
  const auto found = std::find_if(spaces_.begin(), spaces_.end(), [&](const Space& space) { return space.name == packet.nsp; });
  if (found == spaces_.end() || found->state == SpaceState::closed) return;  // not our business, or no more
  const auto space = static_cast<std::size_t>(found - spaces_.begin());
  if (found->state == SpaceState::connecting) {
    if (packet.type == SocketType::connect) return joined_now(space, packet);
    if (packet.type == SocketType::connect_error) return refused(space, packet);
    if (packet.type == SocketType::event || packet.type == SocketType::binary_event) return keep_early(*found, packet);
    return break_off(protocol("a packet before the namespace was joined"));
  }
  switch (packet.type) {
    case SocketType::event:
    case SocketType::binary_event: return event(space, packet.name, packet.args, packet.id);
    case SocketType::ack:
    case SocketType::binary_ack: {
      const auto asked = asks_.find(packet.id.value_or(0));
      if (asked == asks_.end() || asked->second.space != space || asked->second.waits) return;  // too late, or never asked
      return answer(asked->first, Args::copy_of(packet.args));
    }
    case SocketType::disconnect: return leave(space, {ErrorCode::closed, {}, "the server disconnected this client"});
    case SocketType::connect:
    case SocketType::connect_error: return break_off(protocol("a namespace was joined twice"));
  }
}

void ClientCore::keep_early(Space& space, const SocketPacket& packet) {
  early_bytes_ += packet.name.size() + packet.args.text().size() + sizeof(Early);
  for (const std::string& bytes : packet.args.attachments()) early_bytes_ += bytes.size();
  if (early_bytes_ > early_bytes_max) return break_off(protocol("too much before the namespace was joined"));
  space.early.push_back({std::string(packet.name), Args::copy_of(packet.args), packet.id});
}

void ClientCore::event(std::size_t space, std::string_view name, const ArgsView& args, std::optional<std::uint64_t> id) {
  auto offset = spaces_[space].pid.empty() ? std::nullopt : offset_of(args);
  host_.on_event(space, name, args, id);
  if (offset) spaces_[space].offset = *std::move(offset);
}

void ClientCore::joined_now(std::size_t number, const SocketPacket& packet) {
  Space& space = spaces_[number];
  const std::string pid = packet.json.get<std::string>("pid").value_or("");
  space.recovered = !pid.empty() && pid == space.pid;
  if (!space.recovered) space.offset.clear();
  space.pid = pid;
  space.auth.reset();
  if (number == 0) retry_.on_connected(now_);
  set_state(number, SpaceState::connected, no_reason());
  for (const Early& each : std::exchange(space.early, {})) event(number, each.name, each.args, each.id);
  while (auto packet_out = waiting_.take_oldest(number)) {
    if (packet_out->ask) asks_.at(*packet_out->ask).waits.reset();
    send(*packet_out);
  }
}

/// A refusal is the server's last word, unless it names a code that may be different next time (a full or draining server).
void ClientCore::refused(std::size_t space, const SocketPacket& packet) {
  const bool bare = packet.json.kind() == JsonKind::string;
  const auto message = bare ? packet.json.get<std::string>() : packet.json.get<std::string>("message");
  const bool says_why = message && !message->empty();
  // The words in which the original, and so ours, says that it has no such namespace; there is no code with them.
  const ErrorCode bare_code = message && *message == "Invalid namespace" ? ErrorCode::not_found : ErrorCode::unauthenticated;
  Error why{named_code(packet.json, bare_code), {}, says_why ? *message : "the server refused the connection"};
  why.field = packet.json.get<std::string>("data.field").value_or("");
  if (const auto seconds = packet.json.get<int>("data.retryAfterSeconds"); seconds && *seconds > 0)
    why.retry_after = std::chrono::seconds(*seconds);
  host_.on_refused(space, packet.json.get<JsonView>("data").value_or(JsonView()));
  if (space == 0 && is_retryable(why.code)) return fail_try(why, now_);
  leave(space, why);
}

/// A namespace is over for good; with the main one everything is.
void ClientCore::leave(std::size_t space, const Error& why) {
  if (space == 0) return end(why);
  fail_asks(why, [space](const Ask& ask) { return ask.space == space; });
  drop_waiting(space);
  set_state(space, SpaceState::closed, why);
}

void ClientCore::set_state(std::size_t space, SpaceState state, const Error& why) {
  if (std::exchange(spaces_[space].state, state) == state && state != SpaceState::connecting) return;
  host_.on_state(space, state, why);
}

/// False if the server would not take it.
bool ClientCore::send(const Outgoing& packet) {
  const std::size_t longest = packet.longest(engine_.polling());
  if (longest > engine_.payload_max()) {
    const Error why{
        ErrorCode::payload_too_large, "maxPayload",
        "a message of " + std::to_string(longest) + " bytes, the server takes at most " + std::to_string(engine_.payload_max())};
    if (packet.ask)
      answer(*packet.ask, unexpected(why));
    else
      host_.on_unsent(why);
    return false;
  }
  engine_.send(packet.text);
  for (const std::string& bytes : packet.attachments) engine_.send_binary(bytes);
  return true;
}

void ClientCore::emit(Outgoing packet, Now now) {
  now_ = now;
  switch (spaces_[packet.space].state) {
    case SpaceState::connected: static_cast<void>(send(packet)); return;
    case SpaceState::connecting:
    case SpaceState::waiting: waiting_.add(std::move(packet)); return make_room();
    case SpaceState::closed: return host_.on_unsent({ErrorCode::closed, {}, "the namespace is closed"});
  }
}

void ClientCore::ask(Outgoing packet, SteadyTime until, Now now) {
  now_ = now;
  const std::uint64_t id = packet.ask.value_or(0);
  const std::size_t space = packet.space;
  if (spaces_[space].state == SpaceState::closed) return host_.on_answer(id, fail(ErrorCode::closed, "the namespace is closed"));
  Ask& ask = asks_[id];
  ask = {until, space, {}};
  ask_times_.emplace_hint(ask_times_.end(), until, id);
  if (spaces_[space].state == SpaceState::connected) {
    static_cast<void>(send(packet));
    return;
  }
  ask.waits = waiting_.add(std::move(packet));
  make_room();
}

void ClientCore::make_room() {
  const Error full{
      ErrorCode::limit_exceeded, "outbox_bytes_max",
      "more than " + std::to_string(options_.waiting_bytes_max) + " bytes waited for the connection: the oldest was dropped"};
  while (waiting_.bytes() > options_.waiting_bytes_max) {
    const auto oldest = waiting_.take_oldest();
    if (oldest->ask)
      answer(*oldest->ask, unexpected(full));
    else
      host_.on_unsent(full);
  }
}

void ClientCore::answer(std::uint64_t id, Result<Args> result) {
  const auto found = asks_.find(id);
  if (found == asks_.end()) return;
  if (found->second.waits) waiting_.take(*found->second.waits);
  ask_times_.erase({found->second.until, id});
  asks_.erase(found);
  host_.on_answer(id, std::move(result));
}

template <class Which>
void ClientCore::fail_asks(const Error& why, Which which) {
  std::vector<std::uint64_t> failed;
  for (const auto& [id, ask] : asks_)
    if (which(ask)) failed.push_back(id);
  std::sort(failed.begin(), failed.end());  // in the order of asking
  for (const std::uint64_t id : failed) answer(id, fail(ErrorCode::closed, why.detail));
}

void ClientCore::drop_waiting(std::size_t space) {
  while (waiting_.take_oldest(space)) {
  }
}

void ClientCore::cancel(std::uint64_t id) { answer(id, fail(ErrorCode::closed, "cancelled")); }

void ClientCore::cancel_waiting() {
  while (const auto packet = waiting_.take_oldest())
    if (packet->ask) answer(*packet->ask, fail(ErrorCode::closed, "cancelled"));
}

void ClientCore::acknowledge(std::size_t space, std::uint64_t id, const ArgsView& args) {
  if (!joined(space)) return;
  Outgoing packet{{}, {args.attachments().begin(), args.attachments().end()}, {}, space};
  wire_detail::encode_ack(packet.text, spaces_[space].name, id, args);
  static_cast<void>(send(packet));
}

void ClientCore::close(const Error& why, SteadyTime limit, Now now) {
  if (closed()) return;
  now_ = now;
  for (const Space& space : spaces_) {
    if (space.state != SpaceState::connected) continue;
    frame_.clear();
    wire_detail::encode_disconnect(frame_, space.name);
    engine_.send(frame_);
  }
  engine_.close(limit, now);
  end(why);
}

void ClientCore::end(const Error& why) {
  if (closed()) return;
  state_ = State::closed;
  if (engine_.is_open()) engine_.close(now_.steady + std::chrono::milliseconds(500), now_);
  waiting_ = {};
  for (auto& [id, ask] : asks_) ask.waits.reset();
  fail_asks(why, [](const Ask&) { return true; });
  for (std::size_t i = spaces_.size(); i-- > 0;) set_state(i, SpaceState::closed, why);
}

bool ClientCore::all_joined() const {
  return std::all_of(spaces_.begin(), spaces_.end(), [](const Space& space) { return space.state != SpaceState::connecting; });
}

std::optional<SteadyTime> ClientCore::deadline() const {
  std::optional<SteadyTime> due = engine_.deadline();
  const auto at = [&due](SteadyTime when) { due = due ? std::min(*due, when) : when; };
  if (!ask_times_.empty()) at(ask_times_.begin()->first);
  if (state_ == State::presenting || state_ == State::opening || state_ == State::paused) at(try_until_);
  if (state_ == State::up && !all_joined()) at(try_until_);
  return due;
}

void ClientCore::on_deadline(Now now) {
  now_ = now;
  while (!ask_times_.empty() && ask_times_.begin()->first <= now.steady)
    answer(ask_times_.begin()->second, fail(ErrorCode::timeout, "no acknowledgement in time"));
  engine_.on_deadline(now);
  if (now.steady < try_until_) return;
  switch (state_) {
    case State::idle:
    case State::closed: return;
    case State::paused: return begin_try(now);
    case State::up:
      if (all_joined()) return;
      [[fallthrough]];
    case State::presenting:
    case State::opening: return fail_try(too_late(), now);
  }
}

Error ClientCore::too_late() const {
  const char* what = state_ == State::presenting ? "no credentials from their provider"
                     : state_ == State::opening  ? "no Engine.IO handshake with the server"
                                                 : "no word of the server that this client is in the namespace";
  return {ErrorCode::timeout, {}, what + (" within " + std::to_string(options_.connect_timeout.count()) + " ms")};
}

bool ClientCore::consistent() const {
  if (!engine_.consistent() || asks_.size() != ask_times_.size()) return false;
  switch (state_) {
    case State::idle:
    case State::presenting:
    case State::paused: return engine_.done();
    case State::opening: return !engine_.done() && !engine_.is_open();
    case State::up: return engine_.is_open();
    case State::closed: return !engine_.is_open() && asks_.empty() && waiting_.empty();
  }
  return false;
}

}  // namespace zegocall::client_detail
