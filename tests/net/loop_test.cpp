#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "net/http_server.hpp"

using namespace zegocall;
using namespace zegocall::net_test;

TEST_CASE("tasks run on the loop thread, in the order of the posts") {
  LoopThread loop;
  std::string order;
  for (char c = 'a'; c <= 'e'; ++c) loop.loop().post([&order, c] { order += c; });
  CHECK(loop.on_loop([&] { return order; }) == "abcde");
  CHECK(loop.on_loop([&] { return loop.loop().on_loop_thread(); }));
  CHECK(!loop.loop().on_loop_thread());
}

TEST_CASE("what was posted before stop runs before run returns, what was posted after it does not") {
  auto loop = Loop::open().value();
  int before = 0, after = 0;
  loop->post([&] { ++before; });
  loop->stop();
  loop->run();
  CHECK(before == 1);
  loop->post([&] { ++after; });
  loop.reset();
  CHECK(after == 0);
}

TEST_CASE("a loop can run again") {
  auto loop = Loop::open().value();
  for (int round = 0; round < 3; ++round) {
    int ran = 0;
    loop->post([&] { ++ran; });
    loop->stop();
    loop->run();
    CHECK(ran == 1);
  }
}

TEST_CASE("timers fire once, in the order of their instants, never early; a cancelled one does not") {
  auto loop = Loop::open().value();
  const SteadyTime start = loop->now().steady;
  std::string order;
  TimerId cancelled_by_b = 0;
  loop->at(start + 30ms, [&] { order += 'c', loop->stop(); });
  loop->at(start + 10ms, [&] { order += 'a'; });
  loop->at(start + 20ms, [&] { order += 'b', loop->cancel(cancelled_by_b); });
  cancelled_by_b = loop->at(start + 20ms, [&] { order += 'x'; });
  loop->cancel(loop->at(start + 5ms, [&] { order += 'y'; }));
  loop->cancel(123456);
  loop->run();
  CHECK(order == "abc");
  CHECK(loop->now().steady - start >= 30ms);
}

TEST_CASE("a timer that is already due fires in the next turn, and one that rearms itself does not starve the inbox") {
  auto loop = Loop::open().value();
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    loop->at(SteadyTime{}, again);
  };
  again();
  loop->post([&] { loop->post([&] { loop->stop(); }); });
  loop->run();
  CHECK(fired >= 1);
}

TEST_CASE("posts from many threads all arrive, and several loops live side by side") {
  constexpr int threads = 4, posts = 5000;
  LoopThread one, two;
  int sum_one = 0, sum_two = 0;
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < posts; ++i) {
        one.loop().post([&] { ++sum_one; });
        two.loop().post([&] { ++sum_two; });
      }
    });
  for (auto& sender : senders) sender.join();
  CHECK(one.on_loop([&] { return sum_one; }) == threads * posts);
  CHECK(two.on_loop([&] { return sum_two; }) == threads * posts);
}
