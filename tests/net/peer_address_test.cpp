// Who is at the other end of an accepted connection, and whose connections count together.
#include "net/peer_address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <optional>
#include <vector>

#include "net/http_server.hpp"
#include "net/unix_client.hpp"

using namespace zegocall::net_test;

namespace {

PeerAddress from(const char* text) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return PeerAddress::of(reinterpret_cast<const sockaddr&>(v4));
  REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
  return PeerAddress::of(reinterpret_cast<const sockaddr&>(v6));
}

}  // namespace

TEST_CASE("an address says itself; v4 in v6 is v4") {
  CHECK(from("203.0.113.9").text() == "203.0.113.9");
  CHECK(from("::ffff:203.0.113.9").text() == "203.0.113.9");
  CHECK(from("2001:db8::1").text() == "2001:db8::1");
}

TEST_CASE("addresses that are one customer's count together, others do not, and a place that goes is free") {
  const auto tally = std::make_shared<AddressTally>();
  std::vector<AddressTally::Place> held;
  const auto enter = [&](const char* text) {
    AddressTally::Place place;
    const bool entered = AddressTally::enter(tally, from(text), 2, place);
    if (entered) held.push_back(std::move(place));
    return entered;
  };
  CHECK(enter("2001:db8::1"));
  CHECK(enter("2001:db8::ffff:2"));
  CHECK(!enter("2001:db8:0:0:ffff::3"));  // the same /64
  CHECK(enter("2001:db8:0:1::1"));        // the next one
  CHECK(enter("192.0.2.1"));
  CHECK(enter("::ffff:192.0.2.1"));
  CHECK(!enter("192.0.2.1"));
  CHECK(enter("192.0.2.2"));
  CHECK(enter("c000:201::1"));  // the bytes of 192.0.2.1, of the other kind
  AddressTally::Place moved = std::move(held.front());
  held.erase(held.begin());
  CHECK(!enter("2001:db8::9"));  // moved is not gone
  moved = {};
  CHECK(enter("2001:db8::9"));
  CHECK(!enter("2001:db8::9"));
}

TEST_CASE("connections over the limit for one address are closed at once, those of others and of proxies are not") {
  TestServer server(
      {.connections_per_address_max = 2, .is_proxy = [](std::string_view address) { return address == "127.0.0.3"; }});
  const auto served = [&](RawClient& client) {
    client.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.read_answer().status == 200;
  };
  std::optional<RawClient> one(std::in_place, server.port), two(std::in_place, server.port);
  CHECK(served(*one));
  CHECK(served(*two));
  for (int n = 0; n < 3; ++n) CHECK(RawClient(server.port).read_to_end().empty());
  CHECK(server.counters().connections_over_address == 3);
  RawClient other(server.port, "127.0.0.2");
  CHECK(served(other));
  std::vector<std::unique_ptr<RawClient>> behind;
  for (int n = 0; n < 5; ++n) {
    behind.push_back(std::make_unique<RawClient>(server.port, "127.0.0.3"));
    CHECK(served(*behind.back()));
  }
  one.reset();  // its place is free, and one only
  REQUIRE(server.counts_down_to(&ListenerCounters::connections, 7));
  one.emplace(server.port);
  CHECK(served(*one));
  CHECK(RawClient(server.port).read_to_end().empty());
  CHECK(server.counters().connections_over_address == 4);
  CHECK(server.counters().connections_over == 0);
}

TEST_CASE("a Unix socket has no addresses to limit") {
  const TemporaryFolder folder;
  TestServer server({.host = "unix:" + folder.file("socket"), .connections_per_address_max = 1});
  const int one = connect_to_file(folder.file("socket")), two = connect_to_file(folder.file("socket"));
  CHECK(server.counts_up_to(&ListenerCounters::connections, 2));
  CHECK(server.counters().connections_over_address == 0);
  ::close(one), ::close(two);
}
