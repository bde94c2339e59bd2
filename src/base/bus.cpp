#include "zegocall/base/bus.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace zegocall {
namespace {

struct Subscriber {
  Bus::Handler handler;
  bool live = true;
};

// One lock for all: it is held while handlers run, so that order, one thread at a time and "not after its end" need no
// second mechanism. It is recursive because a handler may publish, subscribe and drop its own subscription.
struct State {
  std::recursive_mutex mutex;
  std::map<std::string, std::vector<std::shared_ptr<Subscriber>>, std::less<>> channels;
  std::deque<std::pair<std::string, std::string>> queue;
  bool delivering = false;

  void deliver(const std::string& channel, const std::string& message) {
    const auto found = channels.find(channel);
    if (found == channels.end()) return;
    const auto now_subscribed = found->second;  // a handler may change the list
    for (const auto& subscriber : now_subscribed)
      if (subscriber->live) subscriber->handler(channel, message);
  }
  void drop(const std::string& channel, const std::shared_ptr<Subscriber>& gone) {
    const std::scoped_lock lock(mutex);
    gone->live = false;
    const auto found = channels.find(channel);
    if (found == channels.end()) return;
    std::erase(found->second, gone);
    if (found->second.empty()) channels.erase(found);
  }
};

class LocalSubscription final : public Bus::Subscription {
 public:
  LocalSubscription(std::shared_ptr<State> state, std::string channel, std::shared_ptr<Subscriber> subscriber)
      : state_(std::move(state)), channel_(std::move(channel)), subscriber_(std::move(subscriber)) {}
  LocalSubscription(const LocalSubscription&) = delete;
  LocalSubscription& operator=(const LocalSubscription&) = delete;
  ~LocalSubscription() override { state_->drop(channel_, subscriber_); }

 private:
  std::shared_ptr<State> state_;
  std::string channel_;
  std::shared_ptr<Subscriber> subscriber_;
};

class LocalBus final : public Bus {
 public:
  // What a handler publishes waits until the message under way has reached everybody: otherwise the later subscribers of
  // a channel would see the two in the other order.
  Result<void> publish(std::string_view channel, std::string_view message) override {
    const std::scoped_lock lock(state_->mutex);
    state_->queue.emplace_back(channel, message);
    if (state_->delivering) return {};
    state_->delivering = true;
    struct Done {
      State& state;
      ~Done() { state.delivering = false; }
    } const done{*state_};
    while (!state_->queue.empty()) {
      const auto next = std::move(state_->queue.front());
      state_->queue.pop_front();
      state_->deliver(next.first, next.second);
    }
    return {};
  }

  Result<std::unique_ptr<Subscription>> subscribe(std::string_view channel, Handler handler) override {
    if (!handler) return fail_field(ErrorCode::invalid_argument, "handler", "must not be empty");
    auto subscriber = std::make_shared<Subscriber>(Subscriber{std::move(handler)});
    const std::scoped_lock lock(state_->mutex);
    state_->channels[std::string(channel)].push_back(subscriber);
    return std::unique_ptr<Subscription>(
        std::make_unique<LocalSubscription>(state_, std::string(channel), std::move(subscriber)));
  }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

std::unique_ptr<Bus> make_local_bus() { return std::make_unique<LocalBus>(); }

}  // namespace zegocall
