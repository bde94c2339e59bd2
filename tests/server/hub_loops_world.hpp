// Hubs of several loops, and clients that know which loop they are on.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "server/socket_client.hpp"

namespace zegocall::server_test::several_loops {

constexpr unsigned many = 4;

inline Namespace with_users(const std::string& name = "/") {
  Namespace ns{name};
  ns.authenticate([](const Handshake& shake) -> Result<Identity> {
    return Identity{.user = shake.auth().get<UserId>("user").value_or(UserId{"nobody"})};
  });
  ns.on("where", [](const Event& e) -> Result<Args> { return Args{e.loop()}; });
  ns.on("join", [](const Event& e) -> Result<Args> {
    const auto group = e.get<GroupId>("0");
    if (!group) return unexpected(group.error());
    if (auto joined = e.sender().join(*group); !joined) return unexpected(joined.error());
    return Args{};
  });
  ns.on("tell others", [](const Event& e) -> Result<Args> {
    e.others().relay("told", e.args());
    return Args{};
  });
  ns.on(
      "tell all after commit",
      [](const Event& e) -> Result<Args> {
        e.everyone().emit("first", {1});
        e.everyone().relay("second", e.args());
        return Args{"done"};
      },
      Run::service);
  return ns;
}

inline std::string member_of(const std::string& packet, const char* name) {
  return Json::parse(packet.substr(packet.find('{'))).value().get<std::string>(name).value_or("");
}

/// A client, and the loop that it is on.
struct Placed {
  SocketClient client;
  std::string sid;
  unsigned loop = 0;
  explicit Placed(std::uint16_t port, const std::string& auth = R"({"user":"u"})") : client(port) {
    sid = member_of(client.join(auth), "sid");
    client.say(R"(20["where"])");
    const std::string answer = client.hear_packet();
    REQUIRE(answer.starts_with("30["));
    loop = static_cast<unsigned>(std::atoi(answer.c_str() + 3));
  }
  std::string ask(const std::string& packet) {
    client.say(packet);
    return client.hear_packet();
  }
};

/// One client on every loop, in the order of the loops. The kernel chooses; after 300 tries it would be broken.
inline std::vector<std::unique_ptr<Placed>> one_on_each(std::uint16_t port, unsigned loops) {
  std::vector<std::unique_ptr<Placed>> out(loops);
  for (int tries = 0; tries < 300 && std::count(out.begin(), out.end(), nullptr) > 0; ++tries) {
    auto made = std::make_unique<Placed>(port);
    if (!out[made->loop]) out[made->loop] = std::move(made);
  }
  REQUIRE(std::count(out.begin(), out.end(), nullptr) == 0);
  return out;
}

inline HubOptions on_loops(unsigned loops) {
  HubOptions options;
  options.loops = loops;
  return options;
}

inline Result<std::vector<Args>> asked(const Audience& audience, std::chrono::milliseconds timeout) {
  auto promise = std::make_shared<std::promise<Result<std::vector<Args>>>>();
  audience.ask("q", {1}, {.timeout = timeout}, [promise](Result<std::vector<Args>> all) { promise->set_value(std::move(all)); });
  return promise->get_future().get();
}

inline std::vector<Member> fetched(const Audience& audience) {
  auto promise = std::make_shared<std::promise<std::vector<Member>>>();
  audience.fetch([promise](std::vector<Member> members) { promise->set_value(std::move(members)); });
  return promise->get_future().get();
}

inline std::string polling(std::string_view sid) { return "/socket.io/?EIO=4&transport=polling&sid=" + std::string(sid); }

}  // namespace zegocall::server_test::several_loops
