// Questions that the other hubs on a bus were asked too, until each of them is through or the time is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/net.hpp"
#include "server/ask_state.hpp"

namespace zegocall::server_detail {

class LoopHost;

/// Who else is on the bus: who has said so and not goodbye. Any thread.
class BusPeers {
 public:
  void heard(std::string_view peer, SteadyTime at);
  void gone(std::string_view peer);
  /// Forgets one that has not been heard since, as a process does that was killed.
  void forget_silent(std::string_view peer, SteadyTime since);
  std::vector<std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, SteadyTime, std::less<>> last_heard_;
};

/// The open questions of this hub. On its first loop only.
class BusAsks {
 public:
  explicit BusAsks(BusPeers& peers) : peers_(peers) {}
  /// Opens the others' part of a question. False if there is nobody else: that part is through already.
  bool open(std::uint64_t number, std::shared_ptr<AskState> state, std::chrono::milliseconds timeout, LoopHost& host);
  void answer(std::uint64_t number, std::string_view peer, const ConnectionId& from, const ArgsView& answer);
  /// A hub has all answers that it will get.
  void through(std::uint64_t number, std::string_view peer, const hub_detail::AskEnd& part, LoopHost& host);
  /// A hub has left the bus; who was asked there went away.
  void gone(std::string_view peer, LoopHost& host);
  /// This hub stops.
  void end_all(LoopHost& host);

 private:
  struct Open {
    std::shared_ptr<AskState> state;
    std::map<std::string, std::size_t, std::less<>> waiting;  ///< hubs, and how many answers each has passed on
    hub_detail::AskEnd sum{};
    SteadyTime since{};
    net_detail::TimerId timer = 0;
  };
  using Opened = std::unordered_map<std::uint64_t, Open>;
  void expire(std::uint64_t number, LoopHost& host);
  void finish(Opened::iterator at, LoopHost& host);
  static void count(hub_detail::AskEnd& sum, const hub_detail::AskEnd& part);

  BusPeers& peers_;
  Opened open_;
};

}  // namespace zegocall::server_detail
