// The hubs that share a bus: what one says to an audience, the others say to theirs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/bus_asks.hpp"
#include "zegocall/base/bus.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

class Server;
struct Heard;

/// Something that every hub is to do. The views are valid during publish().
struct BusCall {
  std::string_view word;  ///< emit, ask, join, leave, disconnect, or server
  std::string_view ns = {};
  std::span<const std::string_view> to = {}, except = {};
  bool droppable = false;
  bool whole_session = false;
  std::string_view event = {};  ///< the group to join or leave, the reason to disconnect
  ArgsView args = {};
  std::chrono::milliseconds timeout{0};  ///< to ask
  std::uint64_t ask = 0;                 ///< the question's number, of who asks
};

class BusLink {
 public:
  /// Server and bus outlive the link.
  static Result<std::unique_ptr<BusLink>> open(Server& server, Bus& bus);
  ~BusLink();
  /// Any thread.
  Result<void> publish(const BusCall& call);
  /// The same, to be done later: a copy of it.
  std::function<void(unsigned loop)> later(const BusCall& call);
  /// Nobody else is known to be on the bus. Any thread.
  bool alone() const { return peers_.all().empty(); }
  /// Asks the other hubs for what `state` waits for as one part; inside a service handler with its group. Any thread.
  void ask(BusCall call, std::shared_ptr<AskState> state);
  /// The hub stops: nobody's answer is waited for any more. On the first loop.
  void end_asks(LoopHost& host) { asks_.end_all(host); }
  /// Says goodbye; nothing is heard afterwards.
  void close();

 private:
  BusLink(Server& server, Bus& bus);
  std::string written(const BusCall& call) const;
  void send(const std::string& message);
  void on_message(std::string_view message);
  bool on_peer(std::string_view word, const std::string& from, JsonView message);
  void on_question(const std::string& from, const std::shared_ptr<const Heard>& said);
  /// Says something to one hub, or with "" to all.
  void tell(const std::string& peer, JsonObject message);

  Server& server_;
  Bus& bus_;
  const std::string own_name_;
  BusPeers peers_;
  BusAsks asks_{peers_};
  std::atomic<std::uint64_t> last_ask_{0};
  std::unique_ptr<Bus::Subscription> subscription_, own_subscription_;
};

}  // namespace zegocall::server_detail
