// Writes a database with three calls for the tests of the command line: one answered and hung up, one that nobody
// answered, one that rings still. make_calls FILE
#include <cstdio>
#include <cstdlib>

#include "zegocall/call/decide.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

constexpr UnixTime start{std::chrono::seconds(1735689600)};

void require(const Result<void>& done) {
  if (done) return;
  std::fprintf(stderr, "%s\n", to_string(done.error()).c_str());
  std::exit(1);
}

// One call, decided and stored step by step.
class Recorder {
 public:
  Recorder(Store& store, CallId id, UnixTime begin, Facts facts) : store_(store), facts_(std::move(facts)), begin_(begin) {
    call_.id = std::move(id);
  }

  void step(std::chrono::milliseconds at, const Actor& by, CommandBody body) {
    const Command command{.id = CommandId(std::string_view("c" + std::to_string(++commands_))),
                          .by = by,
                          .call = call_.id,
                          .body = std::move(body)};
    std::vector<CallView> calls;
    if (call_.version != Version{}) calls.push_back(call_);
    auto events = decide(calls, facts_, command, begin_ + at);
    if (!events) require(unexpected(events.error()));
    CallChange::Part part{.expected = call_.version, .events = *events};
    for (const CallEvent& event : *events) apply(call_, event);
    part.after = call_;
    require(store_.begin());
    require(store_.change({.parts = {part}}));
    require(store_.commit());
  }
  const CallView& call() const { return call_; }

 private:
  Store& store_;
  Facts facts_;
  UnixTime begin_;
  CallView call_;
  int commands_ = 0;
};

const Actor alice{"alice", "web"}, phone{"bob", "phone"}, laptop{"bob", "laptop"}, carol{"carol", "tab\x1b[31m"},
    dave{"dave", "tv"};

void answered(Store& store) {
  Recorder call(store, "42", start, {.online = {alice, phone, laptop}});
  call.step(0ms, alice, StartCall{.callees = {"bob"}, .media = Media::video});
  call.step(212ms, phone, AckAlerting{});
  call.step(4118ms, phone, Accept{});
  call.step(4902ms, phone, Join{});
  call.step(5007ms, alice, Join{});
  call.step(116402ms, phone, EndCall{});
}

void missed(Store& store) {
  Recorder call(store, "43", start + 1h, {.online = {alice, phone}});
  call.step(0ms, alice, StartCall{.callees = {"bob"}});
  call.step(100ms, phone, AckAlerting{});
  while (call.call().state != CallState::ended) {
    const Deadline due = call.call().deadlines.front();
    call.step(due.at - (start + 1h), {}, TimerFired{due});
  }
}

void ringing(Store& store) {
  Recorder call(store, "44", start + 2h, {.online = {carol, dave}});
  call.step(0ms, carol, StartCall{.callees = {"dave"}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto store = SqliteStore::open({.path = argv[1]});
  if (!store) require(unexpected(store.error()));
  answered(*store);
  missed(*store);
  ringing(*store);
  return 0;
}
