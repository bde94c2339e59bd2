// The provider's callbacks, from a body to the call that it is about: verified, put in order, and told to the engine as
// ProviderWord (race rules 12 and 13).
//
//   const auto handle = [&](const Command& command, Now now) { return gateway.handle(command, now); };
//   auto callbacks = ProviderCallbacks::open(calls, secret, {.app = app}, handle);
//   ... and in a route that runs on the service thread: callbacks->take(request.body(), request.now())
//
// What a callback says is kept in memory until its command has been committed, and done again when the commit fails. What is
// lost with the process, or never came, the Reconciler (service/reconcile.hpp) finds.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "zegocall/base/secret.hpp"
#include "zegocall/service.hpp"
#include "zegocall/zego/callback.hpp"
#include "zegocall/zego/room_order.hpp"

namespace zegocall {

struct ProviderCallbackOptions {
  AppId app{};  ///< the own project: callbacks of another one are refused; 0: of any
  CallbackWindow window{};
  RoomOrderLimits order{};
  std::size_t seen_max = 200'000;    ///< signatures that are remembered at once (make_seen_once); 1 or more
  std::size_t waiting_max = 20'000;  ///< commands that wait while the store fails; then take() refuses; 1 or more
};

/// Driven by the service thread; put it behind the gateway in Wiring::driven.
class ProviderCallbacks final : public Driven {
 public:
  /// Who carries a command out: Gateway::handle, where people are to be told, or CallService::handle.
  using Handle = std::function<Result<CallView>(const Command&, Now)>;
  /// Whom a callback must have been lost for; see Reconciler::ask_soon.
  using Doubt = std::function<void(const CallId&, Now)>;

  /// `calls` must outlive it. Errors: invalid_argument (field "secret": empty; "handle": none), out_of_range ("seen_max",
  /// "waiting_max").
  static Result<ProviderCallbacks> open(CallService& calls, Secret secret, ProviderCallbackOptions options, Handle handle,
                                        Doubt doubt = {});

  enum class Taken : unsigned char { told, repeated, of_no_call };
  /// One body, as it came. told: it leads to commands, now or when it is its turn. repeated: it has been taken before.
  /// of_no_call: an event that says nothing of a call of ours. All three are to be answered 2xx, or the provider comes again
  /// after 2, 4, 8, 16 and 32 s. Errors: those of read_callback, verify_callback and interpret_callback; wrong_app, field
  /// "appid"; store_unavailable: waiting_max commands wait. Then nothing has changed: the same body may come again.
  Result<Taken> take(std::string_view body, Now now);

  struct Counters {
    std::uint64_t told = 0, repeated = 0, of_no_call = 0, refused = 0;
    std::uint64_t commands = 0;  ///< committed
  };
  const Counters& counters() const { return counters_; }
  std::size_t waiting() const { return waiting_.size(); }  ///< commands that no commit has taken yet

  std::optional<UnixTime> deadline() override;
  void on_deadline(Now now) override;
  Result<void> open_group() override;
  Result<void> commit_group() override;
  void abandon_group() override;

 private:
  ProviderCallbacks(CallService& calls, Secret secret, ProviderCallbackOptions options, Handle handle, Doubt doubt);
  void collect(Now now);
  void carry_out(Now now);

  CallService* calls_;
  Secret secret_;
  ProviderCallbackOptions options_;
  Handle handle_;
  Doubt doubt_;
  std::unique_ptr<SeenOnce> seen_;
  RoomOrder order_;
  std::deque<Command> waiting_{};   ///< oldest first
  std::vector<Command> carried_{};  ///< done in the open group
  bool in_group_ = false;
  std::optional<UnixTime> retry_at_{};
  UnixTime last_now_{};
  Counters counters_{};
};

/// As Prometheus text.
std::string to_metrics(const ProviderCallbacks::Counters& counters);

}  // namespace zegocall
