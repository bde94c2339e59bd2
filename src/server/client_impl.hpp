// What a Client is made of: a core without I/O, its transports on a loop, a queue into the loop, and the callbacks.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/http_link.hpp"
#include "net/lookup.hpp"
#include "net/ws_client.hpp"
#include "server/client_loop.hpp"
#include "server/client_plan.hpp"
#include "signaling/client/core.hpp"
#include "zegocall/client.hpp"

namespace zegocall {

struct Client::Impl final : client_detail::ClientHost, net_detail::WsClientHandler, net_detail::HttpLinkHandler {
  using Done = std::function<void(Result<Args>)>;

  Impl(ClientOptions options_in, ClientWiring wiring_in, server_detail::ClientPlan plan_in,
       std::unique_ptr<ClientLoop::Impl> own_loop, ClientLoop::Impl& on_loop);
  ~Impl() override;

  // ---- any thread (client.cpp) ----
  Result<void> emit(std::size_t space, std::string_view event, const Args& args);
  AskId ask(std::size_t space, std::string_view event, const Args& args, AskOptions limit, Done done);
  Json refusal(std::size_t space);
  std::future<Result<Args>> ask_future(std::size_t space, std::string_view event, const Args& args, AskOptions limit);
  void cancel(AskId ask);
  void cancel_waiting();
  Result<void> close(std::chrono::milliseconds deadline);
  bool on_loop_thread() const { return host.on_this_thread(); }
  std::size_t space_of(std::string_view nsp) const;
  std::size_t buffered();

  struct Command {
    enum class What : unsigned char { emit, ask };
    What what = What::emit;
    client_detail::Outgoing packet{};
    SteadyTime until{};
  };
  /// `done` is kept if it goes well. Not with the mutex held.
  Result<void> queue(Command command, Done* done);
  void silence();

  // ---- the loop thread ----
  void run_commands();
  void count(std::size_t moved);
  void request_close(std::chrono::milliseconds goodbye);
  void after();
  void on_time();
  void finish();
  /// Runs a callback of the host. One that throws closes the client.
  template <class F>
  void guarded(F&& callback) noexcept;
  Result<Args> handle(std::size_t space, std::string_view event, ArgsView args);

  // client_detail::ClientHost, to the host program
  void ask_credentials(std::uint32_t number_of_try) override;
  void on_state(std::size_t space, client_detail::SpaceState state, const Error& why) override;
  void on_refused(std::size_t space, JsonView data) override;
  void on_event(std::size_t space, std::string_view name, ArgsView args, std::optional<std::uint64_t> ack) override;
  void on_answer(std::uint64_t id, Result<Args> answer) override;
  void on_unsent(const Error& why) override;

  // client_detail::EngineDoors, to the transports (client_edge.cpp)
  void request(client_detail::HttpCall call, std::string_view target, std::string_view body) override;
  void open_websocket(std::string_view target) override;
  void send_frame(std::string_view payload, bool binary) override;
  void drop_websocket() override;
  void drop() override;
  void close_websocket() override;

  // From the transports.
  void on_open() override;
  void on_message(std::string_view message, bool binary) override;
  void on_sent() override;
  void on_gone(const Error& why) override;
  void on_reply(net_detail::HttpLink& link, int status, std::string_view body) override;
  void on_link_gone(net_detail::HttpLink& link, const Error& why, bool unheard) override;

  void with_addresses(std::function<void()> then);
  void on_addresses(Result<std::vector<std::string>> found);
  void send_request(client_detail::HttpCall call);
  std::optional<client_detail::HttpCall> call_of(const net_detail::HttpLink& link) const;
  net_detail::StreamTarget stream_target() const;
  /// Ends a transport that may be calling at this moment: later, and unheard.
  template <class T>
  void retire(std::unique_ptr<T>& transport);

  struct Space {
    std::string name;
    CredentialsProvider credentials;
    StateListener on_state;
    std::map<std::string, MessageHandler, std::less<>> handlers;
    MessageHandler on_other;
    std::atomic<ClientState> state{ClientState::connecting};
    std::atomic<bool> recovered{false};
    Json refusal;  ///< guarded by the mutex
  };
  struct Call {
    std::unique_ptr<net_detail::HttpLink> link;
    std::string text;  // the request under way
  };

  const ClientOptions options;
  const server_detail::ClientPlan plan;
  std::function<void()> on_drain;
  std::deque<Space> spaces;
  std::unique_ptr<ClientLoop::Impl> own;
  ClientLoop::Impl& host;
  net_detail::Loop& loop;
  client_detail::ClientCore core;

  std::unique_ptr<net_detail::Lookup> lookup;
  std::vector<std::string> addresses;
  std::vector<std::function<void()>> on_found;
  std::unique_ptr<net_detail::WsClient> ws;
  std::array<Call, 2> calls;
  net_detail::TimerId timer = 0;
  SteadyTime timer_at = SteadyTime::max();
  bool is_finished = false;

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by the mutex.
  std::vector<Command> commands;
  std::unordered_map<std::uint64_t, Done> dones;
  std::size_t command_bytes = 0, waiting_bytes = 0, socket_bytes = 0;
  bool accepts = true, finished = false, silenced = false, above_high_water = false;
  int providers = 0;  // running

  std::atomic<std::uint64_t> last_ask{0};
  std::thread provider;
};

}  // namespace zegocall
