// Transport alone, against the other end of a TCP connection in the same thread: each turn of the loop is asked for.
#include "net/transport.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "net/raw_client.hpp"

using namespace zegocall;
using namespace zegocall::net_detail;
using namespace std::chrono_literals;

namespace {

/// A connected pair of TCP sockets on loopback.
struct Pair {
  Pair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    socklen_t size = sizeof at;
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    theirs = std::make_unique<net_test::RawClient>(ntohs(at.sin_port), 4096);
    ours = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int small = 4096;
    setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    ::close(listener);
  }
  int ours = -1;
  std::unique_ptr<net_test::RawClient> theirs;
};

struct Subject final : Transport {
  explicit Subject(Loop& loop) : Transport(loop) {}
  void on_bytes(char* data, std::size_t size) override { heard.append(data, size); }
  void on_gone() override { gone = true; }
  void on_written(std::size_t bytes, bool whole) override {
    ++writes;
    written += bytes;
    if (!whole) ++short_writes;
  }
  std::string heard;
  int writes = 0, short_writes = 0;
  std::size_t written = 0;
  bool gone = false;
};

struct Bench {
  Bench() { REQUIRE(subject.adopt(pair.ours)); }
  /// Turns the loop until this holds.
  template <class F>
  bool until(F holds) {
    bool in_time = true;
    std::function<void()> look = [&] {
      if (holds() || loop->now().steady > end)
        in_time = holds(), loop->stop();
      else
        loop->post(look);
    };
    const SteadyTime end_of_patience = loop->now().steady + net_test::patience;
    end = end_of_patience;
    loop->post(look);
    loop->run();
    return in_time;
  }
  Pair pair;
  std::unique_ptr<Loop> loop = Loop::open().value();
  Subject subject{*loop};
  SteadyTime end{};
};

}  // namespace

TEST_CASE("what is queued in one turn is one write, and nothing leaves before its end") {
  Bench t;
  t.loop->post([&] {
    for (int i = 0; i < 100; ++i) t.subject.queue("0123456789");
    CHECK(t.subject.buffered() == 1000);
    CHECK(t.subject.writes == 0);
  });
  CHECK(t.until([&] { return t.subject.written == 1000; }));
  CHECK(t.subject.writes == 1);
  CHECK(t.subject.buffered() == 0);
  CHECK(t.pair.theirs->read_exactly(1000).size() == 1000);
}

TEST_CASE("a few bytes before many are not lost where a buffer is used again") {
  Bench t;
  t.loop->post([&] { t.subject.queue(std::string(100, 'x')); });
  REQUIRE(t.until([&] { return t.subject.written == 100; }));  // its buffer is spare now
  t.loop->post([&] {
    t.subject.queue("few");
    t.subject.queue(std::string(100, 'y'));
  });
  CHECK(t.until([&] { return t.subject.written == 203; }));
  CHECK(t.pair.theirs->read_exactly(203).substr(100, 4) == "fewy");
}

TEST_CASE("a short write keeps the rest, in order, also of what is queued after it") {
  Bench t;
  std::string all;
  for (int i = 0; i < 200'000; ++i) all += static_cast<char>('a' + i % 26);
  t.loop->post([&] { t.subject.queue(all); });
  REQUIRE(t.until([&] { return t.subject.short_writes > 0; }));
  CHECK(t.subject.buffered() == all.size() - t.subject.written);
  const int writes = t.subject.writes;
  t.loop->post([&] { t.subject.queue("and the end"); });
  CHECK(t.until([&] { return t.subject.buffered() >= 11; }));
  CHECK(t.subject.writes <= writes + 1);  // it does not hammer a full socket
  std::string got;
  while (got.size() < all.size() + 11) {
    REQUIRE(t.until([&] { return t.pair.theirs->read_some(0ms) || !t.pair.theirs->received().empty(); }));
    got += std::exchange(t.pair.theirs->received(), {});
  }
  CHECK(got == all + "and the end");
  CHECK(t.until([&] { return t.subject.buffered() == 0; }));
}

TEST_CASE("reading goes on while writing waits, and stops when it is paused") {
  Bench t;
  t.loop->post([&] { t.subject.queue(std::string(200'000, 'x')); });
  REQUIRE(t.until([&] { return t.subject.short_writes > 0; }));
  t.pair.theirs->write("ping");
  CHECK(t.until([&] { return t.subject.heard == "ping"; }));
  t.loop->post([&] { t.subject.pause_reading(true); });
  t.pair.theirs->write("later");
  int turns = 0;
  CHECK(t.until([&] { return ++turns > 50; }));
  CHECK(t.subject.heard == "ping");
  t.loop->post([&] { t.subject.pause_reading(false); });
  CHECK(t.until([&] { return t.subject.heard == "pinglater"; }));
}

TEST_CASE("finish lets everything leave before the FIN, and still reads") {
  Bench t;
  t.loop->post([&] {
    t.subject.queue(std::string(100'000, 'x'));
    t.subject.finish();
  });
  std::string got;
  REQUIRE(t.until([&] {
    while (t.pair.theirs->read_some(0ms)) got += std::exchange(t.pair.theirs->received(), {});
    return t.pair.theirs->ended();
  }));
  CHECK(got.size() == 100'000);
  t.pair.theirs->write("goodbye");
  CHECK(t.until([&] { return t.subject.heard == "goodbye"; }));
  t.pair.theirs->close();
  CHECK(t.until([&] { return t.subject.gone; }));
}

TEST_CASE("the peer resets, or we doom it, while a write waits: gone, once, and later calls are no-ops") {
  for (const bool by_peer : {true, false}) {
    Bench t;
    t.loop->post([&] { t.subject.queue(std::string(200'000, 'x')); });
    REQUIRE(t.until([&] { return t.subject.short_writes > 0; }));
    if (by_peer)
      t.pair.theirs->reset();
    else
      t.loop->post([&] { t.subject.doom(); });
    REQUIRE(t.until([&] { return t.subject.gone; }));
    CHECK(!t.subject.is_open());
    t.loop->post([&] { t.subject.queue("x"), t.subject.finish(), t.subject.doom(), t.subject.pause_reading(true); });
    int turns = 0;
    CHECK(t.until([&] { return ++turns > 5; }));
  }
}

TEST_CASE("destroying a transport with a write under way closes its socket") {
  Pair pair;
  auto loop = Loop::open().value();
  {
    Subject subject(*loop);
    REQUIRE(subject.adopt(pair.ours));
    loop->post([&] { subject.queue(std::string(200'000, 'x')); });
    loop->stop();
    loop->run();
  }
  loop->stop();
  loop->run();
  pair.theirs->read_to_end();
  CHECK(pair.theirs->ended());
}
