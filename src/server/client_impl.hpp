// What a Client is made of: a core without I/O, a WebSocket, a loop thread, and a queue into it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "net/ws_client.hpp"
#include "server/client_url.hpp"
#include "signaling/client/core.hpp"
#include "zegocall/client.hpp"

namespace zegocall {

struct Client::Impl final : client_detail::ClientHost, net_detail::WsClientHandler {
  Impl(ClientOptions options_in, ClientWiring wiring_in, server_detail::ClientUrl url_in,
       std::unique_ptr<net_detail::Loop> loop_in);
  ~Impl() override;

  // Any thread.
  void launch();
  Result<void> queue(client_detail::Outgoing packet, std::chrono::milliseconds timeout, client_detail::ClientCore::Done& done);
  Result<void> close(std::chrono::milliseconds deadline);
  bool on_loop_thread() const { return loop_thread == std::this_thread::get_id(); }

  // The loop thread, as everything below.
  void begin();
  void ask_credentials();
  void present(Result<Json> credentials);
  void look_up();
  void try_next_address();
  void run_commands();
  void count(std::size_t moved);
  void request_close(std::chrono::milliseconds goodbye);
  void leave();
  void after();
  void on_time();
  void tell_state(ClientState entered, const Error& why);
  /// Runs a callback of the host. One that throws closes the client.
  template <class F>
  void guarded(F&& callback) noexcept;
  Result<Args> handle(std::string_view name, ArgsView args);

  void on_open() override;
  void on_message(std::string_view message, bool binary) override;
  void on_sent() override { count(0); }
  void on_gone(const Error& why) override;
  void send(std::string_view payload, bool binary) override;
  void on_connected() override;
  void on_event(std::string_view name, ArgsView args, std::optional<std::uint64_t> ack) override;
  void on_closed(const Error& why) override;

  const ClientOptions options;
  const server_detail::ClientUrl url;
  ClientWiring wiring;
  std::map<std::string, MessageHandler, std::less<>> handlers;
  std::unique_ptr<net_detail::Loop> loop;
  client_detail::ClientCore core;
  std::unique_ptr<net_detail::Lookup> lookup;
  std::unique_ptr<net_detail::WsClient> ws;
  bool ws_gone = false;
  std::vector<std::string> addresses;
  std::size_t next_address = 0;
  std::optional<Json> auth;
  net_detail::TimerId timer = 0;
  SteadyTime timer_at = SteadyTime::max();
  std::chrono::milliseconds goodbye{500};  // how long the server may take to answer our close

  struct Command {
    client_detail::Outgoing packet;
    SteadyTime until;
    client_detail::ClientCore::Done done;  // empty: a plain emit
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Command> commands;  // guarded, as the next five
  std::size_t command_bytes = 0;
  std::size_t held_bytes = 0;
  bool accepts = true;
  bool stopped = false;
  bool asking_credentials = false;
  std::atomic<std::uint64_t> last_ask{0};
  std::atomic<ClientState> state{ClientState::connecting};
  std::atomic<bool> silenced{false};
  std::atomic<std::thread::id> loop_thread{};
  std::thread thread, credentials_thread;
};

}  // namespace zegocall
