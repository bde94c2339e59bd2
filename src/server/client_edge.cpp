// A client's transports: addresses, polling connections, the WebSocket.
#include <utility>

#include "server/client_impl.hpp"

namespace zegocall {

using client_detail::HttpCall;

namespace {

/// A poll carries what had gathered for it, which has no bound of its own in the protocol.
constexpr std::size_t messages_per_poll = 16;
constexpr std::chrono::milliseconds address_timeout_least{250};

std::size_t index(HttpCall call) { return static_cast<std::size_t>(call); }

}  // namespace

template <class T>
void Client::Impl::retire(std::unique_ptr<T>& transport) {
  if (!transport) return;
  loop.post([last = std::shared_ptr<T>(std::move(transport))] {});
}

net_detail::StreamTarget Client::Impl::stream_target() const {
  net_detail::StreamTarget to = plan.to;
  to.addresses = addresses;
  to.host = plan.look_up;
  const auto share = options.connect_timeout / static_cast<std::int64_t>(addresses.size() + 1);
  to.address_timeout = std::max<std::chrono::milliseconds>(share, address_timeout_least);
  return to;
}

/// A look-up that hangs serves the next try as well: there is never more than one.
void Client::Impl::with_addresses(std::function<void()> then) {
  if (!addresses.empty()) return then();
  on_found.push_back(std::move(then));
  if (lookup) return;
  lookup = std::make_unique<net_detail::Lookup>(
      loop, plan.look_up, [this](Result<std::vector<std::string>> found) { on_addresses(std::move(found)); });
}

void Client::Impl::on_addresses(Result<std::vector<std::string>> found) {
  lookup.reset();
  const auto waiting = std::exchange(on_found, {});
  if (waiting.empty()) return;
  if (found && !found->empty()) {
    addresses = *std::move(found);
    for (const auto& then : waiting) then();
    return;
  }
  const Error why = found ? Error{ErrorCode::unreachable, {}, "the name " + plan.look_up + " has no address"} : found.error();
  if (options.transport == Transport::websocket)
    core.engine().on_websocket_gone(why, loop.now());
  else
    core.engine().on_request_gone(HttpCall::poll, why, loop.now());
  after();
}

void Client::Impl::open_websocket(std::string_view target) {
  with_addresses([this, head = "GET " + std::string(target) + " HTTP/1.1\r\n" + plan.head] {
    ws = net_detail::WsClient::connect(loop, {stream_target(), head, options.message_bytes_max}, *this);
  });
}

void Client::Impl::request(HttpCall call, std::string_view target, std::string_view body) {
  std::string text(call == HttpCall::poll ? "GET " : "POST ");
  text.append(target).append(" HTTP/1.1\r\n").append(plan.head);
  if (call == HttpCall::post)
    text.append("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("\r\n").append(body);
  calls[index(call)].text = std::move(text);
  with_addresses([this, call] { send_request(call); });
}

void Client::Impl::send_request(HttpCall call) {
  Call& slot = calls[index(call)];
  if (!slot.link || !slot.link->reusable()) {
    retire(slot.link);
    const std::size_t body_max = call == HttpCall::poll ? messages_per_poll * options.message_bytes_max : 65536;
    slot.link = std::make_unique<net_detail::HttpLink>(loop, stream_target(), body_max, *this);
  }
  slot.link->request(slot.text);
}

void Client::Impl::send_frame(std::string_view payload, bool binary) {
  if (ws) ws->send(payload, binary);
}
void Client::Impl::drop_websocket() {
  if (ws) ws->detach();
  retire(ws);
}
void Client::Impl::close_websocket() {
  if (ws) ws->close(net_detail::close_without_code);
}

void Client::Impl::drop() {
  drop_websocket();
  for (Call& call : calls) {
    retire(call.link);
    call.text.clear();
  }
  on_found.clear();
  addresses.clear();  // the next try asks again: the server may have moved
}

std::optional<HttpCall> Client::Impl::call_of(const net_detail::HttpLink& link) const {
  for (const HttpCall call : {HttpCall::poll, HttpCall::post})
    if (calls[index(call)].link.get() == &link) return call;
  return std::nullopt;  // retired
}

void Client::Impl::on_reply(net_detail::HttpLink& link, int status, std::string_view body) {
  const auto call = call_of(link);
  if (!call) return;
  core.engine().on_reply(*call, status, body, loop.now());
  after();
}

void Client::Impl::on_link_gone(net_detail::HttpLink& link, const Error& why, bool unheard) {
  const auto call = call_of(link);
  if (!call) return;
  const bool busy = link.busy();
  retire(calls[index(*call)].link);
  if (!busy) return;  // an idle connection, which the server need not keep
  // A post may have been taken, and must not be made twice. A poll that was taken ends the session when it is repeated,
  // so that nothing is lost unnoticed.
  if (unheard && *call == HttpCall::poll) return send_request(*call);
  core.engine().on_request_gone(*call, why, loop.now());
  after();
}

void Client::Impl::on_open() {
  core.engine().on_websocket_open();
  after();
}

void Client::Impl::on_message(std::string_view message, bool binary) {
  core.engine().on_frame(message, binary, loop.now());
  after();
}

void Client::Impl::on_sent() { count(0); }

void Client::Impl::on_gone(const Error& why) {
  drop_websocket();
  core.engine().on_websocket_gone(why, loop.now());
  after();
}

}  // namespace zegocall
