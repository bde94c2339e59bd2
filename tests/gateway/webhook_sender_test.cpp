// The sender in a running hub: threads, the service thread, a host's server that is a port of the test.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "zegocall/gateway/webhook_sender.hpp"
#include "zegocall/net/http_client.hpp"
#include "zegocall/store/memory.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

const char* const key = "zegocall-webhook-secret-for-tests";

/// What the host's server heard, and how it answers.
class Host {
 public:
  void hear(const std::string& id, const std::string& attempt) {
    const std::scoped_lock lock(mutex_);
    heard_.push_back(id + "#" + attempt);
    changed_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return heard_.size() >= count; });
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

/// Opens and commits the store's transaction around each group, as a Gateway does; can fail the next commit.
class Groups final : public Driven {
 public:
  explicit Groups(Store& store) : store_(store) {}
  std::optional<UnixTime> deadline() override { return std::nullopt; }
  void on_deadline(Now) override {}
  Result<void> open_group() override { return store_.begin(); }
  Result<void> commit_group() override {
    if (!std::exchange(fail_next, false)) return store_.commit();
    store_.rollback();
    ++failed;
    return fail(ErrorCode::store_unavailable, "the test's store does not commit");
  }
  void abandon_group() override { store_.rollback(); }
  bool fail_next = false;
  int failed = 0;

 private:
  Store& store_;
};

/// Runs on the service thread and waits for it.
template <class Work>
void on_service(const HubAccess& access, Work work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  REQUIRE(access.on_service([&] {
    work();
    const std::scoped_lock lock(mutex);
    done = true;
    changed.notify_all();
  }));
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, 20s, [&] { return done; }));
}

void say(Store& store, const std::string& id, const std::string& order) {
  CallChange change;
  change.outbox = {{"call.ended", "{\"id\":\"" + id + "\"}", system_now().wall, order, id}};
  CHECK(store.change(change));
}

/// An HttpPort that tells the host of the test; the first attempt of each message in `refuse` is answered 503.
class Port final : public HttpPort {
 public:
  explicit Port(Host& host) : host_(host) {}
  Result<HttpReply> send(const OutgoingRequest& request) override {
    std::string id, attempt, signature;
    for (const auto& [name, value] : request.headers) {
      if (name == "Zegocall-Event-Id") id = value;
      if (name == "Zegocall-Attempt") attempt = value;
      if (name == "Zegocall-Signature") signature = value;
    }
    const bool fine = verify_webhook(Secret{key}, signature, request.body, system_now().wall).has_value();
    host_.hear(id, attempt);
    return HttpReply{fine && (attempt != "1" || id != "refused") ? 200 : 503, {}, {}};
  }

 private:
  Host& host_;
};

}  // namespace

TEST_CASE("messages leave after their group's commit, in order, and again after a refusal") {
  Host host;
  Port port(host);
  const auto store = make_memory_store();
  WebhookQueue queue =
      WebhookQueue::open(*store, Secret{key}, {.url = "https://hooks.example.org/", .first_pause = 20ms}).value();
  Groups groups(*store);
  WebhookSender sender(queue, *store, port, 2);
  Namespace ns{"/"};
  HubAccess access;
  ns.on_open([&](const HubAccess& given) { access = given; });
  sender.attach(ns);
  auto hub = Hub::open({}, {.namespaces = {ns}, .driven = {&groups, &sender}});
  REQUIRE(hub);
  on_service(access, [&] {
    groups.fail_next = true;
    say(*store, "lost", "call-1");
  });
  for (int failed = 0; failed == 0;) on_service(access, [&] { failed = groups.failed; });  // that group is over
  on_service(access, [&] {
    say(*store, "refused", "call-1");
    say(*store, "after", "call-1");
  });
  // "lost" was rolled back: nobody was ever told.
  CHECK(host.wait_for(3) == std::vector<std::string>{"refused#1", "refused#2", "after#1"});
  for (std::uint64_t waiting = 1; waiting > 0;) {
    on_service(access, [&] { waiting = queue.depth().value(); });
    std::this_thread::yield();
  }
  std::uint64_t delivered = 0;
  on_service(access, [&] { delivered = queue.counters().delivered; });
  CHECK(delivered == 2);
}

TEST_CASE("a sender that stands before who commits is refused, and sends nothing") {
  Host host;
  Port port(host);
  const auto store = make_memory_store();
  WebhookQueue queue = WebhookQueue::open(*store, Secret{key}, {.url = "https://hooks.example.org/"}).value();
  WebhookSender sender(queue, *store, port, 1);
  REQUIRE(store->begin());
  say(*store, "early", "call-1");
  sender.on_deadline(system_now());
  CHECK(sender.commit_group().error().code == ErrorCode::invalid_state);
  store->rollback();
  CHECK(sender.commit_group());
  // One thread sends in order: had "early" left, it would be heard before "later".
  REQUIRE(store->begin());
  say(*store, "later", "call-2");
  REQUIRE(store->commit());
  sender.on_deadline(system_now());
  REQUIRE(sender.commit_group());
  CHECK(host.wait_for(1) == std::vector<std::string>{"later#1"});
}

TEST_CASE("over a real connection: the host's server is another hub") {
  Host host;
  Router http;
  http.route(Method::post, "/hooks",
             [&host](const HttpRequest& request) -> Result<HttpResponse> {
               auto fine = verify_webhook(Secret{key}, request.header("Zegocall-Signature").value_or(""), request.body(),
                                          request.now().wall);
               if (!fine) return unexpected(fine.error());
               host.hear(request.header("Zegocall-Event-Id").value_or(""), request.header("Zegocall-Attempt").value_or(""));
               return http_json(200, JsonObject{{"ok", true}});
             },
             Run::loop, {.anonymous = true});
  auto receiver = Hub::open({}, {.namespaces = {Namespace{"/"}}, .http = http});
  REQUIRE(receiver);
  HttpClient client = HttpClient::open({.plain_http = true}).value();
  const auto store = make_memory_store();
  WebhookQueue queue =
      WebhookQueue::open(*store, Secret{key}, {.url = "http://127.0.0.1:" + std::to_string(receiver->port()) + "/hooks"}).value();
  Groups groups(*store);
  WebhookSender sender(queue, *store, client);
  Namespace ns{"/"};
  HubAccess access;
  ns.on_open([&](const HubAccess& given) { access = given; });
  sender.attach(ns);
  auto hub = Hub::open({}, {.namespaces = {ns}, .driven = {&groups, &sender}});
  REQUIRE(hub);
  on_service(access, [&] {
    say(*store, "one", "call-1");
    say(*store, "two", "call-1");
  });
  CHECK(host.wait_for(2) == std::vector<std::string>{"one#1", "two#1"});
}
