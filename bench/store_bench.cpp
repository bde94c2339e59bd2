// Durable commands: what one commit for each costs against groups. A command here is one part of a call's life
// (start, accept, hang up), each with its events, seats, deadlines, snapshot and answer, as a server writes them.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

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

}  // namespace
