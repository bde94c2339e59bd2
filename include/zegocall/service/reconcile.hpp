// Whether the provider's rooms hold whom our calls hold: asks for each active call now and then, within the provider's
// limits, and tells the engine of what it missed. Pure but for the store; who asks is a worker (ask_users).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "zegocall/service.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall {

/// How often the provider is asked, and how much at once.
struct ReconcileOptions {
  std::chrono::milliseconds every{std::chrono::seconds(60)};  ///< for each active call; 5 s to 1 h
  /// What happened less than this before the question may be on its way and is not judged; 0 s to 5 min.
  std::chrono::milliseconds settle{std::chrono::seconds(10)};
  std::uint32_t per_second = 10;  ///< questions of this process; 1 to 200 (the provider's limit for the whole project)
  std::size_t in_flight_max = 4;  ///< 1 to 64
  /// Nobody is taken to have left whom the provider was never known to have: for servers whose calls may go without it.
  bool seen_only = false;
};

/// What the provider's list says against a call, as the events that must have been lost: people of the call who are not
/// there have left; people who are there and whom the call does not know to be in have joined. `asked` is from before the
/// question left. Nothing for a call that is not active.
std::vector<ProviderWord> provider_differences(const CallView& call, std::span<const UserId> there, UnixTime asked,
                                               std::chrono::milliseconds settle);

/// One question: who is in this call's media room? `asked` is when take() gave it out.
struct ReconcileJob {
  CallId call{};
  RoomId room{};
  UnixTime asked{};
};

/// *worker*. Everybody who is in the room, by as many pages as it takes (at most 25); waits for its turn under the limits of
/// `api`. `clock` is read once for each page. limit_exceeded past the pages; else as ServerApi::call.
Result<std::vector<UserId>> ask_users(ServerApi& api, const RoomId& room, const std::function<Now()>& clock);

/// On the service thread. Driving rule: at deadline() take(), ask_users() for each job on some other thread, finished().
class Reconciler {
 public:
  /// Both must outlive it. out_of_range with the option's name.
  static Result<Reconciler> open(CallService& calls, Store& store, ReconcileOptions options = {});

  std::optional<UnixTime> deadline() const;
  /// The calls to ask about now; each is in flight until finished() or given_back().
  std::vector<ReconcileJob> take(Now now);
  /// Who carries a command out: Gateway::handle, where people are to be told.
  using Handle = std::function<Result<CallView>(const Command&, Now)>;
  /// Tells the engine of every difference, by `handle` (nothing: CallService::handle). A failed question counts as asked. Gives
  /// how many differences there were.
  std::size_t finished(const ReconcileJob& job, const Result<std::vector<UserId>>& there, Now now, const Handle& handle = {});
  /// Asks about this call as soon as the limits allow, not when its turn comes: something about it was lost. Nothing for a
  /// call that is not active.
  void ask_soon(const CallId& call, Now now);
  void given_back(const ReconcileJob& job) { in_flight_.erase(job.call); }

  struct Counters {
    std::uint64_t asked = 0, failed = 0, corrected = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  Reconciler(CallService& calls, Store& store, ReconcileOptions options) : calls_(&calls), store_(&store), options_(options) {}
  void look(UnixTime now);
  bool is_active(const CallId& id) const;
  bool was_seen(const CallView& call, const UserId& user) const;

  CallService* calls_;
  Store* store_;
  ReconcileOptions options_;
  std::multimap<UnixTime, CallId> due_{};
  std::set<CallId> known_{}, in_flight_{};     ///< known: live calls, each with a row in due_
  std::map<CallId, std::set<UserId>> seen_{};  ///< at the provider, by an answer
  UnixTime looked_{}, next_question_{};
  Counters counters_{};
};

}  // namespace zegocall
