// The hubs that share a bus: what one says to an audience, the others say to theirs.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "zegocall/base/bus.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

class Server;

/// Something that every hub is to do. The views are valid during publish().
struct BusCall {
  std::string_view word;  ///< emit, join, leave, disconnect, or server
  std::string_view ns = {};
  std::span<const std::string_view> to = {}, except = {};
  bool droppable = false;
  bool whole_session = false;
  std::string_view event = {};  ///< the group to join or leave, the reason to disconnect
  ArgsView args = {};
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
  /// Nothing is heard afterwards.
  void close() { subscription_.reset(); }

 private:
  BusLink(Server& server, Bus& bus);
  std::string written(const BusCall& call) const;
  void send(const std::string& message);
  void on_message(std::string_view message);

  Server& server_;
  Bus& bus_;
  const std::string own_name_;
  std::unique_ptr<Bus::Subscription> subscription_;
};

}  // namespace zegocall::server_detail
