// Who asks, what they may have already, and how often: the pure parts of HTTP.
#include <doctest/doctest.h>

#include "server/conditions.hpp"
#include "server/proxies.hpp"
#include "server/request.hpp"
#include "server/route_rate.hpp"
#include "signaling/hub/addresses.hpp"

using namespace zegocall;
using namespace zegocall::server_detail;
using namespace std::chrono_literals;

namespace {

using Fields = std::vector<net_detail::HeaderField>;

Asker ask(const Proxies& proxies, const char* peer, Fields fields) {
  net_detail::RequestHead head;
  head.peer_address = peer;
  head.fields = std::move(fields);
  return proxies.asker(head);
}

}  // namespace

TEST_CASE("addresses in every form, and what is none") {
  CHECK(IpAddress::of("10.0.0.1")->text() == "10.0.0.1");
  CHECK(IpAddress::of("::ffff:10.0.0.1")->text() == "10.0.0.1");
  CHECK(IpAddress::of("2001:DB8:0:0::1")->text() == "2001:db8::1");
  for (const char* none : {"", "10.0.0", "10.0.0.256", "host", "1.2.3.4 ", "[::1]", "::1%lo"}) CHECK(!IpAddress::of(none));
  CHECK(hub_detail::address_key("10.0.0.1") == "10.0.0.1");
  CHECK(hub_detail::address_key("2001:db8:1:2:3:4:5:6") == hub_detail::address_key("2001:db8:1:2::9"));
  CHECK(hub_detail::address_key("2001:db8:1:2::9") != hub_detail::address_key("2001:db8:1:3::9"));
  CHECK(hub_detail::address_key("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(hub_detail::address_key("unix") == "unix");
}

TEST_CASE("trusted proxies: a wrong entry is named") {
  const auto refused = [](const char* bad) {
    const auto made = Proxies::of({"10.0.0.0/8", bad}, ProxyHeader::forwarded);
    REQUIRE(!made);
    CHECK(made.error().code == ErrorCode::invalid_argument);
    return made.error().field;
  };
  for (const char* bad : {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129", "/8", "10.0.0.0/-1"})
    CHECK(refused(bad) == "trusted_proxies.1");
}

TEST_CASE("X-Forwarded-For is believed from trusted peers only, and only as far as they vouch for it") {
  const Proxies proxies = Proxies::of({"10.0.0.0/8", "192.0.2.7", "fd00::/9"}, ProxyHeader::x_forwarded_for).value();
  const auto from = [&](const char* peer, const char* list) { return ask(proxies, peer, {{"x-forwarded-for", list}}).address; };
  CHECK(from("10.1.2.3", "203.0.113.9") == "203.0.113.9");
  CHECK(from("192.0.2.7", "203.0.113.9") == "203.0.113.9");
  CHECK(from("fd7f::1", "2001:db8::5") == "2001:db8::5");
  CHECK(from("fd80::1", "2001:db8::5") == "fd80::1");      // beyond the nine bits
  CHECK(from("192.0.2.8", "203.0.113.9") == "192.0.2.8");  // a stranger may write what it likes
  CHECK(from("11.0.0.1", "203.0.113.9") == "11.0.0.1");
  CHECK(from("10.1.2.3", "6.6.6.6, 203.0.113.9") == "203.0.113.9");  // the client wrote the first one itself
  CHECK(from("10.1.2.3", "6.6.6.6, 203.0.113.9, 10.9.9.9") == "203.0.113.9");
  CHECK(from("10.1.2.3", "10.8.8.8, 10.9.9.9") == "10.8.8.8");  // all of them are ours
  CHECK(from("10.1.2.3", "203.0.113.9:4711") == "203.0.113.9");
  CHECK(from("10.1.2.3", "[2001:db8::5]:4711") == "2001:db8::5");
  CHECK(from("10.1.2.3", "::ffff:203.0.113.9") == "203.0.113.9");
  for (const char* bad : {"", "unknown", "203.0.113.9, ", "_hidden", "203.0.113.9 6.6.6.6", "[203.0.113.9", "2001:db8::5]",
                          "[203.0.113.9]", "203.0.113.9:", "203.0.113.9:x", "203.0.113.9:1234567"})
    CHECK(from("10.1.2.3", bad) == "10.1.2.3");
  CHECK(from("10.1.2.3", "203.0.113.9, junk, 10.9.9.9") == "10.9.9.9");  // the last that was vouched for
  CHECK(ask(proxies, "10.1.2.3", {{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "203.0.113.9"}}).address == "203.0.113.9");
  CHECK(ask(proxies, "10.1.2.3", {{"forwarded", "for=203.0.113.9"}}).address == "10.1.2.3");  // not the header that it sets
  CHECK(from(Proxies().asker({}).address.c_str(), "203.0.113.9") == "");
}

TEST_CASE("the scheme too") {
  const Proxies proxies = Proxies::of({"10.0.0.0/8"}, ProxyHeader::x_forwarded_for).value();
  CHECK(ask(proxies, "10.1.2.3", {{"x-forwarded-proto", "https"}}).secure);
  CHECK(ask(proxies, "10.1.2.3", {{"x-forwarded-proto", "http, HTTPS"}}).secure);
  CHECK(!ask(proxies, "10.1.2.3", {{"x-forwarded-proto", "https, http"}}).secure);
  CHECK(!ask(proxies, "10.1.2.3", {}).secure);
  CHECK(!ask(proxies, "11.1.2.3", {{"x-forwarded-proto", "https"}}).secure);
  CHECK(!ask(Proxies(), "10.1.2.3", {{"x-forwarded-proto", "https"}}).secure);
}

TEST_CASE("Forwarded, with all its quotes") {
  const Proxies proxies = Proxies::of({"10.0.0.0/8", "unix"}, ProxyHeader::forwarded).value();
  const auto from = [&](const char* peer, const char* list) { return ask(proxies, peer, {{"forwarded", list}}); };
  CHECK(from("10.1.2.3", "for=203.0.113.9").address == "203.0.113.9");
  CHECK(from("", "for=203.0.113.9").address == "203.0.113.9");  // a Unix socket
  CHECK(from("10.1.2.3", "by=10.0.0.1; FOR=\"[2001:db8::5]:4711\" ;proto=https").address == "2001:db8::5");
  CHECK(from("10.1.2.3", "by=10.0.0.1;for=203.0.113.9;proto=https").secure);
  CHECK(from("10.1.2.3", "for=6.6.6.6;proto=http, for=203.0.113.9;proto=https, for=10.9.9.9;proto=http").address ==
        "203.0.113.9");
  CHECK(from("10.1.2.3", "for=6.6.6.6;proto=http, for=203.0.113.9;proto=https, for=10.9.9.9;proto=http").secure);
  CHECK(from("10.1.2.3", "for=6.6.6.6, for=\"a, for=203.0.113.9;x=\\\"\"").address == "10.1.2.3");  // quoted commas cut nothing
  for (const char* bad : {"", "for=unknown", "for=_x", "for=", "for", "proto=https", "for=\"203.0.113.9", "203.0.113.9"})
    CHECK(from("10.1.2.3", bad).address == "10.1.2.3");
  CHECK(!from("10.1.2.3", "proto=https").secure);
  CHECK(from("11.1.2.3", "for=203.0.113.9;proto=https").address == "11.1.2.3");
  CHECK(ask(proxies, "10.1.2.3", {{"x-forwarded-for", "203.0.113.9"}}).address == "10.1.2.3");
}

TEST_CASE("dates in their three forms") {
  const auto when = UnixTime(std::chrono::seconds(784111777));
  CHECK(http_date_text(when) == "Sun, 06 Nov 1994 08:49:37 GMT");
  const char* const long_ago = "Sun, 12 Nov 0997 08:49:37 GMT";  // a fuzzer's
  CHECK(http_date_text(parse_http_date(long_ago).value()).substr(5) == std::string_view(long_ago).substr(5));
  for (const char* form : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    CHECK(parse_http_date(form) == when);
  for (const char* none : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, -6 Nov 1994 08:49:37 GMT", "784111777", "Sun, 06 ovD 1994 08:49:37 GMT"})
    CHECK(!parse_http_date(none));
}

TEST_CASE("who takes gzip") {
  for (const char* yes : {"gzip", "deflate, GZIP;q=0.5", "*", "br;q=1.0, *;q=0.1", "x-gzip", "identity;q=0, gzip"}) {
    CAPTURE(yes);
    CHECK(accepts_gzip(yes));
  }
  for (const char* no : {"", "identity", "gzip;q=0", "gzip; q=0.000", "*, gzip;q=0", "*;q=0", "br", "notgzip", "gzipx"}) {
    CAPTURE(no);
    CHECK(!accepts_gzip(no));
  }
}

TEST_CASE("tags are compared whole") {
  CHECK(etag_matches("\"a\"", "\"a\""));
  CHECK(etag_matches("\"b\", W/\"a\" ", "\"a\""));
  CHECK(etag_matches(" *", "\"a\""));
  for (const char* no : {"", "\"b\"", "a", "\"a", "\"xa\"", "\"b\"\"a\""}) CHECK(!etag_matches(no, "\"a\""));
}

TEST_CASE("names of requests") {
  RequestIds ids(system_bytes());
  const std::string first = ids.next(), second = ids.next();
  CHECK(first.size() == 32);
  CHECK(first != second);
  CHECK(is_request_id(first));
  CHECK(is_request_id("Root=1-67891233-abcdef012345678912345678"));
  CHECK(is_request_id(std::string(64, 'x')));
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a\nb"), std::string("a,b"),
                                 std::string("a\"b"), std::string("\xc3\xa4"), std::string("a%0a")})
    CHECK(!is_request_id(bad));
}

TEST_CASE("a route's rate: the burst, then evenly, each address for itself") {
  RateTable rate({.requests = 4, .per = 60s});
  SteadyTime now{1h};
  for (int i = 0; i < 4; ++i) CHECK(rate.take("10.0.0.1", now) == 0ms);
  const auto wait = rate.take("10.0.0.1", now);
  CHECK(wait > 14s);
  CHECK(wait <= 15s + 2ms);
  CHECK(rate.take("10.0.0.2", now) == 0ms);
  now += wait;
  CHECK(rate.take("10.0.0.1", now) == 0ms);
  CHECK(rate.take("10.0.0.1", now) > 14s);
  now += 1h;
  for (int i = 0; i < 4; ++i) CHECK(rate.take("10.0.0.1", now) == 0ms);
  CHECK(rate.take("10.0.0.1", now) > 0ms);
  now -= 30min;  // a clock that steps back gives nothing and takes nothing
  CHECK(rate.take("10.0.0.1", now) > 0ms);
  for (int i = 0; i < 4; ++i) CHECK(rate.take("2001:db8:1:2::" + std::to_string(i), now) == 0ms);
  CHECK(rate.take("2001:db8:1:2::9", now) > 0ms);  // one customer
}

TEST_CASE("a rate remembers a bounded number of addresses, and none that owes nothing") {
  RateTable rate({.requests = 2, .per = 10s});
  SteadyTime now{1h};
  const auto name = [](int i) {
    return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
  };
  for (int i = 0; i < 100'000; ++i) (void)rate.take(name(i), now);
  CHECK(rate.size() == RateTable::addresses_max);
  CHECK(rate.take(name(200'000), now) > 0ms);  // the rest share one allowance, which is spent
  now += 20s;
  for (int i = 200'000; i < 300'000; ++i) (void)rate.take(name(i), now);
  CHECK(rate.size() <= RateTable::addresses_max);
  now += 20s;
  CHECK(rate.take(name(400'000), now) == 0ms);
  CHECK(rate.size() < 1000);
}
