// Messages between the nodes of one service. In one process there is nobody else; Redis takes over where there is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall {

/// Publish and subscribe by channel name. Any thread. A subscriber is called in the order in which the messages of one
/// channel were published, never by two threads at once, and not after its Subscription is gone.
class Bus {
 public:
  using Handler = std::function<void(std::string_view channel, std::string_view message)>;
  /// Ends the subscription when it dies.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~Bus() = default;
  virtual Result<void> publish(std::string_view channel, std::string_view message) = 0;
  virtual Result<std::unique_ptr<Subscription>> subscribe(std::string_view channel, Handler handler) = 0;
};

/// A Bus inside this process: publish calls the handlers before it returns. A handler may publish and subscribe.
std::unique_ptr<Bus> make_local_bus();

}  // namespace zegocall
