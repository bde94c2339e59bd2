// A Socket.IO v5 client over WebSocket.
//
//   auto client = Client::open({.url = "http://127.0.0.1:3000"}, {.on = {{"incoming_call", ring}}});
//   client->ask("join", {JsonObject{{"room", "r1"}}}, {.timeout = 3s}, [](Result<Args> answer) { ... });
//   client->close(2s);
//
// A Client has one loop thread of its own; every callback comes on it, one at a time, in order. All functions are any-thread.
// A callback may call any of them; it must not block and must not destroy the client.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/json.hpp"
#include "zegocall/base/log.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/net/ask.hpp"

namespace zegocall {

enum class ClientState : unsigned char {
  connecting,  ///< from credentials to the server's word that we are in the namespace
  connected,
  closed,  ///< for good
};
/// "connecting", ...; valid for ever.
std::string_view name(ClientState state);

struct ClientOptions {
  /// http://HOST[:PORT][/NAMESPACE][?QUERY], or the same with ws://. The path is the namespace, as in other Socket.IO clients.
  std::string url{};
  std::string path = "/socket.io/";                     ///< of Engine.IO on the server
  std::chrono::milliseconds connect_timeout{20'000};    ///< for credentials, DNS, TCP and both handshakes together
  std::size_t message_bytes_max = 1'000'000;            ///< a longer message of the server ends the connection
  std::size_t outbox_bytes_max = std::size_t{1} << 20;  ///< what waits to be sent, before and after connecting
  std::size_t attachments_max = 10;                     ///< of one event
  LogSink log{};                                        ///< handlers that threw, and what the transport has to say
};

/// An event of the server. Lives for the call, with all views that it gives.
struct Message {
  std::string_view name;
  ArgsView args;
  Now now;
};

/// What an event does; the Args acknowledge it if the server asked for that. A failed Result acknowledges
/// {"error": {"code", "field", "message"}}, as does an event that nobody handles (unknown_event). One that throws closes the
/// client.
using MessageHandler = std::function<Result<Args>(const Message&)>;

/// Handed over once, at open.
struct ClientWiring {
  /// What the server's authenticate gets, asked for before every connect; `attempt` counts from 1. The one callback that
  /// is not on the loop: it has a thread of its own and may block. A failure closes the client with that error.
  std::function<Result<Json>(std::uint32_t attempt)> credentials{};
  /// Each state as it is entered; `why` says something for closed only. The last callback of all is closed.
  std::function<void(ClientState, const Error& why)> on_state{};
  std::vector<std::pair<std::string, MessageHandler>> on{};
};

/// Move-only. Any number in one process.
class Client {
 public:
  /// Begins to connect. Errors: invalid_argument (the field names the option), not_in_this_build (https, wss). A server
  /// that cannot be reached or refuses is a state, not an error of open.
  static Result<Client> open(ClientOptions options, ClientWiring wiring);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  /// Closes without much ado and waits for callbacks that are running. Not from a callback.
  ~Client();

  /// Queues an event; before the connection stands it waits for it. Errors: limit_exceeded (outbox_bytes_max), closed.
  Result<void> emit(std::string_view event, const Args& args = {});
  /// Emits and asks for the acknowledgement. `done` is called exactly once: with it, or with `timeout`, or with `closed` at
  /// once when the connection ends; with `limit_exceeded` or `closed` on this thread before ask returns if it cannot be queued.
  void ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done);
  /// The same for threads that can wait; on the loop thread it is an assertion, because waiting there would never end.
  std::future<Result<Args>> ask_future(std::string_view event, const Args& args, AskOptions options = {});
  ClientState state() const;
  /// Says goodbye, fails what waits with `closed`, and returns when the last callback is over; afterwards none comes. From a
  /// callback it only asks for that. Error: timeout, when a callback did not return in time (still none is begun after).
  Result<void> close(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
