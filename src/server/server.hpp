// What runs: the loops, the service thread and the workers of one Hub.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/net.hpp"
#include "server/bus_link.hpp"
#include "server/cors.hpp"
#include "server/exchange.hpp"
#include "server/proxies.hpp"
#include "server/router.hpp"
#include "server/service_thread.hpp"
#include "server/shared_state.hpp"
#include "server/wiring.hpp"
#include "server/workers.hpp"
#include "zegocall/hub.hpp"

namespace zegocall::server_detail {

class LoopHost;

/// Requests and service work that are not answered yet; drain waits until there are none.
class InFlight {
 public:
  class Token {
   public:
    explicit Token(InFlight& all) : all_(&all) { all_->count_.fetch_add(1); }
    Token(Token&& other) noexcept : all_(std::exchange(other.all_, nullptr)) {}
    Token& operator=(Token&&) = delete;
    ~Token() {
      if (all_) all_->count_.fetch_sub(1);
    }

   private:
    InFlight* all_;
  };
  std::uint64_t count() const { return count_.load(); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

/// A request on its way, and who waits for it.
struct HttpJob {
  Exchange exchange;
  unsigned loop;
  net_detail::PeerId peer;
  InFlight::Token token;
  // The loop's own:
  std::uint64_t number = 0;       ///< tells it from later requests of that peer
  net_detail::TimerId limit = 0;  ///< of the time that it may take
  bool limited = false;
};

/// An answer that is sent piece by piece, and who reads it.
struct StreamJob {
  HttpParts next;
  Run run;
  unsigned loop;
  net_detail::PeerId peer;
  InFlight::Token token;
  std::string id;
  std::string route;
  std::chrono::milliseconds time_limit;
  std::unique_ptr<struct AccessEntry> entry;
  // Whoever makes the piece, then the loop:
  Result<std::optional<std::string>> part = std::optional<std::string>();
  Thrown thrown{};
  // The loop's own:
  bool pulling = false;
  int status = 200;
  std::uint64_t bytes = 0;
  net_detail::TimerId limit = 0;

  StreamJob(HttpParts next_in, Run run_in, unsigned loop_in, net_detail::PeerId peer_in, InFlight::Token token_in);
  ~StreamJob();
  void make_part() noexcept;
};

/// For what is worth a line in the log, but not each time. Any thread.
class OnceAMinute {
 public:
  bool is_due(SteadyTime now) {
    SteadyTime next = next_.load();
    return now >= next && next_.compare_exchange_strong(next, now + std::chrono::minutes(1));
  }

 private:
  std::atomic<SteadyTime> next_{SteadyTime{}};
};

class Server : public std::enable_shared_from_this<Server> {
 public:
  static Result<std::shared_ptr<Server>> open(HubOptions options, Wiring wiring);
  ~Server();

  std::uint16_t port() const;
  Result<void> reload_tls();
  std::uint64_t tls_reloads() const { return tls_reloads_.load(); }
  std::uint64_t tls_reloads_failed() const { return tls_reloads_failed_.load(); }
  /// Everybody in the namespace of this name, whether it has one now or a pattern may give it one; else nobody.
  Audience everyone(std::string_view name);
  void drain(const DrainOptions& options);
  void wait();
  void stop();

  // For the loops, their handlers, and whoever holds an Audience.
  const HubOptions& options() const { return options_; }
  const Cors& cors() const { return cors_; }
  const Proxies& proxies() const { return proxies_; }
  const RouteTable& routes() const { return routes_; }
  const std::vector<NamespaceParts>& namespaces() const { return namespaces_; }
  const std::optional<EngineEndpoint>& engine() const { return engine_; }
  Clock& clock() { return *clock_; }
  ServiceThread& service() { return *service_; }
  Workers& workers() { return *workers_; }
  InFlight& in_flight() { return in_flight_; }
  const LogSink& log() const { return log_; }
  OnceAMinute& accept_pauses_told() { return accept_pauses_told_; }
  unsigned loops() const { return static_cast<unsigned>(hosts_.size()); }
  LoopHost& host(unsigned loop) { return *hosts_[loop]; }
  /// Null without a bus. Any thread, once the hub is open.
  BusLink* bus_link() { return bus_link_.get(); }
  /// stop() was called.
  bool stopping() {
    const std::scoped_lock lock(mutex_);
    return stop_requested_;
  }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  bool ready() const { return !draining() && !service_->counters().failing.load(std::memory_order_relaxed); }

  /// The host of the loop on which we are, or nullptr.
  LoopHost* here();
  /// Runs `act` on every loop: on this one now, if we are on one; with the group, inside a service handler; else soon.
  void on_each_loop(std::function<void(LoopHost&)> act);
  void on_loop(unsigned loop, std::function<void(LoopHost&)> act);
  /// Puts it into every loop's inbox, also into one's own.
  void post_to_all(const std::function<void(LoopHost&)>& act);
  /// Puts it into a loop's inbox, also into one's own, in one order with all that goes to several loops: what one of them
  /// got before this, all got before this.
  void in_order(unsigned loop, std::function<void(LoopHost&)> act);
  /// A number for something that is said on several loops; 0 where nobody asks for it.
  std::uint64_t next_event();
  HomeDirectory& homes() { return homes_; }
  hub_detail::AddressBook* addresses() { return addresses_ ? &*addresses_ : nullptr; }
  /// As HubAccess::on_service.
  bool insist(std::function<void()> work);
  /// Blocks until `work` has run on the service thread and its group has ended.
  Result<void> wait_service(const std::function<void(Now)>& work);
  /// The next step of a request whose present thread is through with it. Any thread.
  void forward(std::shared_ptr<HttpJob> job);
  /// Has the next piece of a stream made where it belongs, then take_part on its loop. Any thread.
  void forward(const std::shared_ptr<StreamJob>& job);

 private:
  Server(HubOptions options, std::vector<NamespaceParts> namespaces, RouteTable routes, Cors cors, Proxies proxies,
         Wiring wiring);
  Result<void> listen();
  Result<void> open_loops();
  void introduce();
  Result<void> join_bus();
  void start();
  bool wait_until(SteadyTime end, const std::function<bool()>& fulfilled);
  void linger(SteadyTime end);
  std::size_t close_all_sessions();
  void on_every_loop_and_wait(const std::function<void(LoopHost&)>& act);
  void join();
  bool on_own_thread();

  HubOptions options_;
  std::vector<NamespaceParts> namespaces_;
  RouteTable routes_;
  Cors cors_;
  Proxies proxies_;
  std::optional<EngineEndpoint> engine_;
  std::vector<Driven*> driven_;
  LogSink log_;
  OnceAMinute accept_pauses_told_;
  std::unique_ptr<Clock> own_clock_;
  Clock* clock_;
  InFlight in_flight_;
  std::mutex order_;  // held by whoever fills several inboxes
  std::atomic<std::uint64_t> last_event_{0}, tls_reloads_{0}, tls_reloads_failed_{0};
  std::mutex reload_;  // one after the other, so that the last one read is the one that is shown
  HomeDirectory homes_;
  std::optional<SharedAddresses> addresses_;  // where there are several loops
  std::vector<std::unique_ptr<LoopHost>> hosts_;
  std::unique_ptr<ServiceThread> service_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<BusLink> bus_link_;
  std::atomic<bool> draining_{false};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_requested_ = false, joining_ = false, stopped_ = false;
  std::thread::id joiner_;
};

/// Everybody in a namespace.
Audience everyone_in(Server& server, std::uint16_t ns, std::shared_ptr<const std::string> space = nullptr);
/// Of a namespace that this hub does not have.
Audience nobody_in(Server& server, std::string_view name);

}  // namespace zegocall::server_detail
