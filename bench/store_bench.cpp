// Durable commands: what one commit for each costs against groups. sqlite_durable and memory_model write changes made by
// hand (start, accept, hang up), each with its events, seats, deadlines, snapshot and answer. service_durable goes through
// CallService as a server does: 64 calls at once, each with a command under way, decided and committed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "zegocall/service.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/store/sqlite.hpp"

namespace {

using namespace zegocall;

UnixTime at(std::int64_t ms) { return UnixTime(std::chrono::milliseconds(1'700'000'000'000 + ms)); }

/// Calls one after the other, three commands each.
class Commands {
 public:
  CallChange next() {
    const std::int64_t number = count_++;
    const std::string call = std::to_string(100'000'000'000'000'000 + number / 3) + "abcdef";
    const UserId caller("caller" + std::to_string(number / 3 % 5000)), callee("callee" + std::to_string(number / 3 % 5000));
    CallChange change;
    change.parts.emplace_back();
    CallChange::Part& part = change.parts.back();
    if (number % 3 == 0) {
      start(part.after, CallId(call), caller, callee);
      say(part, CallCreated{caller, "web", Media::video, "chat", {}});
      say(part, LegInvited{2, callee, at(60'000)});
      say(part, DeviceRing{2, callee, "phone", 1});
    } else {
      part.expected = last_.version;
      part.after = last_;
      if (number % 3 == 1)
        accept(part, callee);
      else
        hang_up(part, caller, number);
    }
    last_ = part.after;
    change.answer =
        CommandAnswer{caller, CommandId(std::to_string(number)), CallId(call), part.after.version, {}, at(number + 600'000)};
    return change;
  }

 private:
  static void say(CallChange::Part& part, EventBody body) {
    part.events.push_back({part.after.id, Version(++part.after.version.value), at(1), std::move(body)});
  }
  static void start(CallView& after, const CallId& id, const UserId& caller, const UserId& callee) {
    after.id = id;
    after.caller = caller;
    after.created_at = at(0);
    after.legs.resize(2);
    after.legs[0].number = 1, after.legs[0].user = caller, after.legs[0].device = "web", after.legs[0].state = LegState::accepted;
    after.legs[1].number = 2, after.legs[1].user = callee, after.legs[1].devices = {{"phone", false, false, {}}};
    after.deadlines = {{Timer::delivery, 2, at(10'000)}, {Timer::ring, 2, at(60'000)}};
  }
  static void accept(CallChange::Part& part, const UserId& callee) {
    say(part, LegAccepted{2, callee, "phone"});
    say(part, DeviceDismiss{2, callee, "phone", DeviceOutcome::answered_here});
    part.after.deadlines.clear();
    for (LegView& leg : part.after.legs) {
      leg.state = LegState::joining;
      say(part, LegJoining{leg.number, leg.user, at(30'000)});
      part.after.deadlines.push_back({Timer::join, leg.number, at(30'000)});
    }
  }
  static void hang_up(CallChange::Part& part, const UserId& by, std::int64_t ms) {
    for (LegView& leg : part.after.legs) {
      leg.state = LegState::final;
      leg.outcome = LegOutcome::completed;
      say(part, LegFinal{leg.number, leg.user, leg.device, LegOutcome::completed});
    }
    part.after.deadlines.clear();
    part.after.state = CallState::ended;
    part.after.outcome = CallOutcome::answered;
    part.after.ended_at = at(ms);
    say(part, CallEnded{CallOutcome::answered, EndCause::hangup, by, {}});
  }

  std::int64_t count_ = 0;
  CallView last_{};
};

/// A server's work for one command: load the call, change it.
bool serve(Store& store, const CallChange& change) {
  const auto& part = change.parts[0];
  if (part.expected.value > 0 && !store.call(part.after.id)) return false;
  return static_cast<bool>(store.change(change));
}

std::map<int, double>& commands_per_second() {
  static std::map<int, double> rates;
  return rates;
}

void run_groups(benchmark::State& state, Store& store) {
  const auto group = static_cast<int>(state.range(0));
  Commands commands;
  const auto begun = std::chrono::steady_clock::now();
  for (auto _ : state) {
    bool fine = static_cast<bool>(store.begin());
    for (int i = 0; i < group; ++i) fine = fine && serve(store, commands.next());
    if (!fine || !store.commit()) return state.SkipWithError("the store failed");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const double done = static_cast<double>(state.iterations()) * group;
  state.SetItemsProcessed(static_cast<std::int64_t>(done));
  commands_per_second()[group] = done / took.count();
}

void sqlite_durable(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "zegocall-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) return state.SkipWithError("no temporary folder");
  {
    auto store = SqliteStore::open({.path = folder + "/calls.db"});
    if (!store) return state.SkipWithError(store.error().detail.c_str());
    run_groups(state, *store);
    auto& rates = commands_per_second();
    if (rates.count(1)) state.counters["times_one_by_one"] = rates[static_cast<int>(state.range(0))] / rates[1];
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(sqlite_durable)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

void memory_model(benchmark::State& state) {
  const auto store = make_memory_store();
  const auto keep = commands_per_second();
  run_groups(state, *store);
  commands_per_second() = keep;
}
BENCHMARK(memory_model)->Arg(1)->Arg(64)->UseRealTime();

// ---- through the service --------------------------------------------------------------------------------------------

constexpr int calls_at_once = 64;

/// 64 pairs of people, each again and again through the five commands of a call.
class Pairs {
 public:
  /// The next command of pair `n`; after it, say what came of it.
  Command next(int n) {
    Pair& pair = pairs_[static_cast<std::size_t>(n)];
    Command command{.id = CommandId(std::to_string(++commands_)), .by = pair.step == 0 || pair.step == 3 ? caller(n) : callee(n)};
    command.call = pair.step == 0 ? CallId() : pair.call;
    switch (pair.step) {
      case 0: command.body = StartCall{{callee(n).user}}; break;
      case 1: command.body = Accept{}; break;
      case 2:
      case 3: command.body = Join{}; break;
      default: command.body = EndCall{}; break;
    }
    return command;
  }
  void done(int n, const CallId& call) {
    Pair& pair = pairs_[static_cast<std::size_t>(n)];
    pair.call = call;
    pair.step = (pair.step + 1) % 5;
  }
  static Actor caller(int n) { return {UserId("caller-" + std::to_string(n)), "web"}; }
  static Actor callee(int n) { return {UserId("callee-" + std::to_string(n)), "phone"}; }

 private:
  struct Pair {
    CallId call{};
    int step = 0;
  };
  std::vector<Pair> pairs_ = std::vector<Pair>(calls_at_once);
  std::int64_t commands_ = 0;
};

double at_share(std::vector<double>& sorted, double share) {
  return sorted.empty()
             ? 0
             : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void serve_pairs(benchmark::State& state, Store& store) {
  const auto group = static_cast<int>(state.range(0));
  CallService calls(store, system_bytes());
  Pairs pairs;
  UnixTime wall = at(0);
  const auto now = [&] { return Now{{}, wall += std::chrono::milliseconds(1)}; };
  bool fine = true;
  for (int n = 0; n < calls_at_once; ++n)
    fine = fine && calls.handle({.by = Pairs::callee(n), .body = DeviceOnline{}}, now()) &&
           calls.handle({.by = Pairs::caller(n), .body = DeviceOnline{}}, now());
  std::vector<double> waits;  // of a command, from its turn in the group until it was durable, in milliseconds
  int turn = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    if (group > 1) fine = fine && calls.open_group();
    for (int i = 0; i < group && fine; ++i, turn = (turn + 1) % calls_at_once) {
      const auto answer = calls.handle(pairs.next(turn), now());
      fine = answer.has_value();
      if (fine) pairs.done(turn, answer->id);
    }
    if (group > 1) fine = fine && calls.commit_group();
    if (!fine) return state.SkipWithError("the service failed");
    waits.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    (void)calls.take();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const double commands = static_cast<double>(state.iterations()) * group;
  state.SetItemsProcessed(static_cast<std::int64_t>(commands));
  static std::map<int, double> rates;
  rates[group] = commands / took.count();
  std::sort(waits.begin(), waits.end());
  state.counters["p50_ms"] = at_share(waits, 0.50);
  state.counters["p99_ms"] = at_share(waits, 0.99);
  if (rates.count(1)) state.counters["times_one_by_one"] = rates[group] / rates[1];
}

void service_durable(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "zegocall-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) return state.SkipWithError("no temporary folder");
  {
    auto store = SqliteStore::open({.path = folder + "/calls.db"});
    if (!store) return state.SkipWithError(store.error().detail.c_str());
    serve_pairs(state, *store);
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(service_durable)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

void service_memory(benchmark::State& state) {
  const auto store = make_memory_store();
  serve_pairs(state, *store);
}
BENCHMARK(service_memory)->Arg(64)->UseRealTime();

}  // namespace
