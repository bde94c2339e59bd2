// A Socket.IO v5 client that stays connected.
//
//   auto client = Client::open({.url = "https://calls.example"}, {.on = {{"incoming_call", ring}}});
//   client->ask("join", {JsonObject{{"room", "r1"}}}, {.timeout = 3s}, [](Result<Args> answer) { ... });
//   if (!client->close(2s)) std::puts("a callback has not returned");
//
// The story. open() checks what it was given and begins: credentials are asked for, the connection is made, the namespaces
// are joined (`connecting`, then `connected`). When the connection fails or is lost, the client says why (`waiting`), waits
// for a random time within a bound that doubles, and begins again, with fresh credentials. What is emitted meanwhile waits,
// within a bound. It ends (`closed`) when close() is called, when the server refuses or disconnects it, when the budget of
// tries is spent, or when a callback throws.
//
// Delivery. An event or question goes out at most once: what was handed to a connection that then breaks is not repeated.
// A question fails with `closed` at once when its connection breaks, so the caller knows which ones to repeat.
//
// Threads. Every callback comes on one loop thread, one at a time, in order; the exception is the credentials provider.
// The client has a thread of its own, or shares a ClientLoop. All functions are any-thread unless they say otherwise. A
// callback may call any of them; it must not block, and must not destroy a client of its own loop (asserted).
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
#include "zegocall/server/client_options.hpp"

namespace zegocall {

/// Of the connection and the main namespace together, or of one other namespace.
enum class ClientState : unsigned char {
  connecting,  ///< from credentials to the server's word that we are in the namespace
  connected,
  waiting,  ///< the connection failed or was lost; the next try comes by itself
  closed,   ///< for good
};
/// "connecting", ...; valid for ever.
std::string_view name(ClientState state);

/// An event of the server. Lives for the call, with all views that it gives.
struct Message {
  std::string_view name;
  ArgsView args;  ///< as received; half a surrogate pair in a string is bad_utf8 for who asks for it as text
  Now now;
};

/// What an event does; the Args acknowledge it if the server asked for that. A failed Result acknowledges
/// {"error": {"code", "field", "message"}}, as does an event that nobody handles (unknown_event). One that throws closes the
/// client, and no other.
using MessageHandler = std::function<Result<Args>(const Message&)>;
/// What the server's authenticate gets: an object. Asked for before every connect; `attempt` counts from 1, and from 1 again
/// once a connection has stood for Backoff::reset_after. The one callback that is not on the loop: it has a thread of its
/// own and may block. A failure counts as a failed try.
using CredentialsProvider = std::function<Result<Json>(std::uint32_t attempt)>;
/// Each state as it is entered; `why` is the failure that led to waiting or closed. For connecting and connected there is none:
/// its code is ErrorCode{}, whose name is "none". The last callback of a client is closed.
using StateListener = std::function<void(ClientState, const Error& why)>;

/// Another namespace over the same connection. One that the server refuses or disconnects is closed, the others go on.
struct ClientNamespaceWiring {
  std::string name{};  ///< "/admin"
  CredentialsProvider credentials{};
  StateListener on_state{};
  std::vector<std::pair<std::string, MessageHandler>> on{};
  MessageHandler on_other{};
};

/// Handed over once, at open.
struct ClientWiring {
  CredentialsProvider credentials{};
  StateListener on_state{};
  std::vector<std::pair<std::string, MessageHandler>> on{};
  /// Events that `on` does not name.
  MessageHandler on_other{};
  /// What waits to be sent has exceeded ClientOptions::high_water_bytes and is down to half of that again.
  std::function<void()> on_drain{};
  std::vector<ClientNamespaceWiring> namespaces{};
};

/// One thread for any number of clients. Move-only; it outlives them (asserted).
class ClientLoop {
 public:
  /// `log`: what the transports have to say. io_error if the machine is out of descriptors or threads.
  static Result<ClientLoop> open(LogSink log = {});
  ClientLoop(ClientLoop&&) noexcept;
  ClientLoop& operator=(ClientLoop&&) noexcept;
  /// Stops and joins. Not from a callback.
  ~ClientLoop();

 private:
  friend class Client;
  struct Impl;
  explicit ClientLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Names a question of one client, to cancel it; 0 for one that could not be asked.
using AskId = std::uint64_t;

class ClientNamespace;

/// Move-only. Any number in one process.
class Client {
 public:
  /// Begins to connect. Errors: invalid_argument, out_of_range, io_error (a certificate file); the field names the option. A
  /// server that cannot be reached or refuses is a state, not an error of open.
  static Result<Client> open(ClientOptions options, ClientWiring wiring);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  /// Closes without much ado and waits for callbacks that are running, the credentials provider's too.
  ~Client();

  /// Queues an event; while there is no connection it waits for one, as ClientOptions::while_offline says. Errors:
  /// limit_exceeded (outbox_bytes_max), closed, invalid_argument (a name that Socket.IO keeps for itself). One that is longer
  /// than the server takes is logged and dropped.
  Result<void> emit(std::string_view event, const Args& args = {});
  /// Emits and asks for the acknowledgement. `done` is called exactly once: with it; with `timeout`; with `closed` when the
  /// connection that carried it breaks, when it is cancelled or the client ends; with `payload_too_large`; with
  /// `limit_exceeded` when it was dropped. If it cannot be queued: on this thread, before ask returns, which then throws what
  /// it throws.
  AskId ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done);
  /// The same for threads that can wait; on the loop thread it is an assertion, because waiting there would never end.
  std::future<Result<Args>> ask_future(std::string_view event, const Args& args, AskOptions options = {});
  /// Gives a question up: its `done` gets `closed` soon, and if it still waits it is not sent. A no-op if it was answered.
  void cancel(AskId ask);
  /// Gives up everything that waits for a connection.
  void cancel_waiting();

  /// The other namespaces, by the name in the wiring; one that is not there refuses with not_found. The main one has "".
  ClientNamespace in(std::string_view name);

  ClientState state() const;
  /// The last connect resumed the session before it: the server has kept the groups and sent what was missed.
  bool recovered() const;
  /// What the server sent with its last refusal of the main namespace, CONNECT_ERROR's `data`: null if there was none. The
  /// message is StateListener's `why`, with the code, field and time to wait that a server of zegocall gives.
  Json refusal() const;
  /// What waits to be sent, in the queue and at the socket.
  std::size_t buffered() const;

  /// Says goodbye, fails what waits with `closed`, and returns when the last callback is over; afterwards none comes. From a
  /// callback it only asks for that. Returns within the deadline in any case, whatever the network or a callback does.
  /// Error: timeout, when it is not over by then, as a callback or the provider has not returned or there was no time for a
  /// goodbye; no callback is begun after, the last state neither, and the questions that were
  /// open have been answered with `closed` on this thread.
  Result<void> close(std::chrono::milliseconds deadline);

 private:
  friend class ClientNamespace;
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A Client's functions for one namespace. A handle: copies are the same; valid as long as the Client, wherever that moves.
class ClientNamespace {
 public:
  Result<void> emit(std::string_view event, const Args& args = {});
  AskId ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Result<Args>)> done);
  std::future<Result<Args>> ask_future(std::string_view event, const Args& args, AskOptions options = {});
  ClientState state() const;
  bool recovered() const;
  Json refusal() const;

 private:
  friend class Client;
  ClientNamespace(Client::Impl& client, std::size_t space) : client_(&client), space_(space) {}
  Client::Impl* client_;
  std::size_t space_;
};

}  // namespace zegocall
