#include "server/server.hpp"

#include <algorithm>

#include "net/peer_address.hpp"
#include "net/tls_server.hpp"
#include "server/loop_host.hpp"
#include "signaling/wire/reserved_names.hpp"

namespace zegocall::server_detail {
namespace {

using namespace std::chrono_literals;

/// The JSON scanner recurses and has a ceiling of its own, 512; what a bus puts around a packet must be below it too.
constexpr std::size_t json_depth_most = 500;

Error in_field(Error error, std::string_view field) {
  if (error.field.empty()) error.field = field;
  return error;
}

Result<void> check_namespace(const NamespaceParts& ns, const std::string& field) {
  const auto bad = [&](std::string why) { return fail_field(ErrorCode::invalid_argument, field, std::move(why)); };
  if (ns.name.empty() || ns.name.front() != '/') return bad("\"" + ns.name + "\" must begin with a slash");
  if (!ns.repeated.empty()) return bad(ns.repeated.front() + " has two handlers");
  if (ns.name.find(',') != std::string::npos) return bad("\"" + ns.name + "\" has a comma, which ends a namespace on the wire");
  if (!ns.missing.empty()) return bad(std::string(ns.missing.front()) + " was given no function");
  if (ns.who_run == Run::worker) return bad("authenticate cannot run on a worker");
  for (const auto& [event, rule] : ns.rules) {
    if (rule.run == Run::worker) return bad("the event \"" + event + "\" cannot run on a worker");
    if (!rule.handler) return bad("the event \"" + event + "\" has no handler");
    if (wire_detail::is_reserved(event)) return bad("the event \"" + event + "\": " + wire_detail::reserved_words);
  }
  if (ns.other && ns.other->run == Run::worker) return bad("on_other cannot run on a worker");
  for (const auto& placed : ns.on_connect)
    if (placed.run == Run::worker) return bad("on_connect cannot run on a worker");
  for (const auto& placed : ns.on_resync)
    if (placed.run == Run::worker) return bad("on_resync cannot run on a worker");
  for (const auto& placed : ns.on_disconnect)
    if (placed.run == Run::worker) return bad("on_disconnect cannot run on a worker");
  return {};
}

Result<std::vector<NamespaceParts>> check_namespaces(const std::vector<Namespace>& namespaces) {
  std::vector<NamespaceParts> out;
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    const NamespaceParts& parts = NamespaceAccess::parts(namespaces[i]);
    const std::string field = "namespaces." + std::to_string(i);
    if (auto fine = check_namespace(parts, field); !fine) return unexpected(std::move(fine).error());
    for (const NamespaceParts& other : out)
      if (other.name == parts.name) return fail_field(ErrorCode::invalid_argument, field, "\"" + parts.name + "\" stands twice");
    out.push_back(parts);
  }
  // The cores know those with a name by their place in the list.
  std::stable_partition(out.begin(), out.end(), [](const NamespaceParts& parts) { return !parts.has_pattern(); });
  return out;
}

Result<std::shared_ptr<const net_detail::TlsIdentity>> read_tls(const HubTls& tls) {
  const net_detail::TlsIdentityFiles files{tls.certificate_file, tls.key_file, tls.client_ca_file};
  auto identity = net_detail::TlsIdentity::open(files, system_now().wall);
  if (identity) return identity;
  Error why = std::move(identity).error();
  why.field = "tls" + (why.field.empty() ? "" : "." + why.field);
  return unexpected(std::move(why));
}

bool wants_tls(const HubTls& tls) {
  return !tls.certificate_file.empty() || !tls.key_file.empty() || !tls.client_ca_file.empty();
}

Result<void> check_path(const std::string& path, std::string field) {
  if (path.size() >= 2 && path.front() == '/' && path.back() == '/') return {};
  return fail_field(ErrorCode::invalid_argument, std::move(field), "must begin and end with a slash, and be more than one");
}

Result<void> check_engine(const std::optional<EngineEndpoint>& engine, const std::string& hub_path) {
  if (!engine) return {};
  if (auto fine = check_path(engine->path, "engine.path"); !fine) return fine;
  if (engine->path == hub_path) return fail_field(ErrorCode::invalid_argument, "engine.path", "is the path of Socket.IO");
  if (!engine->on_message) return fail_field(ErrorCode::invalid_argument, "engine.on_message", "has no function");
  return {};
}

/// A route at the path of an endpoint would never be asked; below it there is room.
Result<void> check_routes(const std::vector<Route>& routes, const std::string& path) {
  for (const Route& route : routes)
    if (route.pattern == path || route.pattern + "/" == path)
      return fail_field(ErrorCode::invalid_argument, "http.routes",
                        "\"" + route.pattern + "\" is the path of Socket.IO or of Wiring::engine");
  return {};
}

Result<void> check_options(const HubOptions& options) {
  const auto positive = [](auto value, const char* field) -> Result<void> {
    if (value > decltype(value){}) return {};
    return fail_field(ErrorCode::invalid_argument, field, "must be more than zero");
  };
  const auto time = [&](std::chrono::milliseconds value, const char* field) -> Result<void> {
    if (value > std::chrono::hours(24)) return fail_field(ErrorCode::out_of_range, field, "must be at most 24 h");
    return positive(value, field);
  };
  const HubLimits& limits = options.limits;
  if (options.loops < 1 || options.loops > hub_detail::cores_max)
    return fail_field(ErrorCode::invalid_argument, "loops", "must be from 1 to " + std::to_string(hub_detail::cores_max));
  if (limits.json_depth_max < 1 || limits.json_depth_max > json_depth_most)
    return fail_field(ErrorCode::invalid_argument, "limits.json_depth_max",
                      "must be from 1 to " + std::to_string(json_depth_most));
  if (options.recovery.keep.count() < 0 || options.recovery.keep > std::chrono::hours(24))
    return fail_field(ErrorCode::invalid_argument, "recovery.keep", "must be 0 (no recovery) to 24 h");
  for (const Result<void>& fine : {check_path(options.path, "path"),
                                   time(options.ping_interval, "ping_interval"),
                                   time(options.tls.handshake_timeout, "tls.handshake_timeout"),
                                   time(options.ping_timeout, "ping_timeout"),
                                   time(options.connect_timeout, "connect_timeout"),
                                   time(options.head_timeout, "head_timeout"),
                                   time(options.body_timeout, "body_timeout"),
                                   time(options.unread_timeout, "unread_timeout"),
                                   time(options.idle_timeout, "idle_timeout"),
                                   positive(limits.head_bytes_max, "limits.head_bytes_max"),
                                   positive(limits.bodies_bytes_max, "limits.bodies_bytes_max"),
                                   positive(limits.message_bytes_max, "limits.message_bytes_max"),
                                   positive(limits.packet_bytes_max, "limits.packet_bytes_max"),
                                   positive(limits.sessions_max, "limits.sessions_max"),
                                   positive(limits.outbox_bytes_max, "limits.outbox_bytes_max"),
                                   positive(limits.packets_burst, "limits.packets_burst"),
                                   positive(limits.packets_burst_per_address, "limits.packets_burst_per_address"),
                                   positive(limits.mailbox_max, "limits.mailbox_max"),
                                   positive(limits.group_max, "limits.group_max"),
                                   positive(limits.workers, "limits.workers")})
    if (!fine) return fine;
  return {};
}

}  // namespace

Result<std::shared_ptr<Server>> Server::open(HubOptions options, Wiring wiring) {
  if (auto fine = check_options(options); !fine) return unexpected(std::move(fine).error());
  if (auto fine = check_engine(wiring.engine, options.path); !fine) return unexpected(std::move(fine).error());
  auto namespaces = check_namespaces(wiring.namespaces);
  if (!namespaces) return unexpected(std::move(namespaces).error());
  const std::vector<Route>& asked = RouterAccess::parts(wiring.http).routes;
  auto fine = check_routes(asked, options.path);
  if (fine && wiring.engine) fine = check_routes(asked, wiring.engine->path);
  if (!fine) return unexpected(std::move(fine).error());
  auto routes = RouteTable::of(RouterAccess::parts(wiring.http));
  if (!routes) return unexpected(std::move(routes).error());
  auto cors = Cors::of(options.allowed_origins);
  if (!cors) return unexpected(std::move(cors).error());
  auto proxies = Proxies::of(options.trusted_proxies, options.proxy_header);
  if (!proxies) return unexpected(std::move(proxies).error());
  std::shared_ptr<Server> server(new Server(std::move(options), *std::move(namespaces), *std::move(routes), *std::move(cors),
                                            *std::move(proxies), std::move(wiring)));
  if (auto listening = server->listen(); !listening) {
    server->stopped_ = true;
    return unexpected(std::move(listening).error());
  }
  if (auto joined = server->join_bus(); !joined) {
    server->stopped_ = true;
    return unexpected(in_field(std::move(joined).error(), "bus"));
  }
  server->introduce();
  server->start();
  return server;
}

Server::Server(HubOptions options, std::vector<NamespaceParts> namespaces, RouteTable routes, Cors cors, Proxies proxies,
               Wiring wiring)
    : options_(std::move(options)),
      namespaces_(std::move(namespaces)),
      routes_(std::move(routes)),
      cors_(std::move(cors)),
      proxies_(std::move(proxies)),
      engine_(std::move(wiring.engine)),
      driven_(std::move(wiring.driven)),
      log_(options_.log ? options_.log : no_log()) {
  if (!options_.clock) own_clock_ = make_system_clock(log_);
  clock_ = options_.clock ? options_.clock : own_clock_.get();
}

Result<void> Server::join_bus() {
  if (!options_.bus) return {};
  auto link = BusLink::open(*this, *options_.bus);
  if (!link) return unexpected(std::move(link).error());
  bus_link_ = *std::move(link);
  return {};
}

Server::~Server() {
  stop();
  ZC_ASSERT(stopped_);  // a hub must not be destroyed by one of its own handlers
}

Result<void> Server::listen() {
  net_detail::ListenOptions listen{.host = options_.host, .port = options_.port};
  listen.message_bytes_max = options_.limits.message_bytes_max;
  listen.connections_max = options_.limits.connections_max;
  listen.connections_per_address_max = options_.limits.connections_per_address_max;
  if (proxies_.any()) listen.is_proxy = [this](std::string_view address) { return proxies_.trusts(address); };
  if (wants_tls(options_.tls)) {
    auto identity = read_tls(options_.tls);
    if (!identity) return unexpected(std::move(identity).error());
    listen.tls = *std::move(identity);
    listen.handshake_timeout = options_.tls.handshake_timeout;
  }
  listen.unix_permissions = options_.unix_permissions;
  listen.head_bytes_max = options_.limits.head_bytes_max;
  listen.bodies_bytes_max = options_.limits.bodies_bytes_max;
  listen.header_timeout = options_.head_timeout;
  listen.body_timeout = options_.body_timeout;
  listen.unread_timeout = options_.unread_timeout;
  listen.idle_timeout = options_.idle_timeout;
  listen.shared = options_.loops > 1;
  listen.connections = std::make_shared<std::atomic<std::size_t>>(0);
  listen.addresses = std::make_shared<net_detail::AddressTally>();
  const ServiceOptions service{options_.limits.mailbox_max, options_.limits.group_max, options_.limits.group_time, options_.loops,
                               &order_};
  service_ = std::make_unique<ServiceThread>(
      service, *clock_, driven_, [this](unsigned loop, std::function<void()> act) { hosts_[loop]->post(std::move(act)); }, log_);
  workers_ = std::make_unique<Workers>(options_.limits.workers, options_.limits.worker_queue_max);
  if (options_.loops > 1) addresses_.emplace(limits_of(options_.limits));
  if (auto opened = open_loops(); !opened) return opened;
  for (auto& host : hosts_) {
    if (auto listening = host->listen(listen); !listening) return unexpected(in_field(listening.error(), "port"));
    listen.beside = &hosts_.front()->listener();
  }
  return {};
}

Result<void> Server::open_loops() {
  for (unsigned n = 0; n < options_.loops; ++n) {
    auto loop = net_detail::Loop::open(log_);
    if (!loop) return unexpected(std::move(loop).error());
    hosts_.push_back(std::make_unique<LoopHost>(*this, n, *std::move(loop)));
  }
  return {};
}

void Server::introduce() {
  const std::weak_ptr<Server> weak = weak_from_this();
  for (std::size_t n = 0; n < namespaces_.size(); ++n) {
    HubAccess access;
    if (!namespaces_[n].has_pattern()) access.everyone = everyone_in(*this, static_cast<std::uint16_t>(n));
    access.loops = loops();
    access.on_each_loop = [weak](std::function<void(unsigned)> act) {
      if (const auto server = weak.lock()) server->on_each_loop([act = std::move(act)](LoopHost& host) { act(host.number()); });
    };
    access.on_service = [weak](std::function<void()> work) {
      const auto server = weak.lock();
      return server && server->insist(std::move(work));
    };
    for (const auto& handler : namespaces_[n].on_open) handler(access);
  }
}

void Server::start() {
  clock_->subscribe(this, [this] { service_->wake(); });
  service_->start();
  for (auto& host : hosts_) host->start();
}

Audience Server::everyone(std::string_view name) {
  for (std::size_t n = 0; n < namespaces_.size(); ++n) {
    const auto number = static_cast<std::uint16_t>(n);
    if (namespaces_[n].name == name) return everyone_in(*this, number);
    if (namespaces_[n].has_pattern() && fits_pattern(namespaces_[n].name, name))
      return everyone_in(*this, number, std::make_shared<const std::string>(name));
  }
  return nobody_in(*this, name);
}

Result<void> Server::reload_tls() {
  if (!wants_tls(options_.tls)) return fail_field(ErrorCode::invalid_state, "tls", "this hub has none");
  const std::scoped_lock lock(reload_);
  auto identity = read_tls(options_.tls);
  if (!identity) {
    ++tls_reloads_failed_;
    return unexpected(std::move(identity).error());
  }
  ++tls_reloads_;
  post_to_all([shown = *std::move(identity)](LoopHost& host) { host.set_tls(shown); });
  return {};
}

std::uint16_t Server::port() const { return hosts_.front()->port(); }

LoopHost* Server::here() {
  LoopHost* host = host_here();
  for (const auto& own : hosts_)
    if (own.get() == host) return host;
  return nullptr;
}

void Server::on_each_loop(std::function<void(LoopHost&)> act) {
  if (Outbox* effects = service_->effects_here())
    return effects->on_each_loop([this, act = std::move(act)](unsigned loop) { act(*hosts_[loop]); });
  LoopHost* own = here();
  if (loops() > 1 || !own) {
    const std::scoped_lock lock(order_);
    for (auto& host : hosts_)
      if (host.get() != own) host->post([&host = *host, act] { act(host); });
  }
  if (own) act(*own);
}

void Server::post_to_all(const std::function<void(LoopHost&)>& act) {
  const std::scoped_lock lock(order_);
  for (auto& host : hosts_) host->post([&host = *host, act] { act(host); });
}

void Server::in_order(unsigned loop, std::function<void(LoopHost&)> act) {
  const std::scoped_lock lock(order_);
  LoopHost& host = *hosts_[loop];
  host.post([&host, act = std::move(act)] { act(host); });
}

std::uint64_t Server::next_event() {
  if (loops() == 1 || options_.recovery.keep.count() == 0) return 0;
  return last_event_.fetch_add(1, std::memory_order_relaxed) + 1;
}

void Server::on_loop(unsigned loop, std::function<void(LoopHost&)> act) {
  LoopHost& host = *hosts_[loop];
  if (Outbox* effects = service_->effects_here())
    return effects->on_loop(loop, [&host, act = std::move(act)](unsigned) { act(host); });
  if (host.on_thread()) return act(host);
  host.post([&host, act = std::move(act)] { act(host); });
}

namespace {

/// A host's own function on the service thread.
class PlainWork final : public Work {
 public:
  PlainWork(Server& server, std::function<void()> work) : server_(server), token_(server.in_flight()), work_(std::move(work)) {}
  void run() noexcept override {
    try {
      work_();
    } catch (...) {
      server_.log()(LogLevel::error, "work on the service thread threw");
    }
  }
  void done(const Error*, Outbox&) noexcept override {}

 private:
  Server& server_;
  InFlight::Token token_;
  std::function<void()> work_;
};

/// A worker that waits: it goes on only after what its work said is on its way.
class WaitedWork final : public Work {
 public:
  struct End {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<void>> result;
    std::exception_ptr threw;
  };
  WaitedWork(Clock& clock, const std::function<void(Now)>& work, End& end) : clock_(clock), work_(work), end_(end) {}
  void run() noexcept override {
    try {
      work_(clock_.now());
    } catch (...) {
      end_.threw = std::current_exception();
    }
  }
  void done(const Error* failure, Outbox&) noexcept override {
    if (failure) result_ = unexpected(*failure);
  }
  void released() noexcept override {
    std::scoped_lock lock(end_.mutex);
    end_.result = std::move(result_);
    end_.changed.notify_one();
  }

 private:
  Clock& clock_;
  const std::function<void(Now)>& work_;
  End& end_;
  Result<void> result_;
};

class HttpWork final : public Work {
 public:
  HttpWork(Server& server, std::shared_ptr<HttpJob> job) : server_(server), job_(std::move(job)) {}
  void run() noexcept override {
    job_->exchange.request().now = server_.clock().now();
    job_->exchange.advance(Run::service);
  }
  void done(const Error* failure, Outbox& replies) noexcept override {
    if (failure) job_->exchange.refuse(*failure, 503);
    const unsigned home = job_->loop;  // read before job_ is moved: arguments are evaluated in any order
    if (job_->exchange.done() || job_->exchange.where() == Run::loop)
      replies.on_loop(home, [&server = server_, job = std::move(job_)](unsigned loop) { server.host(loop).go_on(job); });
  }
  void released() noexcept override {
    if (job_) server_.forward(job_);
  }

 private:
  Server& server_;
  std::shared_ptr<HttpJob> job_;
};

}  // namespace

bool Server::insist(std::function<void()> work) { return service_->insist(std::make_unique<PlainWork>(*this, std::move(work))); }

Result<void> Server::wait_service(const std::function<void(Now)>& work) {
  if (service_->on_this_thread()) return work(clock_->now()), Result<void>{};
  if (here()) return fail(ErrorCode::invalid_state, "a loop must not wait for the service thread");
  WaitedWork::End end;
  if (!service_->offer(std::make_unique<WaitedWork>(*clock_, work, end)))
    return service_->stopping() ? fail(ErrorCode::closed, "the server stops")
                                : fail(ErrorCode::rate_limited, "too many at once; try again");
  std::unique_lock lock(end.mutex);
  end.changed.wait(lock, [&] { return end.result.has_value(); });
  if (end.threw) std::rethrow_exception(end.threw);
  return *std::move(end.result);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the job is handed on
void Server::forward(std::shared_ptr<HttpJob> job) {
  const auto to_loop = [this](const std::shared_ptr<HttpJob>& ready) {
    hosts_[ready->loop]->post([this, ready] { hosts_[ready->loop]->go_on(ready); });
  };
  if (job->exchange.done()) return to_loop(job);
  bool taken = true;
  switch (job->exchange.where()) {
    case Run::loop: return to_loop(job);
    case Run::service: taken = service_->offer(std::make_unique<HttpWork>(*this, job)); break;
    case Run::worker:
      taken = workers_->offer([this, job] {
        job->exchange.advance(Run::worker);
        forward(job);
      });
      break;
  }
  if (taken) return;
  job->exchange.refuse({ErrorCode::rate_limited, {}, "too many at once; try again"}, 503);
  to_loop(job);
}

}  // namespace zegocall::server_detail
