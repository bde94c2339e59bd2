// Commands decided and applied per second: ring, accept, join, join, leave, leave over 100,000 live calls. The first figure
// is the rules and the fold alone; the second is CallEngine with its index, deadlines, event queue, log and answer memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "zegocall/call/engine.hpp"
#include "zegocall/testing.hpp"

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

}  // namespace
