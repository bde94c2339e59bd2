// Who is at the other end of an accepted connection, and whose connections count together.
#include "net/peer_address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <optional>
#include <vector>

using namespace zegocall::net_detail;

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
