// Whom the client trusts, and how it comes through a proxy.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include "client/diary.hpp"
#include "client/tls_front.hpp"
#include "zegocall/hub.hpp"

using namespace zegocall;
using namespace zegocall::client_test;
using namespace zegocall::net_test;
using namespace std::chrono_literals;

namespace {

constexpr Backoff once{.tries_max = 0};
constexpr Transport ways[] = {Transport::websocket, Transport::polling, Transport::upgrade};

Hub open_hub() {
  Namespace ns{"/"};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  return Hub::open({}, {.namespaces = {ns}}).value();
}

/// One try: "connected" and an echo, or why not.
std::string outcome(ClientOptions options) {
  std::promise<std::string> said;
  std::atomic<bool> told{false};
  ClientWiring wiring;
  wiring.on_state = [&](ClientState state, const Error& why) {
    if (state == ClientState::closed && !told.exchange(true)) said.set_value(to_string(why));
  };
  options.reconnect = once;
  Client client = Client::open(std::move(options), std::move(wiring)).value();
  const auto answer = client.ask_future("echo", {std::string(50'000, 'x')}, {.timeout = patience}).get();
  if (answer) return answer->get<std::string>("0").value().size() == 50'000 ? "connected" : "a broken echo";
  return said.get_future().get();
}

bool names(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a certificate of an authority that we trust, for this host: over every way") {
  const Hub hub = open_hub();
  TestAuthority authority;
  TlsFront front(hub.port(), authority.issue("DNS:localhost,IP:127.0.0.1"));
  for (const Transport way : ways) {
    CAPTURE(int(way));
    CHECK(outcome({.url = front.url(), .transport = way, .tls = {.ca_file = authority.ca_file()}}) == "connected");
  }
  CHECK(outcome({.url = front.url("127.0.0.1"), .tls = {.ca_file = authority.ca_file()}}) == "connected");
}

TEST_CASE("what is not to be trusted is not connected to, and the reason is told") {
  const Hub hub = open_hub();
  TestAuthority authority, stranger;
  TlsFront good(hub.port(), authority.issue("DNS:localhost")), other(hub.port(), authority.issue("DNS:example.test")),
      late(hub.port(), authority.issue("DNS:localhost", true));
  for (const Transport way : ways) {
    CAPTURE(int(way));
    const auto why = [&](const TlsFront& front, const std::string& ca, const char* host = "localhost") {
      const std::string text = outcome({.url = front.url(host), .transport = way, .tls = {.ca_file = ca}});
      CHECK(names(text, "unauthenticated: tls: "));
      return text;
    };
    CHECK(names(why(good, stranger.ca_file()), "certificate"));
    why(good, "");
    CHECK(names(why(other, authority.ca_file()), "hostname mismatch"));
    CHECK(names(why(good, authority.ca_file(), "127.0.0.1"), "IP address mismatch"));
    CHECK(names(why(late, authority.ca_file()), "expired"));
  }
  CHECK(outcome({.url = other.url(), .tls = {.ca_file = authority.ca_file(), .server_name = "example.test"}}) == "connected");
  const std::string plain = outcome({.url = "https://127.0.0.1:" + std::to_string(hub.port()), .connect_timeout = 500ms});
  CHECK(plain != "connected");
  const std::string tls = outcome({.url = "http://127.0.0.1:" + std::to_string(good.port()), .connect_timeout = 5s});
  CHECK(names(tls, "unreachable"));
}

TEST_CASE("pins: beside the authority, and alone") {
  const Hub hub = open_hub();
  TestAuthority authority, stranger;
  const Issued own = authority.issue("DNS:localhost"), another = authority.issue("DNS:localhost");
  TlsFront front(hub.port(), own);
  const auto with = [&](std::vector<std::string> pins, bool alone, const std::string& ca) {
    return outcome({.url = front.url(), .tls = {.ca_file = ca, .pins = std::move(pins), .pins_alone = alone}});
  };
  CHECK(with({own.pin}, false, authority.ca_file()) == "connected");
  CHECK(with({another.pin, own.pin}, false, authority.ca_file()) == "connected");
  CHECK(with({authority.pin()}, false, authority.ca_file()) == "connected");
  CHECK(names(with({another.pin}, false, authority.ca_file()), "unauthenticated: tls: localhost: none of the pinned keys"));
  CHECK(names(with({own.pin}, false, stranger.ca_file()), "unauthenticated: tls: "));
  CHECK(with({own.pin}, true, stranger.ca_file()) == "connected");
  // The server sends its authority's certificate along; without a verified chain that proves nothing.
  CHECK(names(with({authority.pin()}, true, stranger.ca_file()), "none of the pinned keys"));
}

TEST_CASE("a server that wants to see a certificate") {
  const Hub hub = open_hub();
  TestAuthority authority, clients, stranger;
  TlsFront front(hub.port(), authority.issue("DNS:localhost"), clients.ca_file());
  const Issued own = clients.issue(""), wrong = stranger.issue("");
  const auto with = [&](const Issued& shown) {
    return outcome(
        {.url = front.url(),
         .tls = {.ca_file = authority.ca_file(), .certificate_file = shown.certificate_file, .key_file = shown.key_file}});
  };
  CHECK(with(own) == "connected");
  CHECK(names(with({}), "tls"));
  CHECK(names(with(wrong), "tls"));
  const Error mixed =
      Client::open({.url = front.url(), .tls = {.certificate_file = own.certificate_file, .key_file = wrong.key_file}}, {})
          .error();
  CHECK(mixed.field == "tls.key_file");
}

TEST_CASE("through a proxy: plain and TLS, over every way, and the proxy's refusals are told as such") {
  const Hub hub = open_hub();
  TestAuthority authority;
  TlsFront front(hub.port(), authority.issue("DNS:localhost"));
  ConnectProxy proxy;
  const std::string at = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const Transport way : ways) {
    CAPTURE(int(way));
    const std::string plain = "http://name-that-only-the-proxy-knows.test:" + std::to_string(hub.port());
    CHECK(outcome({.url = plain, .transport = way, .proxy = {.url = at}}) == "connected");
    CHECK(outcome({.url = front.url(), .transport = way, .tls = {.ca_file = authority.ca_file()}, .proxy = {.url = at}}) ==
          "connected");
  }
  CHECK(proxy.asked().front() == "CONNECT name-that-only-the-proxy-knows.test:" + std::to_string(hub.port()) + " HTTP/1.1");

  ConnectProxy rude("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  const std::string refused = outcome({.url = front.url(), .proxy = {.url = "http://127.0.0.1:" + std::to_string(rude.port())}});
  CHECK(names(refused, "unreachable: proxy: answered \"HTTP/1.1 407 Proxy Authentication Required\" to CONNECT"));
  ConnectProxy odd("SSH-2.0-what\r\n\r\n"), early("HTTP/1.1 200 OK\r\n\r\nsurprise");
  CHECK(names(outcome({.url = front.url(), .proxy = {.url = "http://127.0.0.1:" + std::to_string(odd.port())}}), "proxy"));
  CHECK(names(outcome({.url = front.url(), .proxy = {.url = "http://127.0.0.1:" + std::to_string(early.port())}}),
              "speaks before"));
}

TEST_CASE("the proxy's user and password go to the proxy, in its way, and nowhere else") {
  const Hub hub = open_hub();
  std::promise<std::string> head;
  /// Answers nothing but keeps what it was asked.
  struct Listening final : TestListener {
    explicit Listening(std::promise<std::string>& out) {
      start([&out](int socket) {
        std::string text;
        char c = 0;
        while (text.find("\r\n\r\n") == std::string::npos && ::recv(socket, &c, 1, 0) == 1) text.push_back(c);
        out.set_value(text);
        ::shutdown(socket, SHUT_RDWR);
      });
    }
    ~Listening() override { stop(); }
  } proxy(head);
  const std::string why = outcome(
      {.url = "http://127.0.0.1:" + std::to_string(hub.port()),
       .headers = {{"Cookie", "secret=1"}},
       .proxy = {
           .url = "http://127.0.0.1:" + std::to_string(proxy.port()), .user = "Aladdin", .password = Secret("open sesame")}});
  CHECK(names(why, "proxy"));
  CHECK(!names(why, "sesame"));
  const std::string text = head.get_future().get();
  CHECK(names(text, "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  CHECK(!names(text, "Cookie"));
}
