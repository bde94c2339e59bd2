// Commands decided and applied per second: ring, accept, join, join, leave, leave over 100,000 live calls. The first figure
// is the rules and the fold alone; the second is CallEngine with its index, deadlines, event queue, log and answer memory.
// Then what a live call costs in memory, and whether a room's size shows in what its people do.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "zegocall/call/engine.hpp"
#include "zegocall/testing.hpp"

namespace {
std::size_t bytes_held = 0;  // by this program's one thread
constexpr std::size_t header = alignof(std::max_align_t);
}  // namespace

// Counts what is held. The size stands in front of each block.
void* operator new(std::size_t size) {
  void* block = std::malloc(size + header);
  if (!block) throw std::bad_alloc();
  *static_cast<std::size_t*>(block) = size;
  bytes_held += size;
  return static_cast<char*>(block) + header;
}
void operator delete(void* at) noexcept {
  if (!at) return;
  void* block = static_cast<char*>(at) - header;
  bytes_held -= *static_cast<std::size_t*>(block);
  std::free(block);
}
void operator delete(void* at, std::size_t) noexcept { operator delete(at); }

namespace {
using namespace zegocall;

struct Pair {
  Actor caller, callee;
  CallId call;
};

std::string id_of(std::size_t n, char kind) {
  std::string digits = std::to_string(n);
  return "65f00000" + std::string(1, kind) + std::string(15 - digits.size(), '0') + digits;
}

std::vector<Pair> make_pairs(std::size_t count) {
  std::vector<Pair> pairs;
  for (std::size_t n = 0; n < count; ++n)
    pairs.push_back({{UserId(id_of(n, 'a')), DeviceId(id_of(n, 'd'))},
                     {UserId(id_of(n, 'b')), DeviceId(id_of(n, 'e'))},
                     CallId(id_of(n, 'c'))});
  return pairs;
}

/// Visits the calls in no order that a cache could like.
std::vector<std::size_t> shuffled(std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t n = 0; n < count; ++n) order[n] = n;
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  return order;
}

constexpr int commands_per_call = 6;

void decide_and_apply(benchmark::State& state) {
  const std::size_t count = static_cast<std::size_t>(state.range(0));
  const std::vector<Pair> pairs = make_pairs(count);
  const std::vector<std::size_t> order = shuffled(count);
  std::vector<CallView> calls(count);
  const Facts facts;
  const UnixTime now = ManualClock().now().wall;
  Command command;
  const auto step = [&](CallView& call, const CallId& id, const Actor& by, CommandBody body) {
    command.by = by;
    command.call = id;
    command.body = std::move(body);
    const bool is_new = call.version == Version{};
    const auto events = decide(std::span<const CallView>(&call, is_new ? 0 : 1), facts, command, now);
    for (const CallEvent& event : *events) apply(call, event);
  };
  const auto ring = [&](std::size_t n) {
    calls[n] = {};
    step(calls[n], pairs[n].call, pairs[n].caller, StartCall{.callees = {pairs[n].callee.user}});
  };
  for (std::size_t n = 0; n < count; ++n) ring(n);
  std::size_t at = 0;
  for (auto _ : state) {
    const std::size_t n = order[at++ % count];
    const Pair& pair = pairs[n];
    step(calls[n], pair.call, pair.callee, Accept{});
    step(calls[n], pair.call, pair.caller, Join{});
    step(calls[n], pair.call, pair.callee, Join{});
    step(calls[n], pair.call, pair.callee, Leave{});
    step(calls[n], pair.call, pair.caller, Leave{});
    if (calls[n].state != CallState::ended) state.SkipWithError("the call did not end");
    ring(n);
  }
  state.SetItemsProcessed(state.iterations() * commands_per_call);
}
BENCHMARK(decide_and_apply)->Arg(1)->Arg(100'000);

void engine(benchmark::State& state) {
  const std::size_t count = static_cast<std::size_t>(state.range(0));
  const std::vector<Pair> pairs = make_pairs(count);
  const std::vector<std::size_t> order = shuffled(count);
  CallEngine calls = CallEngine::open({}).value();
  ManualClock clock;
  std::size_t number = 0;
  Command command;
  const auto step = [&](const CallId& id, const Actor& by, CommandBody body) {
    command.id = CommandId(std::to_string(++number));
    command.by = by;
    command.call = id;
    command.body = std::move(body);
    benchmark::DoNotOptimize(calls.handle(command, clock.now()));
    while (calls.poll()) continue;
  };
  const auto ring = [&](const Pair& pair) { step(pair.call, pair.caller, StartCall{.callees = {pair.callee.user}}); };
  for (const Pair& pair : pairs) ring(pair);
  std::size_t at = 0;
  for (auto _ : state) {
    const Pair& pair = pairs[order[at++ % count]];
    step(pair.call, pair.callee, Accept{});
    step(pair.call, pair.caller, Join{});
    step(pair.call, pair.callee, Join{});
    step(pair.call, pair.callee, Leave{});
    step(pair.call, pair.caller, Leave{});
    if (!calls.forget(pair.call)) state.SkipWithError("the call did not end");
    ring(pair);
    if (at % 1000 == 0) clock.advance(std::chrono::milliseconds(10));  // no ring runs out
  }
  state.SetItemsProcessed(state.iterations() * commands_per_call);
}
BENCHMARK(engine)->Arg(1)->Arg(100'000);

/// One call that people change; facts and time stand still.
class Stage {
 public:
  explicit Stage(CallView call = {}) : call_(std::move(call)) {}
  const CallView& call() const { return call_; }
  void step(const Actor& by, CommandBody body) {
    command_.by = by;
    command_.call = CallId(id_of(0, 'c'));
    command_.body = std::move(body);
    const bool is_new = call_.version == Version{};
    const auto events = decide(std::span<const CallView>(&call_, is_new ? 0 : 1), facts_, command_, now_);
    if (!events) std::abort();
    for (const CallEvent& event : *events) apply(call_, event);
  }

 private:
  CallView call_;
  Facts facts_;
  UnixTime now_ = ManualClock().now().wall;
  Command command_;
};

Actor person(std::size_t n) { return {UserId(id_of(n, 'a')), DeviceId(id_of(n, 'd'))}; }

CallView room_of(std::size_t people) {
  Stage stage;
  stage.step(person(0), CreateRoom{.from = "drop_in", .settings = {.capacity = 2000}});
  for (std::size_t n = 0; n < people; ++n) stage.step(person(n), Join{}), stage.step(person(n), Join{});
  return stage.call();
}

/// What 1,000 live calls hold, by their stage: `answered` with both people in, two devices rung.
void bytes_per_call(benchmark::State& state) {
  constexpr std::size_t count = 1000;
  double each = 0;
  for (auto _ : state) {
    const std::size_t before = bytes_held;
    std::vector<CallView> calls(count);
    for (CallView& call : calls) {
      Stage stage;
      stage.step(person(1), StartCall{.callees = {person(2).user}});
      stage.step(person(2), AckAlerting{});
      stage.step({person(2).user, person(3).device}, AckAlerting{});
      stage.step(person(2), Accept{});
      stage.step(person(1), Join{}), stage.step(person(2), Join{});
      call = stage.call();
    }
    each = static_cast<double>(bytes_held - before) / count;
  }
  state.counters["bytes"] = each;
}
BENCHMARK(bytes_per_call)->Iterations(3);

/// The last one of so many comes in: a seat, and into the media room.
void join_room(benchmark::State& state) {
  const std::size_t size = static_cast<std::size_t>(state.range(0));
  const CallView before = room_of(size - 1);
  for (auto _ : state) {
    Stage stage(before);
    // A copy has no room to grow, a living room has: what a growing list costs now and then is not measured here.
    stage.step(person(size + 1), Join{}), stage.step(person(size + 1), Leave{});
    const auto start = std::chrono::steady_clock::now();
    stage.step(person(size), Join{});
    stage.step(person(size), Join{});
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    benchmark::DoNotOptimize(stage.call().version);
  }
}
BENCHMARK(join_room)->Arg(10)->Arg(1000)->UseManualTime()->Iterations(5000);

/// Commands that concern nobody but one person: muted and unmuted by force, a hand up and down.
void in_room(benchmark::State& state) {
  const std::size_t size = static_cast<std::size_t>(state.range(0));
  Stage stage(room_of(size));
  const Actor host = person(0), last = person(size - 1);
  for (auto _ : state) {
    stage.step(host, Mute{.user = last.user, .mode = MuteMode::force});
    stage.step(host, Mute{.user = last.user, .mode = MuteMode::lift});
    stage.step(last, RequestRole{});
    stage.step(last, LowerHand{});
    stage.step(last, Heartbeat{});
  }
  state.SetItemsProcessed(state.iterations() * 5);
}
BENCHMARK(in_room)->Arg(10)->Arg(1000);

}  // namespace
