// From a command of a client to the provider's door, through a running hub: the provider is a port of the test.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "zegocall/gateway.hpp"
#include "zegocall/gateway/provider_sender.hpp"
#include "zegocall/store/memory.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

/// The provider: answers the first `failing` requests with nothing at all.
class Provider final : public HttpPort {
 public:
  explicit Provider(int failing) : failing_(failing) {}
  Result<HttpReply> send(const OutgoingRequest& request) override {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(request.url);
    changed_.notify_all();
    if (failing_-- > 0) return fail(ErrorCode::unreachable, "the test's provider is away");
    return HttpReply{200, {}, R"({"Code":0,"Message":"success","RequestId":"1","Data":{}})"};
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return asked_.size() >= count; });
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  int failing_;
};

}  // namespace

TEST_CASE("a call's end reaches the provider, again after a failure, and nobody waited for it") {
  Provider provider(2);
  const auto store = make_memory_store();
  CallService calls(*store, system_bytes(), {.provider = ProviderRules{}});
  Gateway gateway(calls, {});
  auto api = ServerApi::open({.app = AppId{1234567890}, .attempts_max = 1}, Secret("zegocall-test-secret-0123456789a"), provider);
  REQUIRE(api);
  ProviderQueue queue = ProviderQueue::open(*store, {.first_pause = 10ms, .longest_pause = 20ms}).value();
  ProviderSender sender(queue, *store, *api);
  Namespace ns{"/"};
  HubAccess access;
  ns.on_open([&](const HubAccess& given) { access = given; });
  gateway.attach(ns);
  sender.attach(ns);
  auto hub = Hub::open({}, {.namespaces = {ns}, .driven = {&gateway, &sender}});
  REQUIRE(hub);
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<CallState> state;
  REQUIRE(access.on_service([&] {
    const Actor alice{UserId("alice"), DeviceId("web")}, bob{UserId("bob"), DeviceId("phone")};
    const Now now = system_now();
    const CallId call = gateway.handle({.by = alice, .body = StartCall{{bob.user}}}, now)->id;
    for (const Actor& who : {bob, bob, alice}) {
      const bool accepts = who == bob && !calls.find(call)->answered_at;
      CHECK(gateway.handle({.by = who, .call = call, .body = accepts ? CommandBody(Accept{}) : CommandBody(Join{})}, now));
    }
    auto ended = gateway.handle({.by = alice, .call = call, .body = EndCall{}}, now);
    const std::scoped_lock lock(mutex);
    state = ended ? ended->state : CallState::ringing;
    changed.notify_all();
  }));
  {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 20s, [&] { return state.has_value(); }));
  }
  CHECK(state == CallState::ended);
  const auto asked = provider.wait_for(3);
  REQUIRE(asked.size() == 3);
  for (const std::string& url : asked) {
    CHECK(url.find("Action=KickoutUser") != std::string::npos);
    CHECK(url.find("=bob") != std::string::npos);
    CHECK(url.find("=alice") == std::string::npos);  // hung up, and is out
  }
}

TEST_CASE("a sender that stands before who commits says nothing") {
  Provider provider(0);
  const auto store = make_memory_store();
  auto api = ServerApi::open({.app = AppId{1234567890}}, Secret("zegocall-test-secret-0123456789a"), provider);
  ProviderQueue queue = ProviderQueue::open(*store).value();
  ProviderSender sender(queue, *store, *api, system_now, 1);
  const auto say = [&](const std::string& room) {
    CallChange change;
    change.outbox = {{"provider.CloseRoom", R"({"action":"CloseRoom","parameters":[["RoomId",")" + room + R"("]]})",
                      system_now().wall, room, room + "-1", OutboxLane::provider}};
    REQUIRE(store->change(change));
  };
  REQUIRE(store->begin());
  say("early");
  sender.on_deadline(system_now());
  CHECK(sender.commit_group().error().code == ErrorCode::invalid_state);
  store->rollback();
  CHECK(sender.commit_group());
  // One thread sends in order: had "early" left, it would be heard before "later".
  REQUIRE(store->begin());
  say("later");
  REQUIRE(store->commit());
  sender.on_deadline(system_now());
  REQUIRE(sender.commit_group());
  const auto asked = provider.wait_for(1);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].find("RoomId=later") != std::string::npos);
}
