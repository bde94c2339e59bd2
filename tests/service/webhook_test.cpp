// The outbox on its way to the host's server, in virtual time, over the store in memory and over SQLite.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "service/failing_store.hpp"
#include "service/stores.hpp"
#include "service/webhook_pause.hpp"
#include "zegocall/service/webhook.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

const char* const key = "zegocall-webhook-secret-for-tests";

struct World {
  explicit World(Store& s, WebhookOptions changed = {}) : store(s), options(std::move(changed)) {
    options.url = "https://hooks.example.org/calls";
    options.jitter = &bytes;
    restart();
  }
  void restart() { queue.emplace(WebhookQueue::open(store, Secret{key}, options).value()); }
  void say(const std::string& topic, const std::string& order) {
    REQUIRE(store.begin());
    CallChange change;
    change.outbox = {{topic, "{\"topic\":\"" + topic + "\"}", clock.now().wall, order, order + "-" + topic}};
    REQUIRE(store.change(change));
    REQUIRE(store.commit());
  }
  std::vector<WebhookJob> take() {
    auto jobs = queue->take(clock.now());
    REQUIRE(jobs);
    return *jobs;
  }
  void answer(const WebhookJob& job, int status) { REQUIRE(queue->finished(job, HttpReply{status, {}, "ignored"}, clock.now())); }
  void fail_with(const WebhookJob& job, ErrorCode code) {
    REQUIRE(queue->finished(job, Result<HttpReply>(fail(code, "no")), clock.now()));
  }
  void sleep_to_deadline() {
    REQUIRE(queue->deadline());
    clock.advance_to(*queue->deadline());
  }

  Store& store;
  ManualClock clock;
  CountingBytes bytes;
  WebhookOptions options;
  std::optional<WebhookQueue> queue;
};

std::string header(const WebhookJob& job, std::string_view name) {
  for (const auto& [word, value] : job.request.headers)
    if (word == name) return value;
  return {};
}
std::string topics(const std::vector<WebhookJob>& jobs) {
  std::string out;
  for (const WebhookJob& job : jobs) out += header(job, "Zegocall-Topic");
  return out;
}

}  // namespace

TEST_CASE("a message is a signed POST with its own id, and goes when it was answered with 2xx") {
  test::over_stores([](Store& store) {
    World w(store);
    CHECK_FALSE(w.queue->deadline());
    w.say("a", "call-1");
    CHECK(w.queue->deadline() == w.clock.now().wall);
    const auto jobs = w.take();
    REQUIRE(jobs.size() == 1);
    const OutgoingRequest& request = jobs[0].request;
    CHECK(request.method == "POST");
    CHECK(request.url == "https://hooks.example.org/calls");
    CHECK(request.body == R"({"topic":"a"})");
    CHECK(header(jobs[0], "Zegocall-Event-Id") == "call-1-a");
    CHECK(header(jobs[0], "Zegocall-Attempt") == "1");
    CHECK(verify_webhook(Secret{key}, header(jobs[0], "Zegocall-Signature"), request.body, w.clock.now().wall));
    CHECK_FALSE(w.queue->deadline());  // in flight: nothing to do
    CHECK(w.take().empty());
    w.answer(jobs[0], 204);
    CHECK(w.queue->depth().value() == 0);
    CHECK(w.queue->counters().delivered == 1);
  });
}

TEST_CASE("messages of one call come in order, those of others beside them") {
  test::over_stores([](Store& store) {
    World w(store);
    for (const char* topic : {"a", "b", "c"}) w.say(topic, "call-1");
    w.say("d", "call-2");
    const auto first = w.take();
    CHECK(topics(first) == "ad");
    CHECK(w.take().empty());
    w.answer(first[1], 200);
    CHECK(w.take().empty());
    w.answer(first[0], 500);
    CHECK(w.take().empty());  // b waits until a has been answered
    w.sleep_to_deadline();
    const auto again = w.take();
    REQUIRE(topics(again) == "a");
    CHECK(header(again[0], "Zegocall-Attempt") == "2");
    CHECK(header(again[0], "Zegocall-Event-Id") == "call-1-a");
    w.answer(again[0], 200);
    const auto second = w.take();
    CHECK(topics(second) == "b");
    w.answer(second[0], 201);
    CHECK(topics(w.take()) == "c");
  });
}

TEST_CASE("pauses double up to a limit and are cut by up to a half") {
  CountingBytes bytes;
  std::chrono::milliseconds most = 0ms;
  for (std::uint32_t attempt = 1; attempt < 40; ++attempt) {
    const auto pause = service_detail::webhook_pause(2s, 60s, attempt, bytes);
    const auto whole = std::min<std::chrono::milliseconds>(2s * (1LL << std::min(attempt - 1, 10U)), 60s);
    CHECK(pause <= whole);
    CHECK(pause >= whole / 2);
    most = std::max(most, pause);
  }
  CHECK(most > 50s);
  CHECK(service_detail::webhook_pause(2s, 60s, 4'000'000'000U, bytes) <= 60s);
}

TEST_CASE("what is refused for long goes to the dead letters, with the reason, and can be sent again") {
  test::over_stores([](Store& store) {
    World w(store, {.attempts_max = 3});
    w.say("a", "call-1");
    w.say("b", "call-1");
    for (int attempt = 1; attempt <= 3; ++attempt) {
      const auto jobs = w.take();
      REQUIRE(topics(jobs) == "a");
      if (attempt == 2)
        w.fail_with(jobs[0], ErrorCode::timeout);
      else
        w.answer(jobs[0], 503);
      if (attempt < 3) w.sleep_to_deadline();
    }
    CHECK(w.queue->counters().dead_by_attempts == 1);
    CHECK(w.queue->counters().failed_attempts == 3);
    const auto dead = w.queue->dead({}).value();
    REQUIRE(dead.total == 1);
    CHECK(dead.items[0].reason == "attempts: HTTP 503");
    CHECK(dead.items[0].entry.attempts == 3);  // the last one too
    CHECK(dead.items[0].entry.message.topic == "a");
    const auto b = w.take();
    CHECK(topics(b) == "b");  // the dead do not stand in the way
    w.answer(b[0], 200);
    CHECK(w.queue->replay(dead.items[0].entry.number + 999, w.clock.now()).error().code == ErrorCode::not_found);
    REQUIRE(w.queue->replay(dead.items[0].entry.number, w.clock.now()));
    CHECK(w.queue->dead({}).value().total == 0);
    const auto again = w.take();
    REQUIRE(topics(again) == "a");
    CHECK(header(again[0], "Zegocall-Event-Id") == "call-1-a");
    w.answer(again[0], 200);
    CHECK(w.queue->counters().replayed == 1);
    CHECK(to_metrics(w.queue->counters(), "zegocall_webhook").find("zegocall_webhook_dead_total{reason=\"attempts\"} 1\n") !=
          std::string::npos);
  });
}

TEST_CASE("limits of age and depth are kept and counted") {
  test::over_stores([](Store& store) {
    World w(store, {.age_max = 10s, .depth_max = 5, .dead_kept = 1min});
    SUBCASE("age") {
      w.say("a", "call-1");
      w.clock.advance(10s);
      CHECK(topics(w.take()) == "a");  // just not too old
      w.restart();
      w.say("b", "call-1");
      w.clock.advance(1ms);
      CHECK(topics(w.take()).empty());
      CHECK(w.queue->counters().dead_by_age == 1);
      CHECK(topics(w.take()) == "b");
    }
    SUBCASE("depth") {
      for (const char* topic : {"a", "b", "c", "d", "e"}) w.say(topic, "call-1");
      CHECK(topics(w.take()) == "a");
      CHECK(w.queue->counters().dead_by_depth == 0);
      w.restart();
      w.say("f", "call-1");
      w.say("g", "call-2");
      CHECK(topics(w.take()) == "cg");
      CHECK(w.queue->counters().dead_by_depth == 2);
      CHECK(w.queue->depth().value() == 5);
      CHECK(w.queue->dead({}).value().items.at(0).reason == "depth");
    }
    SUBCASE("dead letters are forgotten") {
      w.say("a", "call-1");
      w.clock.advance(11s);
      CHECK(w.take().empty());
      CHECK(w.queue->dead({}).value().total == 1);
      w.clock.advance(61s);
      CHECK(w.take().empty());
      CHECK(w.queue->dead({}).value().total == 0);
      CHECK(w.queue->counters().dead_forgotten == 1);
    }
  });
}

TEST_CASE("no more than so many are in flight") {
  test::over_stores([](Store& store) {
    World w(store, {.in_flight_max = 2});
    for (const char* call : {"call-1", "call-2", "call-3"}) w.say(call, call);
    auto jobs = w.take();
    REQUIRE(jobs.size() == 2);
    CHECK_FALSE(w.queue->deadline());
    w.queue->given_back(jobs[1]);
    CHECK(w.queue->deadline());
    CHECK(topics(w.take()) == "call-2");
    w.answer(jobs[0], 200);
    CHECK(topics(w.take()) == "call-3");
  });
}

TEST_CASE("every message arrives, in order for each call, whatever fails and whenever the process ends") {
  test::over_stores([](Store& behind) {
    for (int n = 0; n < 60; ++n) {
      CAPTURE(n);
      test::FailingStore store(behind);
      World w(store, {.first_pause = 1s, .longest_pause = 4s, .attempts_max = 1000});
      const std::string round = std::to_string(n) + ".";
      for (int i = 0; i < 4; ++i)
        for (const char* call : {"x", "y"}) w.say(std::to_string(i), round + call);
      std::map<std::string, std::vector<std::string>> heard;  // what the host took in, without what it had seen
      std::set<std::string> seen;
      store.fail_at(n);
      for (int turn = 0; w.queue->depth().value_or(1) > 0; ++turn) {
        REQUIRE(turn < 200);
        auto jobs = w.queue->take(w.clock.now());
        if (!jobs) CHECK(jobs.error().code == ErrorCode::store_unavailable);
        for (const WebhookJob& job : jobs ? *jobs : std::vector<WebhookJob>{}) {
          const bool fine = (turn + static_cast<int>(job.number)) % 3 != 0;
          const std::string id = header(job, "Zegocall-Event-Id");
          if (fine && seen.insert(id).second) heard[id.substr(0, id.find('-'))].push_back(header(job, "Zegocall-Topic"));
          if (turn % 5 == 4) continue;  // the answer is lost with the process
          (void)w.queue->finished(job, HttpReply{fine ? 200 : 502, {}, {}}, w.clock.now());
        }
        CHECK_FALSE(behind.in_transaction());
        if (turn % 5 == 4) w.restart();
        w.clock.advance(5s);
      }
      for (const char* call : {"x", "y"}) CHECK(heard[round + call] == std::vector<std::string>{"0", "1", "2", "3"});
      CHECK(w.queue->dead({}).value().total == 0);
    }
  });
}

TEST_CASE("the signature covers body and time, and says what is wrong with another") {
  ManualClock clock;
  const UnixTime now = clock.now().wall;
  const Secret secret{key};
  const std::string good = sign_webhook(secret, "{}", now).value();
  // HMAC-SHA256 of "1735689600.{}", computed with another program.
  CHECK(good == "t=1735689600,v1=64534fb3cd6d0be86deee6c58c3f3d1727fc1e6713e1eb010e749379ecd555d4");
  CHECK(verify_webhook(secret, good, "{}", now));
  CHECK(verify_webhook(secret, good + ",v1=00", "{}", now));  // a second secret, while the first is replaced
  CHECK(verify_webhook(secret, good, "{}", now + 300s));
  CHECK(verify_webhook(secret, good, "{}", now - 300s));
  const auto code = [&](std::string_view signature, std::string_view body, UnixTime at) {
    const auto result = verify_webhook(secret, signature, body, at);
    CHECK(result.error().field == "Zegocall-Signature");
    return result.error().code;
  };
  CHECK(code(good, "{} ", now) == ErrorCode::unauthenticated);
  CHECK(code(good, "{}", now + 301s) == ErrorCode::expired);
  CHECK(code(good, "{}", now - 301s) == ErrorCode::expired);
  CHECK(code("", "{}", now) == ErrorCode::missing_field);
  CHECK(verify_webhook(Secret{"zegocall-webhook-secret-for-test2"}, good, "{}", now).error().code == ErrorCode::unauthenticated);
  std::string later = good;
  later[11] = '1';  // another time than the signed one
  CHECK(code(later, "{}", now) == ErrorCode::unauthenticated);
  for (const char* odd : {"t", "t=", "v1=00", "t=1735689600", "t=x,v1=00", "t=1735689600x,v1=00", "t=1,t=2,v1=00", ",", "=",
                          "t=99999999999999999999,v1=00"})
    CHECK(code(odd, "{}", now) == ErrorCode::invalid_argument);
  CHECK(code("t=" + std::string(5000, '1') + ",v1=00", "{}", now) == ErrorCode::invalid_argument);
  const std::string far = "-9223372036854775808";
  CHECK(code("t=" + far + ",v1=00", "{}", now) == ErrorCode::unauthenticated);
}

TEST_CASE("options have limits, each with its name") {
  const auto store = make_memory_store();
  const auto field = [&](const std::function<void(WebhookOptions&)>& spoil, const char* secret = key) {
    WebhookOptions options{.url = "https://hooks.example.org/"};
    spoil(options);
    auto opened = WebhookQueue::open(*store, Secret{secret}, options);
    return opened ? std::string() : opened.error().field;
  };
  CHECK(field([](auto&) {}).empty());
  CHECK(field([](auto& o) { o.url = "hooks.example.org"; }) == "url");
  CHECK(field([](auto& o) { o.time_limit = 99ms; }) == "time_limit");
  CHECK(field([](auto& o) { o.first_pause = 0ms; }) == "first_pause");
  CHECK(field([](auto& o) { o.longest_pause = 1ms; }) == "longest_pause");
  CHECK(field([](auto& o) { o.attempts_max = 0; }) == "attempts_max");
  CHECK(field([](auto& o) { o.attempts_max = 1001; }) == "attempts_max");
  CHECK(field([](auto& o) { o.age_max = 999ms; }) == "age_max");
  CHECK(field([](auto& o) { o.depth_max = 0; }) == "depth_max");
  CHECK(field([](auto& o) { o.dead_kept = 0ms; }) == "dead_kept");
  CHECK(field([](auto& o) { o.in_flight_max = 257; }) == "in_flight_max");
  CHECK(field([](auto&) {}, "15-bytes-secret") == "secret");
}
