#include "zegocall/client.hpp"

#include <algorithm>
#include <limits>
#include <system_error>

#include "base/ask_time.hpp"
#include "server/client_impl.hpp"
#include "server/request.hpp"
#include "server/thrown.hpp"
#include "signaling/wire/reserved_names.hpp"
#include "zegocall/base/random.hpp"

namespace zegocall {

using client_detail::SpaceState;
using namespace std::chrono_literals;

namespace {

constexpr auto goodbye_max = 1000ms;
constexpr std::size_t no_space = std::numeric_limits<std::size_t>::max();

Error closed_by_us() { return {ErrorCode::closed, {}, "this client was closed"}; }

ClientState state_of(SpaceState state) {
  switch (state) {
    case SpaceState::connecting: return ClientState::connecting;
    case SpaceState::connected: return ClientState::connected;
    case SpaceState::waiting: return ClientState::waiting;
    case SpaceState::closed: return ClientState::closed;
  }
  return ClientState::closed;
}

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

/// Of a packet that is longer than `most`, or that is one too many beside the `used` of `room` bytes.
Unexpected too_much(std::size_t size, std::size_t used, std::size_t most, std::size_t room) {
  std::string why = std::to_string(size) + " bytes, at most " + std::to_string(most) + " may wait to be sent";
  if (size <= most)
    why = std::to_string(size) + " bytes, and " + std::to_string(used) + " of " + std::to_string(room) + " wait already";
  return fail_field(ErrorCode::limit_exceeded, "outbox_bytes_max", std::move(why));
}

}  // namespace

std::string_view name(ClientState state) {
  switch (state) {
    case ClientState::connecting: return "connecting";
    case ClientState::connected: return "connected";
    case ClientState::waiting: return "waiting";
    case ClientState::closed: return "closed";
  }
  return "";
}

// ---- any thread -----------------------------------------------------------------------------------------------------

Client::Impl::Impl(ClientOptions options_in, ClientWiring wiring, server_detail::ClientPlan plan_in,
                   std::unique_ptr<ClientLoop::Impl> own_loop, ClientLoop::Impl& on_loop)
    : options(std::move(options_in)),
      plan(std::move(plan_in)),
      on_drain(std::move(wiring.on_drain)),
      own(std::move(own_loop)),
      host(on_loop),
      loop(*on_loop.loop),
      core(plan.core, *this, system_bytes()) {
  const auto add = [this](const std::string& nsp, auto& from) {
    Space& space = spaces.emplace_back();
    space.name = nsp;
    space.credentials = std::move(from.credentials);
    space.on_state = std::move(from.on_state);
    space.on_other = std::move(from.on_other);
    for (auto& [event, handler] : from.on) space.handlers.insert_or_assign(event, std::move(handler));
  };
  add(plan.core.spaces.front(), wiring);
  for (ClientNamespaceWiring& each : wiring.namespaces) add(each.name, each);
  ++host.clients;
  loop.post([this] {
    core.start(loop.now());
    after();
  });
}

/// After the goodbye a last task on the loop takes the transports down: whatever was posted for this client runs before it.
Client::Impl::~Impl() {
  ZC_ASSERT(!on_loop_thread());
  loop.post([this] { request_close(100ms); });
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return finished && providers == 0; });
  lock.unlock();
  if (provider.joinable()) provider.join();
  bool gone = false;
  loop.post([this, &gone] {
    lookup.reset();
    ws.reset();
    for (Call& call : calls) call.link.reset();
    const std::scoped_lock last(mutex);
    gone = true;
    changed.notify_all();
  });
  lock.lock();
  changed.wait(lock, [&gone] { return gone; });
  --host.clients;
}

Result<void> Client::Impl::queue(Command command, Done* done) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex);
    if (!accepts) return fail(ErrorCode::closed, "the client is closed");
    if (spaces[command.packet.space].state == ClientState::closed) return fail(ErrorCode::closed, "the namespace is closed");
    if (options.while_offline == WhileOffline::refuse && spaces[command.packet.space].state != ClientState::connected)
      return fail(ErrorCode::closed, "there is no connection");
    const std::size_t size = command.packet.size();
    // Where the oldest goes, that is the core's decision; what is on its way to the core has as much room again.
    const bool drops = options.while_offline == WhileOffline::drop_oldest;
    const std::size_t used = command_bytes + socket_bytes + (drops ? 0 : waiting_bytes);
    const std::size_t room = options.outbox_bytes_max * (drops ? 2 : 1);
    if (size > options.outbox_bytes_max || used + size > room) return too_much(size, used, options.outbox_bytes_max, room);
    command_bytes += size;
    above_high_water = above_high_water || command_bytes + socket_bytes + waiting_bytes > options.high_water_bytes;
    if (done) dones.emplace(*command.packet.ask, std::move(*done));
    first = commands.empty();
    commands.push_back(std::move(command));
  }
  if (first) loop.post([this] { run_commands(); });
  return {};
}

Result<void> Client::Impl::emit(std::size_t space, std::string_view event, const Args& args) {
  if (space == no_space) return fail(ErrorCode::not_found, "no such namespace in the wiring");
  if (auto fine = wire_detail::check_event_name(event); !fine) return fine;
  return queue({.packet = client_detail::make_event(space, spaces[space].name, event, args, {})}, nullptr);
}

AskId Client::Impl::ask(std::size_t space, std::string_view event, const Args& args, AskOptions limit, Done done) {
  const std::uint64_t id = ++last_ask;
  Result<void> queued = fail(ErrorCode::not_found, "no such namespace in the wiring");
  if (space != no_space) queued = wire_detail::check_event_name(event);
  if (queued) queued = base_detail::check_ask(limit.timeout);
  if (queued)
    queued = queue({.what = Command::What::ask,
                    .packet = client_detail::make_event(space, spaces[space].name, event, args, id),
                    .until = base_detail::ask_end(steady_now(), limit.timeout)},
                   &done);
  if (queued) return id;
  done(unexpected(std::move(queued).error()));
  return 0;
}

std::future<Result<Args>> Client::Impl::ask_future(std::size_t space, std::string_view event, const Args& args,
                                                   AskOptions limit) {
  ZC_ASSERT(!on_loop_thread());
  auto promise = std::make_shared<std::promise<Result<Args>>>();
  ask(space, event, args, limit, [promise](Result<Args> answer) { promise->set_value(std::move(answer)); });
  return promise->get_future();
}

void Client::Impl::cancel(AskId id) {
  if (id == 0) return;
  loop.post([this, id] {
    run_commands();  // the question may be among them
    core.cancel(id);
    after();
  });
}

void Client::Impl::cancel_waiting() {
  loop.post([this] {
    run_commands();
    core.cancel_waiting();
    after();
  });
}

std::size_t Client::Impl::space_of(std::string_view nsp) const {
  if (nsp.empty()) return 0;
  for (std::size_t i = 0; i < spaces.size(); ++i)
    if (spaces[i].name == nsp) return i;
  return no_space;
}

std::size_t Client::Impl::buffered() {
  const std::scoped_lock lock(mutex);
  return command_bytes + waiting_bytes + socket_bytes;
}

Result<void> Client::Impl::close(std::chrono::milliseconds deadline) {
  const SteadyTime end = base_detail::ask_end(std::chrono::steady_clock::now(), deadline);
  const auto goodbye = std::clamp<std::chrono::milliseconds>(deadline / 2, 0ms, goodbye_max);
  {
    const std::scoped_lock lock(mutex);
    accepts = false;
  }
  loop.post([this, goodbye] { request_close(goodbye); });
  if (on_loop_thread()) return {};
  {
    std::unique_lock lock(mutex);
    if (changed.wait_until(lock, end, [this] { return finished && providers == 0; })) return {};
  }
  silence();
  return fail(ErrorCode::timeout,
              "not over after " + std::to_string(std::max<std::int64_t>(deadline.count(), 0)) + " ms, which is the deadline");
}

/// The loop is busy with a callback that does not return. From here on it begins no other; the questions are answered here.
void Client::Impl::silence() {
  std::unordered_map<std::uint64_t, Done> open;
  {
    const std::scoped_lock lock(mutex);
    silenced = true;
    accepts = false;
    open.swap(dones);
  }
  for (auto& [id, done] : open) done(fail(ErrorCode::closed, "this client was closed"));
}

// ---- the loop thread ------------------------------------------------------------------------------------------------

void Client::Impl::run_commands() {
  std::vector<Command> taken;
  {
    const std::scoped_lock lock(mutex);
    taken.swap(commands);
  }
  if (taken.empty()) return;
  const Now now = loop.now();
  std::size_t moved = 0;
  for (Command& command : taken) {
    moved += command.packet.size();
    if (command.what == Command::What::emit)
      core.emit(std::move(command.packet), now);
    else
      core.ask(std::move(command.packet), command.until, now);
  }
  count(moved);
  after();
}

/// What waits is counted where it waits; what moves from the commands to the core does so in one step, so that the sum that
/// queue() sees is never too small.
void Client::Impl::count(std::size_t moved) {
  std::size_t at_socket = core.engine().queued_bytes() + (ws ? ws->buffered() : 0);
  for (const Call& call : calls) at_socket += call.link ? call.link->buffered() : 0;
  bool drained = false;
  {
    const std::scoped_lock lock(mutex);
    command_bytes -= moved;
    waiting_bytes = core.waiting_bytes();
    socket_bytes = at_socket;
    drained = above_high_water && command_bytes + waiting_bytes + socket_bytes <= options.high_water_bytes / 2;
    if (drained) above_high_water = false;
  }
  if (drained && on_drain) guarded(on_drain);
}

void Client::Impl::request_close(std::chrono::milliseconds goodbye) {
  run_commands();  // what was emitted before close goes before the goodbye
  const Now now = loop.now();
  core.close(closed_by_us(), now.steady + goodbye, now);
  after();
}

/// The end of every turn. The one timer follows the core's deadline; only an earlier one moves it: a late firing looks again
/// and costs nothing.
void Client::Impl::after() {
  core.flush(loop.now());
  count(0);
  if (core.finished()) return finish();
  const auto due = core.deadline();
  if (!due || *due >= timer_at) return;
  loop.cancel(timer);
  timer_at = *due;
  timer = loop.at(*due, [this] { on_time(); });
}

void Client::Impl::on_time() {
  timer_at = SteadyTime::max();
  core.on_deadline(loop.now());
  after();
}

void Client::Impl::finish() {
  if (std::exchange(is_finished, true)) return;
  loop.cancel(timer);
  drop();
  const std::scoped_lock lock(mutex);
  finished = true;
  changed.notify_all();
}

template <class F>
void Client::Impl::guarded(F&& callback) noexcept {
  {
    const std::scoped_lock lock(mutex);
    if (silenced) return;
  }
  std::string why;
  try {
    callback();
    return;
  } catch (...) {
    why = server_detail::what_was_thrown();
  }
  if (options.log) options.log(LogLevel::error, "a callback of a client threw, the client closes: " + why);
  loop.post([this] {
    const Now now = loop.now();
    core.close({ErrorCode::internal, {}, "a callback threw"}, now.steady + goodbye_max, now);
    after();
  });
}

/// One thread asks every namespace's provider. One that hangs longer than a try is not asked again meanwhile: its answer
/// serves the try that runs then.
void Client::Impl::ask_credentials(std::uint32_t number_of_try) {
  const bool any = std::any_of(spaces.begin(), spaces.end(), [](const Space& space) { return bool(space.credentials); });
  if (!any)
    return loop.post([this] {
      core.on_credentials(std::vector<std::optional<Json>>(spaces.size()), loop.now());
      after();
    });
  {
    const std::scoped_lock lock(mutex);
    if (silenced || providers > 0) return;
    providers = 1;
  }
  if (provider.joinable()) provider.join();
  const auto run = [this, number_of_try] {
    Result<std::vector<std::optional<Json>>> all = std::vector<std::optional<Json>>(spaces.size());
    for (std::size_t i = 0; i < spaces.size() && all; ++i) {
      if (!spaces[i].credentials || spaces[i].state == ClientState::closed) continue;
      Result<Json> got = fail(ErrorCode::internal, "the credentials provider threw");
      try {
        got = spaces[i].credentials(number_of_try);
      } catch (...) {  // as the text above says
      }
      if (got)
        (*all)[i] = *std::move(got);
      else
        all = unexpected(std::move(got).error());
    }
    {
      const std::scoped_lock lock(mutex);
      providers = 0;
      changed.notify_all();
    }
    // The destructor joins this thread before it posts its last task.
    loop.post([this, answer = std::make_shared<decltype(all)>(std::move(all))] {
      core.on_credentials(std::move(*answer), loop.now());
      after();
    });
  };
  try {
    provider = std::thread(run);
  } catch (const std::system_error&) {
    const std::scoped_lock lock(mutex);
    providers = 0;
    loop.post([this] {
      core.on_credentials(fail(ErrorCode::io_error, "no thread for the credentials provider"), loop.now());
      after();
    });
  }
}

void Client::Impl::on_state(std::size_t number, SpaceState state, const Error& why) {
  Space& space = spaces[number];
  space.recovered = state == SpaceState::connected && core.recovered(number);
  if (number == 0 && state == SpaceState::closed) {
    std::vector<Command> late;
    {
      const std::scoped_lock lock(mutex);
      accepts = false;
      late.swap(commands);
    }
    for (const Command& command : late)
      if (command.packet.ask) on_answer(*command.packet.ask, fail(ErrorCode::closed, why.detail));
  }
  space.state = state_of(state);
  if (space.on_state) guarded([&] { space.on_state(state_of(state), why); });
}

void Client::Impl::on_refused(std::size_t space, JsonView data) {
  const std::scoped_lock lock(mutex);
  spaces[space].refusal = Json::copy_of(data);
}

Json Client::Impl::refusal(std::size_t space) {
  const std::scoped_lock lock(mutex);
  return space == no_space ? Json() : spaces[space].refusal;
}

Result<Args> Client::Impl::handle(std::size_t number, std::string_view event, ArgsView args) {
  const Space& space = spaces[number];
  const auto found = space.handlers.find(event);
  const MessageHandler& handler = found == space.handlers.end() ? space.on_other : found->second;
  if (!handler) return fail(ErrorCode::unknown_event, "nobody handles this event");
  Result<Args> answer = fail(ErrorCode::internal, "the handler threw");
  guarded([&] { answer = handler(Message{event, args, loop.now()}); });
  return answer;
}

void Client::Impl::on_event(std::size_t space, std::string_view event, ArgsView args, std::optional<std::uint64_t> ack) {
  const Result<Args> answer = handle(space, event, args);
  if (!ack) return;
  if (answer) return core.acknowledge(space, *ack, *answer);
  const Args refusal{server_detail::error_object(answer.error())};
  core.acknowledge(space, *ack, refusal);
}

/// Taken out and called in one breath with the look at `silenced`: either here or by silence(), never by both or neither.
void Client::Impl::on_answer(std::uint64_t id, Result<Args> answer) {
  std::unique_lock lock(mutex);
  auto found = dones.extract(id);
  lock.unlock();
  if (found.empty()) return;
  try {
    found.mapped()(std::move(answer));
    return;
  } catch (...) {
    if (options.log)
      options.log(LogLevel::error, "a callback of a client threw, the client closes: " + server_detail::what_was_thrown());
  }
  loop.post([this] {
    const Now now = loop.now();
    core.close({ErrorCode::internal, {}, "a callback threw"}, now.steady + goodbye_max, now);
    after();
  });
}

void Client::Impl::on_unsent(const Error& why) {
  if (options.log) options.log(LogLevel::warning, "an event of a client was not sent: " + to_string(why));
}

// ---- the public face ------------------------------------------------------------------------------------------------

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::open(ClientOptions options, ClientWiring wiring) {
  auto plan = server_detail::plan_client(options, wiring);
  if (!plan) return unexpected(std::move(plan).error());
  std::unique_ptr<ClientLoop::Impl> own;
  ClientLoop::Impl* host = options.loop ? options.loop->impl_.get() : nullptr;
  if (!host) {
    auto opened = ClientLoop::open(options.log);
    if (!opened) return unexpected(std::move(opened).error());
    own = std::move(opened->impl_);
    host = own.get();
  }
  return Client(std::make_unique<Impl>(std::move(options), std::move(wiring), *std::move(plan), std::move(own), *host));
}

Result<void> Client::emit(std::string_view event, const Args& args) { return impl_->emit(0, event, args); }
AskId Client::ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done) {
  return impl_->ask(0, event, args, options, std::move(done));
}
std::future<Result<Args>> Client::ask_future(std::string_view event, const Args& args, AskOptions options) {
  return impl_->ask_future(0, event, args, options);
}
void Client::cancel(AskId ask) { impl_->cancel(ask); }
void Client::cancel_waiting() { impl_->cancel_waiting(); }
ClientNamespace Client::in(std::string_view name) { return {*impl_, impl_->space_of(name)}; }
ClientState Client::state() const { return impl_->spaces[0].state; }
bool Client::recovered() const { return impl_->spaces[0].recovered; }
Json Client::refusal() const { return impl_->refusal(0); }
std::size_t Client::buffered() const { return impl_->buffered(); }
Result<void> Client::close(std::chrono::milliseconds deadline) { return impl_->close(deadline); }

Result<void> ClientNamespace::emit(std::string_view event, const Args& args) { return client_->emit(space_, event, args); }
AskId ClientNamespace::ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done) {
  return client_->ask(space_, event, args, options, std::move(done));
}
std::future<Result<Args>> ClientNamespace::ask_future(std::string_view event, const Args& args, AskOptions options) {
  return client_->ask_future(space_, event, args, options);
}
ClientState ClientNamespace::state() const {
  return space_ == no_space ? ClientState::closed : ClientState(client_->spaces[space_].state);
}
bool ClientNamespace::recovered() const { return space_ != no_space && client_->spaces[space_].recovered; }
Json ClientNamespace::refusal() const { return client_->refusal(space_); }

}  // namespace zegocall
