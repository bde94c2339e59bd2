#include <doctest/doctest.h>

#include <future>

#include "server/group_order.hpp"
#include "server/workers.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

/// A service thread whose posts run at once, on it.
struct World {
  explicit World(ServiceOptions options = {}) : options_(options) {}
  ~World() { service.stop(); }
  Diary diary;
  Recorder store{diary};
  AdvancingClock clock;
  ServiceOptions options_;
  ServiceThread service{options_, clock, {&store}, [](unsigned, std::function<void()> act) { act(); }, {}};
  bool offer(std::string name) { return service.offer(std::make_unique<Said>(service, diary, std::move(name))); }
  bool insist(std::string name) { return service.insist(std::make_unique<Said>(service, diary, std::move(name))); }
};

}  // namespace

TEST_CASE("nothing leaves before the commit, replies come last") { CHECK(nothing_leaves_before_the_commit(false)); }
TEST_CASE("a failed commit answers everybody in the group, and says nothing") { CHECK(nothing_leaves_before_the_commit(true)); }

TEST_CASE("what waits together commits together, up to the group's size") {
  World world({.group_max = 3, .group_time = 10s});
  for (const char* name : {"a", "b", "c", "d"}) CHECK(world.offer(name));
  world.service.start();
  REQUIRE(world.diary.wait_for("released d"));
  const auto lines = world.diary.lines();
  CHECK(std::vector<std::string>(lines.begin(), lines.begin() + 5) ==
        std::vector<std::string>{"open", "run a", "run b", "run c", "commit"});
  CHECK(std::count(lines.begin(), lines.end(), "commit") == 2);
  CHECK(world.service.counters().groups == 2);
  CHECK(world.service.counters().works == 4);
}

TEST_CASE("a group that has lasted its time is closed") {
  World world({.group_time = 0ms});
  world.offer("a");
  world.offer("b");
  world.service.start();
  REQUIRE(world.diary.wait_for("released b"));
  CHECK(world.service.counters().groups == 2);
}

TEST_CASE("a store that cannot open a group fails it, and nobody ran") {
  World world;
  world.store.open_result = fail(ErrorCode::io_error);
  world.offer("a");
  world.service.start();
  REQUIRE(world.diary.wait_for("released a"));
  CHECK(world.diary.lines() == std::vector<std::string>{"open", "reply a store_unavailable", "released a"});
  CHECK(world.service.counters().failing);
}

TEST_CASE("when the second of two stores fails, the first is not left open") {
  Diary diary;
  Recorder first(diary), second(diary);
  second.open_result = fail(ErrorCode::io_error);
  const auto clock = make_system_clock();
  ServiceThread service({}, *clock, {&first, &second}, [](unsigned, std::function<void()> act) { act(); }, {});
  service.offer(std::make_unique<Said>(service, diary, "a"));
  service.start();
  REQUIRE(diary.wait_for("released a"));
  service.stop();
  CHECK(diary.lines() == std::vector<std::string>{"open", "open", "abandon", "reply a store_unavailable", "released a"});
}

TEST_CASE("a full mailbox refuses, but not what must not be lost") {
  World world({.mailbox_max = 2});
  CHECK(world.offer("a"));
  CHECK(world.offer("b"));
  CHECK(!world.offer("c"));
  CHECK(world.insist("d"));
  CHECK(!world.offer("e"));
  CHECK(world.service.counters().refused == 2);
  world.service.start();
  REQUIRE(world.diary.wait_for("released d"));
  CHECK(world.offer("f"));
  REQUIRE(world.diary.wait_for("released f"));
}

TEST_CASE("a due deadline runs in a group of its own") {
  World world;
  world.store.set_due(world.clock.now().wall);
  world.service.start();
  REQUIRE(world.diary.wait_for("commit"));
  CHECK(world.diary.lines() == std::vector<std::string>{"open", "deadline", "commit"});
}

TEST_CASE("a deadline far away fires when the clock is pushed there") {
  World world;
  world.clock.subscribe(&world, [&] { world.service.wake(); });
  world.store.set_due(world.clock.now().wall + 60s);
  world.service.start();
  world.offer("a");
  REQUIRE(world.diary.wait_for("released a"));
  const auto lines = world.diary.lines();
  CHECK(std::count(lines.begin(), lines.end(), "deadline") == 0);
  world.clock.advance(61s);
  CHECK(world.diary.wait_for("deadline"));
  world.clock.unsubscribe(&world);
}

TEST_CASE("a deadline that cannot be committed is tried again, and not in a tight loop") {
  World world;
  world.store.commit_result = fail(ErrorCode::io_error);
  const SteadyTime start = world.clock.now().steady;
  world.store.set_due(world.clock.now().wall);
  world.service.start();
  REQUIRE(world.diary.wait_for("commit"));
  world.store.set_due(world.clock.now().wall);
  world.service.wake();
  REQUIRE(world.diary.wait_for("deadline", 2));
  CHECK(world.clock.now().steady - start >= 100ms);
}

TEST_CASE("what waits when the thread stops is told so") {
  Diary diary;
  Recorder store(diary);
  const auto clock = make_system_clock();
  ServiceThread service({}, *clock, {&store}, [](unsigned, std::function<void()> act) { act(); }, {});
  service.offer(std::make_unique<Said>(service, diary, "a"));
  service.stop();
  CHECK(diary.lines() == std::vector<std::string>{"released a"});
  CHECK(!service.offer(std::make_unique<Said>(service, diary, "b")));
}

TEST_CASE("an outbox is one post for each loop that has something") {
  Outbox outbox;
  std::vector<std::string> heard;
  outbox.on_loop(1, [&](unsigned loop) { heard.push_back("one " + std::to_string(loop)); });
  outbox.on_each_loop([&](unsigned loop) { heard.push_back("each " + std::to_string(loop)); });
  outbox.on_loop(1, [&](unsigned loop) { heard.push_back("last " + std::to_string(loop)); });
  std::vector<unsigned> posts;
  outbox.release(3, [&](unsigned loop, const std::function<void()>& act) { posts.push_back(loop), act(); });
  CHECK(posts == std::vector<unsigned>{0, 1, 2});
  CHECK(heard == std::vector<std::string>{"each 0", "one 1", "each 1", "last 1", "each 2"});
  CHECK(outbox.empty());
}

TEST_CASE("workers take what idle hands and the queue can hold, and refuse the rest") {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  std::atomic<int> ran{0};
  Workers workers(2, 3);
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += workers.offer([&, opened] { opened.wait(), ++ran; }) ? 1 : 0;
  CHECK(taken >= 5);
  CHECK(taken <= 7);  // a worker that has taken its job is not idle any more
  CHECK(workers.refused() == static_cast<std::uint64_t>(10 - taken));
  gate.set_value();
  std::promise<void> done;
  while (!workers.offer([&] { done.set_value(); })) std::this_thread::yield();
  done.get_future().wait();
  workers.stop();
  CHECK(!workers.offer([] {}));
}
