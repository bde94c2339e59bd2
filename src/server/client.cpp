#include "zegocall/client.hpp"

#include <algorithm>
#include <exception>

#include "server/client_impl.hpp"
#include "server/request.hpp"

namespace zegocall {

using client_detail::ClientCore;
using client_detail::Outgoing;
using namespace std::chrono_literals;

namespace {

constexpr auto goodbye_max = 1000ms;

Unexpected refuse(const char* field, const char* detail) { return fail_field(ErrorCode::invalid_argument, field, detail); }

Result<void> check(const ClientOptions& options) {
  if (options.path.empty() || options.path.front() != '/') return refuse("path", "must begin with a slash");
  const auto is_odd = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '?' || c == '#';
  };
  if (std::any_of(options.path.begin(), options.path.end(), is_odd))
    return refuse("path", "has a character that must be escaped");
  if (options.connect_timeout <= 0ms) return refuse("connect_timeout", "must be longer than nothing");
  if (options.message_bytes_max == 0) return refuse("message_bytes_max", "must not be 0");
  return {};
}

client_detail::CoreOptions core_options(const ClientOptions& options, const server_detail::ClientUrl& url) {
  wire_detail::SocketLimits limits;
  limits.attachments = options.attachments_max;
  limits.json.bytes_max = options.message_bytes_max;
  return {url.nsp, options.connect_timeout, limits};
}

Error closed_by_us() { return {ErrorCode::closed, {}, "this client was closed"}; }

}  // namespace

std::string_view name(ClientState state) {
  switch (state) {
    case ClientState::connecting: return "connecting";
    case ClientState::connected: return "connected";
    case ClientState::closed: return "closed";
  }
  return "";
}

Client::Impl::Impl(ClientOptions options_in, ClientWiring wiring_in, server_detail::ClientUrl url_in,
                   std::unique_ptr<net_detail::Loop> loop_in)
    : options(std::move(options_in)),
      url(std::move(url_in)),
      wiring(std::move(wiring_in)),
      loop(std::move(loop_in)),
      core(core_options(options, url), *this) {
  for (auto& [event, handler] : wiring.on) handlers.insert_or_assign(event, std::move(handler));
}

Client::Impl::~Impl() {
  ZC_ASSERT(!on_loop_thread());
  loop->post([this] { request_close(100ms); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopped && !asking_credentials; });
  }
  if (thread.joinable()) thread.join();
  if (credentials_thread.joinable()) credentials_thread.join();
  ws.reset();
  lookup.reset();
}

void Client::Impl::launch() {
  loop->post([this] { begin(); });
  thread = std::thread([this] {
    loop_thread = std::this_thread::get_id();
    loop->run();
    const std::scoped_lock lock(mutex);
    stopped = true;
    changed.notify_all();
  });
}

Result<void> Client::Impl::queue(Outgoing packet, std::chrono::milliseconds timeout, ClientCore::Done& done) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex);
    if (!accepts) return fail(ErrorCode::closed, "the client is closed");
    const std::size_t size = packet.size();
    if (command_bytes + held_bytes + size > options.outbox_bytes_max)
      return fail(ErrorCode::limit_exceeded, "too much waits to be sent");
    command_bytes += size;
    first = commands.empty();
    commands.push_back({std::move(packet), loop->now().steady + timeout, std::move(done)});
  }
  if (first) loop->post([this] { run_commands(); });
  return {};
}

Result<void> Client::Impl::close(std::chrono::milliseconds deadline) {
  loop->post([this, deadline] { request_close(std::min(deadline / 2, std::chrono::milliseconds(goodbye_max))); });
  if (on_loop_thread()) return {};
  std::unique_lock lock(mutex);
  if (changed.wait_for(lock, deadline, [this] { return stopped && !asking_credentials; })) return {};
  silenced = true;
  return fail(ErrorCode::timeout, "a callback has not returned");
}

void Client::Impl::begin() {
  core.start(loop->now());
  tell_state(ClientState::connecting, {});
  if (wiring.credentials)
    ask_credentials();
  else
    look_up();
  after();
}

void Client::Impl::ask_credentials() {
  {
    const std::scoped_lock lock(mutex);
    asking_credentials = true;
  }
  credentials_thread = std::thread([this] {
    Result<Json> got = fail(ErrorCode::internal, "the credentials provider threw");
    try {
      got = wiring.credentials(1);
    } catch (...) {  // as the text above says
    }
    loop->post([this, answer = std::make_shared<Result<Json>>(std::move(got))] { present(std::move(*answer)); });
    const std::scoped_lock lock(mutex);
    asking_credentials = false;
    changed.notify_all();
  });
}

void Client::Impl::present(Result<Json> credentials) {
  if (core.closed()) return;
  if (!credentials) return core.on_gone(credentials.error());
  if (credentials->kind() != JsonKind::object)
    return core.on_gone({ErrorCode::invalid_argument, "credentials", "must be an object"});
  auth = *std::move(credentials);
  look_up();
  after();
}

void Client::Impl::look_up() {
  lookup = std::make_unique<net_detail::Lookup>(*loop, url.host, [this](Result<std::vector<std::string>> found) {
    if (core.closed()) return;
    if (!found) return core.on_gone(found.error());
    addresses = *std::move(found);
    try_next_address();
  });
}

void Client::Impl::try_next_address() {
  if (core.closed()) return;
  std::string target = options.path + "?EIO=4&transport=websocket";
  if (!url.query.empty()) target += "&" + url.query;
  ws_gone = false;
  ws = net_detail::WsClient::connect(
      *loop, {addresses[next_address++], url.port, url.authority, std::move(target), options.message_bytes_max}, *this);
}

void Client::Impl::run_commands() {
  std::vector<Command> taken;
  {
    const std::scoped_lock lock(mutex);
    taken.swap(commands);
  }
  std::size_t taken_bytes = 0;
  for (Command& command : taken) {
    taken_bytes += command.packet.size();
    if (!command.done)
      core.emit(std::move(command.packet));
    else
      core.ask(std::move(command.packet), command.until, std::move(command.done));
  }
  count(taken_bytes);
  after();
}

/// What waits is counted where it waits; what moves from the commands to the core does so in one step, so that the sum that
/// queue() sees is never too small.
void Client::Impl::count(std::size_t moved) {
  const std::scoped_lock lock(mutex);
  command_bytes -= moved;
  held_bytes = core.queued_bytes() + (ws ? ws->buffered() : 0);
}

void Client::Impl::request_close(std::chrono::milliseconds limit) {
  goodbye = limit;
  run_commands();  // what was emitted before close goes before the goodbye
  core.close(closed_by_us());
}

/// The core has ended: the server hears of it if it can, and the loop stops.
void Client::Impl::leave() {
  lookup.reset();
  if (!ws || ws_gone) return loop->stop();
  ws->close(1000);
  loop->at(loop->now().steady + goodbye, [this] { loop->stop(); });
}

/// The one timer follows the core's deadline. Only an earlier one moves it: a late firing looks again and costs nothing.
void Client::Impl::after() {
  const auto due = core.deadline();
  if (!due || *due >= timer_at) return;
  loop->cancel(timer);
  timer_at = *due;
  timer = loop->at(*due, [this] { on_time(); });
}

void Client::Impl::on_time() {
  timer_at = SteadyTime::max();
  core.on_deadline(loop->now());
  after();
}

template <class F>
void Client::Impl::guarded(F&& callback) noexcept {
  if (silenced) return;
  std::string why;
  try {
    callback();
    return;
  } catch (const std::exception& thrown) {
    why = thrown.what();
  } catch (...) {
    why = "something that is not an exception";
  }
  if (options.log) options.log(LogLevel::error, "a callback of a client threw, the client closes: " + why);
  loop->post([this] { core.close({ErrorCode::internal, {}, "a callback threw"}); });
}

void Client::Impl::tell_state(ClientState entered, const Error& why) {
  state = entered;
  if (wiring.on_state) guarded([&] { wiring.on_state(entered, why); });
}

void Client::Impl::on_open() { core.on_open(std::exchange(auth, std::nullopt)); }

void Client::Impl::on_message(std::string_view message, bool binary) {
  core.on_message(message, binary, loop->now());
  after();
}

void Client::Impl::on_gone(const Error& why) {
  ws_gone = true;
  if (core.closed()) return loop->stop();
  if (why.code == ErrorCode::unreachable && next_address < addresses.size()) return loop->post([this] { try_next_address(); });
  core.on_gone(why);
}

void Client::Impl::send(std::string_view payload, bool binary) {
  if (ws) ws->send(payload, binary);
}

void Client::Impl::on_connected() { tell_state(ClientState::connected, {}); }

Result<Args> Client::Impl::handle(std::string_view event, ArgsView args) {
  const auto found = handlers.find(event);
  if (found == handlers.end() || !found->second) return fail(ErrorCode::unknown_event, "nobody handles this event");
  Result<Args> answer = fail(ErrorCode::internal, "the handler threw");
  guarded([&] { answer = found->second(Message{event, args, loop->now()}); });
  return answer;
}

void Client::Impl::on_event(std::string_view event, ArgsView args, std::optional<std::uint64_t> ack) {
  const Result<Args> answer = handle(event, args);
  if (!ack) return;
  if (answer) return core.acknowledge(*ack, *answer);
  const Args refusal{server_detail::error_object(answer.error())};
  core.acknowledge(*ack, refusal);
}

void Client::Impl::on_closed(const Error& why) {
  std::vector<Command> late;
  {
    const std::scoped_lock lock(mutex);
    accepts = false;
    late.swap(commands);
  }
  for (Command& command : late)
    if (command.done) command.done(fail(ErrorCode::closed, why.detail));
  tell_state(ClientState::closed, why);
  leave();
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::open(ClientOptions options, ClientWiring wiring) {
  if (auto good = check(options); !good) return unexpected(std::move(good).error());
  auto url = server_detail::parse_client_url(options.url);
  if (!url) return unexpected(std::move(url).error());
  auto loop = net_detail::Loop::open(options.log);
  if (!loop) return unexpected(std::move(loop).error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(wiring), *std::move(url), *std::move(loop));
  impl->launch();
  return Client(std::move(impl));
}

Result<void> Client::emit(std::string_view event, const Args& args) {
  ClientCore::Done nobody;
  return impl_->queue(client_detail::make_event(impl_->url.nsp, event, args, {}), 0ms, nobody);
}

void Client::ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done) {
  // Only here, so that a callback that throws is caught wherever it runs: on the loop it must not pass through the core.
  ClientCore::Done guarded = [impl = impl_.get(), done = std::move(done)](Result<Args> answer) {
    impl->guarded([&] { done(std::move(answer)); });
  };
  auto packet = client_detail::make_event(impl_->url.nsp, event, args, ++impl_->last_ask);
  if (auto queued = impl_->queue(std::move(packet), options.timeout, guarded); !queued)
    guarded(unexpected(std::move(queued).error()));
}

std::future<Result<Args>> Client::ask_future(std::string_view event, const Args& args, AskOptions options) {
  ZC_ASSERT(!impl_->on_loop_thread());
  auto promise = std::make_shared<std::promise<Result<Args>>>();
  ask(event, args, options, [promise](Result<Args> answer) { promise->set_value(std::move(answer)); });
  return promise->get_future();
}

ClientState Client::state() const { return impl_->state; }

Result<void> Client::close(std::chrono::milliseconds deadline) { return impl_->close(deadline); }

}  // namespace zegocall
