// Random people, devices and commands in groups that fail at random: what was said is what was committed, and once the
// store is well again everybody knows the truth. A failing seed is printed first.
#include <doctest/doctest.h>

#include <random>
#include <set>

#include "gateway/core.hpp"
#include "service/failing_store.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::gateway_detail;
using namespace std::chrono_literals;

namespace {

/// Keeps what a group says until it is committed, as a hub does.
struct GroupVoice final : Voice {
  std::vector<std::function<void()>> held;
  LiveCalls model;
  std::map<CallId, int> ends;  // how often each person's "ended" left, by call

  void to_user(const UserId&, std::string_view word, ArgsView args) override {
    if (word == "ended") held.emplace_back([this, call = args.get<CallId>("0").value()] { ++ends[call]; });
  }
  void to_connection(const ConnectionId&, std::string_view, ArgsView) override {}
  void to_loops(const CallId& call, std::shared_ptr<const LiveCall> live) override {
    held.emplace_back([this, call, live] {
      if (live)
        model.insert_or_assign(call, live);
      else
        model.erase(call);
    });
  }
  void release() {
    for (const auto& each : std::exchange(held, {})) each();
  }
};

class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  void run() {
    for (int group = 0; group < 60; ++group) {
      if (one_in(4)) store_.fail_at(static_cast<int>(random_() % 12));
      in_group([&] {
        for (unsigned n = random_() % 4; n > 0; --n) step();
      });
      if (one_in(3)) clock_.advance(std::chrono::seconds(random_() % 40));
      store_.heal();
    }
    for (int n = 0; n < 20; ++n) clock_.advance(1s), in_group([] {});
  }

  void check() {
    for (const Actor& device : devices_) CHECK(calls_.is_online(device) == sockets_.contains(device));
    const auto live = memory_->live_calls().value();
    CHECK(voice_.model.size() == live.size());
    std::set<UserId> seated;
    for (const CallView& call : live) {
      CHECK_FALSE(inconsistency(call));
      REQUIRE(voice_.model.contains(call.id));
      CHECK(voice_.model.at(call.id)->members.size() == LiveCall::of(call)->members.size());
      for (const LegView& leg : call.legs)
        if (leg.state != LegState::final) CHECK(seated.insert(leg.user).second);  // nobody sits twice
    }
    for (std::uint32_t page = 1;; ++page) {
      const auto calls = memory_->calls({.page = page, .size = 100}).value().items;
      for (const CallView& call : calls) {
        CHECK(fold(memory_->events(call.id, Version{}).value()).value() == call);
        // Told to both, once; of two calls that met, the one that ended before it rang has one person.
        const int people = call.outcome == CallOutcome::glare_merged ? 1 : 2;
        CHECK(voice_.ends[call.id] == (call.state == CallState::ended ? people : 0));
      }
      if (calls.size() < 100) break;
    }
  }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  void in_group(const std::function<void()>& work) {
    if (!core_.open_group()) return voice_.held.clear();
    work();
    if (core_.deadline() && *core_.deadline() <= clock_.now().wall) core_.on_deadline(clock_.now());
    if (core_.commit_group())
      voice_.release();
    else
      voice_.held.clear();
  }

  void step() {
    const Actor& who = devices_[random_() % devices_.size()];
    switch (random_() % 9) {
      case 0: return connect(who);
      case 1: return disconnect(who);
      case 2: return (void)command(who, StartCall{{devices_[random_() % devices_.size()].user}}, {});
      case 3: return (void)command(who, Accept{}, some_call());
      case 4: return (void)command(who, Decline{}, some_call());
      case 5: return (void)core_.join_all(some_call(), who, clock_.now());
      case 6: return (void)command(who, EndCall{}, some_call());
      case 7: return (void)command({who.user, {}}, Accept{}, some_call());
      default: return (void)command(who, AckAlerting{}, some_call());
    }
  }
  Result<CallView> command(Actor by, CommandBody body, CallId call) {
    auto done = core_.handle({.by = std::move(by), .call = std::move(call), .body = std::move(body)}, clock_.now());
    if (done) known_.push_back(done->id);
    return done;
  }
  CallId some_call() {
    return known_.empty() ? CallId{"none"} : known_[known_.size() - 1 - random_() % std::min<std::size_t>(known_.size(), 4)];
  }
  void connect(const Actor& who) {
    const ConnectionId id(who.user.str() + std::to_string(serial_++));
    sockets_[who].push_back(id);
    core_.connected(id, who, clock_.now());
  }
  void disconnect(const Actor& who) {
    const auto found = sockets_.find(who);
    if (found == sockets_.end()) return;
    core_.disconnected(found->second.back(), who, clock_.now());
    found->second.pop_back();
    if (found->second.empty()) sockets_.erase(found);
  }

  std::mt19937 random_;
  ManualClock clock_;
  CountingBytes bytes_;
  std::unique_ptr<Store> memory_ = make_memory_store();
  test::FailingStore store_{*memory_};
  CallService calls_{store_, bytes_, {.policy = {.ring = 20s}}};
  GroupVoice voice_;
  Core core_{calls_,
             {.say = {say<CallEnded>("ended", To::everyone, [](const CallEnded&, const CallView& c) { return Args{c.id}; })}},
             voice_};
  const std::vector<Actor> devices_{{{"a"}, {"1"}}, {{"a"}, {"2"}}, {{"b"}, {"1"}},
                                    {{"b"}, {"2"}}, {{"c"}, {"1"}}, {{"d"}, {"1"}}};
  std::map<Actor, std::vector<ConnectionId>, ActorOrder> sockets_;
  std::vector<CallId> known_;
  int serial_ = 0;
};

}  // namespace

TEST_CASE("whatever happens and fails, the truth is told once") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    storm.run();
    storm.check();
  }
}
