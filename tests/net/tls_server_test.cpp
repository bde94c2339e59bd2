// The server's end of TLS on a Listener: what comes through, and what becomes of those who do not speak it.
#include "net/tls_server.hpp"

#include <doctest/doctest.h>

#include "client/tls_front.hpp"
#include "net/http_server.hpp"
#include "net/tls_client.hpp"

using namespace zegocall;
using namespace zegocall::net_test;

namespace {

struct Secured {
  TestAuthority authority;
  Issued own = authority.issue("DNS:localhost,IP:127.0.0.1");
  TlsTrust trust = TlsTrust::open(authority.ca_file()).value();

  ListenOptions options() const {
    ListenOptions out;
    out.tls = TlsIdentity::open({own.certificate_file, own.key_file}, system_now().wall).value();
    return out;
  }
  static SteadyTime soon() { return system_now().steady + patience; }
  Result<TlsClient> connect(std::uint16_t port) const {
    return TlsClient::connect(BlockingSocket::connect("127.0.0.1", port, soon()).value(), trust, "localhost", soon());
  }
};

/// Up to the end of the stream, or of `size` bytes.
std::string read(TlsClient& client, std::size_t size) {
  std::string out;
  while (out.size() < size) {
    const auto more = client.read(out, Secured::soon());
    if (!more || !*more) break;
  }
  return out;
}

std::string request(const std::string& path, const std::string& body = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("requests and answers of every size, many on one connection, with a goodbye at the end") {
  const Secured with;
  TestServer server(with.options());
  server.body_max = 10'000'000;
  TlsClient client = with.connect(server.port).value();
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{16'383}, std::size_t{16'384}, std::size_t{16'385}, std::size_t{3'000'000}}) {
    const std::string body(size, 'b');
    REQUIRE(client.write(request("/large", body), Secured::soon()));
    const std::string whole = read(client, size);
    CHECK(whole.starts_with("HTTP/1.1 200"));
    CHECK(whole.find("POST /large? b") != std::string::npos);
    std::string rest = whole.substr(whole.find("\r\n\r\n") + 4);
    while (rest.size() < size + 13) {
      const auto more = client.read(rest, Secured::soon());
      REQUIRE(more);
      REQUIRE(*more);
    }
    CHECK(rest == "POST /large? " + body);
  }
  REQUIRE(client.write("GET /last HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", Secured::soon()));
  std::string last;
  Result<bool> more = true;
  while (more && *more) more = client.read(last, Secured::soon());
  CHECK(more);  // false, not an error: with TLS's goodbye
  CHECK(last.ends_with("GET /last? "));
  CHECK(server.counters().tls_handshakes == 1);
  CHECK(server.counters().tls_failed == 0);
}

TEST_CASE("a handshake that does not begin, or not end, is given up in time; others are not concerned") {
  const Secured with;
  ListenOptions options = with.options();
  options.handshake_timeout = 50ms;
  TestServer server(options);
  RawClient silent(server.port), half(server.port);
  half.write(std::string("\x16\x03\x01\x01\x00\x01\x00", 7));  // a ClientHello's first bytes
  CHECK(silent.read_to_end().empty());
  CHECK(silent.ended());
  CHECK(half.read_to_end().empty());
  CHECK(half.ended());
  CHECK(server.counts_up_to(&ListenerCounters::tls_timeouts, 2));
  CHECK(server.counters().timeouts == 2);
  TlsClient client = with.connect(server.port).value();
  REQUIRE(client.write(request("/"), Secured::soon()));
  CHECK(read(client, 10).starts_with("HTTP/1.1 200"));
}

TEST_CASE("after the handshake the time limits of HTTP hold") {
  const Secured with;
  ListenOptions options = with.options();
  options.header_timeout = 50ms;
  options.idle_timeout = 50ms;
  TestServer server(options);
  TlsClient idle = with.connect(server.port).value(), slow = with.connect(server.port).value(),
            kept = with.connect(server.port).value();
  REQUIRE(slow.write("GET / HT", Secured::soon()));
  REQUIRE(kept.write(request("/"), Secured::soon()));
  CHECK(read(slow, 1'000'000).starts_with("HTTP/1.1 408"));
  CHECK(read(idle, 1'000'000).empty());
  CHECK(read(kept, 1'000'000).starts_with("HTTP/1.1 200"));
  CHECK(server.counts_down_to(&ListenerCounters::connections, 0));
}

TEST_CASE("who does not speak TLS, or breaks it in the middle, is closed and counted") {
  const Secured with;
  TestServer server(with.options());
  RawClient plain(server.port);
  plain.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(!plain.read_to_end().starts_with("HTTP"));
  CHECK(plain.ended());
  RawClient noise(server.port);
  noise.write(std::string(5000, '\x16'));
  noise.read_to_end();
  CHECK(noise.ended());
  CHECK(server.counts_up_to(&ListenerCounters::tls_failed, 2));
  CHECK(server.counters().requests == 0);
  TestAuthority stranger;
  const auto refused = TlsClient::connect(BlockingSocket::connect("127.0.0.1", server.port, Secured::soon()).value(),
                                          TlsTrust::open(stranger.ca_file()).value(), "localhost", Secured::soon());
  CHECK(!refused);
  CHECK(server.counts_down_to(&ListenerCounters::connections, 0));
}

TEST_CASE("a new certificate is for new connections; the old ones go on with theirs") {
  Secured with;
  TestServer server(with.options());
  TlsClient old = with.connect(server.port).value();
  TestAuthority next;
  const Issued renewed = next.issue("DNS:localhost");
  const auto identity = TlsIdentity::open({renewed.certificate_file, renewed.key_file}, system_now().wall).value();
  server.on_loop([&] { return server.listener->set_tls(identity), true; });
  CHECK(!with.connect(server.port));
  with.trust = TlsTrust::open(next.ca_file()).value();
  TlsClient fresh = with.connect(server.port).value();
  for (TlsClient* each : {&old, &fresh}) {
    REQUIRE(each->write(request("/"), Secured::soon()));
    CHECK(read(*each, 10).starts_with("HTTP/1.1 200"));
  }
}
