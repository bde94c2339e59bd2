#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "zegocall/server/clock.hpp"
#include "zegocall/server/password.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

TEST_CASE("the system clock runs, forward, and near the machine's") {
  const auto clock = make_system_clock();
  Now last = clock->now();
  CHECK(last.wall - system_now().wall < 1s);
  CHECK(system_now().wall - last.wall < 1s);
  for (int i = 0; i < 1000; ++i) {
    const Now now = clock->now();
    CHECK(now.wall >= last.wall);
    CHECK(now.steady >= last.steady);
    last = now;
  }
}

TEST_CASE("the machine's clock is followed forward, never back, and both are logged") {
  Now machine{SteadyTime(1000s), UnixTime(1'700'000'000s)};
  std::vector<std::string> log;
  const auto clock = make_system_clock([&](LogLevel, std::string_view line) { log.emplace_back(line); }, [&] { return machine; });
  const auto pass = [&](std::chrono::milliseconds steady, std::chrono::milliseconds wall) {
    machine.steady += steady;
    machine.wall += wall;
    return clock->now().wall - UnixTime(1'700'000'000s);
  };
  CHECK(pass(10s, 10s) == 10s);
  CHECK(pass(10s, 10s + 999ms) == 20s);  // a small drift is not followed
  CHECK(log.empty());
  CHECK(pass(10s, 1h) == 1h + 20s + 999ms);
  CHECK(log.size() == 1);
  CHECK(pass(1s, -2h) == 1h + 21s + 999ms);  // steady time goes on
  CHECK(pass(1s, 1s) == 1h + 22s + 999ms);
  CHECK(log.size() == 2);
  CHECK(pass(1s, 3h) > 1h + 23s);
}

TEST_CASE("an advancing clock moves the wall time only, and says so") {
  AdvancingClock clock;
  int woken = 0;
  clock.subscribe(&woken, [&] { ++woken; });
  const Now before = clock.now();
  clock.advance(1h);
  const Now after = clock.now();
  CHECK(after.wall - before.wall >= 1h);
  CHECK(after.wall - before.wall < 1h + 10s);
  CHECK(after.steady - before.steady < 10s);
  CHECK(woken == 1);
  clock.advance(-1h);
  CHECK(clock.now().wall >= after.wall);
  clock.unsubscribe(&woken);
  clock.advance(1s);
  CHECK(woken == 2);
}

TEST_CASE("passwords: yescrypt is written, bcrypt is read") {
  const auto hasher = make_crypt_hasher();
  const Secret right("correct horse battery"), wrong("correct horse batterx");
  const std::string hash = hasher->hash(right).value();
  CHECK(hash.starts_with("$y$"));
  CHECK(hash != hasher->hash(right).value());
  CHECK(hasher->verify(right, hash));
  CHECK(!hasher->verify(wrong, hash));
  // bcrypt, cost 5, of "U*U": a published test vector of crypt_blowfish.
  CHECK(hasher->verify(Secret("U*U"), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK(!hasher->verify(Secret("U*V"), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  for (const char* unreadable : {"", "*0", "*1", "plain", "$9$x$y", "$2a$05$short"}) CHECK(!hasher->verify(right, unreadable));
}

TEST_CASE("passwords that crypt cannot take are refused by name") {
  const auto hasher = make_crypt_hasher();
  const std::string with_nul("a\0b", 3);
  CHECK(hasher->hash(Secret(with_nul)).error().field == "password");
  CHECK(hasher->hash(Secret(std::string(512, 'x'))).error().code == ErrorCode::invalid_argument);
  CHECK(hasher->hash(Secret(std::string(511, 'x'))));
  CHECK(!hasher->verify(Secret(with_nul), hasher->hash(Secret("a")).value()));
}
