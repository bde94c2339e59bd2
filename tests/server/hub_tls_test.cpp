// Hubs that speak TLS: our own client over every way, certificates that are no good, and new ones while it runs.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "client/tls_front.hpp"
#include "net/unix_client.hpp"
#include "server/socket_client.hpp"
#include "zegocall/client.hpp"

using namespace zegocall;
using namespace zegocall::net_test;
using namespace zegocall::server_test;

namespace {

/// A certificate's two files, which a test may put others into.
struct Files {
  TemporaryFolder folder;
  std::string certificate = folder.file("cert.pem"), key = folder.file("key.pem");
  void put(const Issued& pair) const {
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(pair.certificate_file, certificate, over);
    std::filesystem::copy_file(pair.key_file, key, over);
  }
  HubOptions options(unsigned loops = 1) const {
    HubOptions out;
    out.loops = loops;
    out.tls = {.certificate_file = certificate, .key_file = key};
    return out;
  }
};

Wiring echo() {
  Namespace ns{"/"};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  return {.namespaces = {ns}};
}

Client connect(const Hub& hub, Transport way, ClientTls tls) {
  return Client::open({.url = "https://localhost:" + std::to_string(hub.port()),
                       .transport = way,
                       .tls = std::move(tls),
                       .reconnect = {.tries_max = 0}},
                      {})
      .value();
}

/// What echo answers, or why not.
std::string echoed(Client& client, std::size_t size = 100'000) {
  const auto answer = client.ask_future("echo", {std::string(size, 'x')}, {.timeout = patience}).get();
  if (!answer) return name(answer.error().code).data();
  return answer->get<std::string>("0").value() == std::string(size, 'x') ? "echo" : "a broken echo";
}

std::string refusal(const HubOptions& options) {
  const auto hub = Hub::open(options, {});
  return hub ? "it listens" : to_string(hub.error());
}

bool begins(const std::string& text, const std::string& with) { return text.starts_with(with); }

}  // namespace

TEST_CASE("every way of transport comes through TLS, with one loop and where connections move between loops") {
  TestAuthority authority;
  const Files files;
  files.put(authority.issue("DNS:localhost"));
  for (const unsigned loops : {1u, 3u}) {
    CAPTURE(loops);
    const Hub hub = Hub::open(files.options(loops), echo()).value();
    for (int round = 0; round < 4; ++round)
      for (const Transport way : {Transport::websocket, Transport::polling, Transport::upgrade}) {
        CAPTURE(int(way));
        Client client = connect(hub, way, {.ca_file = authority.ca_file()});
        for (int n = 0; n < 3; ++n) CHECK(echoed(client) == "echo");
        CHECK(client.close(patience));
      }
  }
}

TEST_CASE("pairs that are no good are refused by name") {
  TestAuthority authority;
  const Files files;
  const Issued good = authority.issue("DNS:localhost"), other = authority.issue("DNS:localhost");
  HubOptions options = files.options();
  CHECK(refusal(options) ==
        "io_error: tls.certificate_file: no certificate in " + files.certificate + ": No such file or directory");
  const std::string no_key = "io_error: tls.key_file: no key for this certificate in " + files.key + ": ";
  files.put({good.certificate_file, other.key_file, {}});
  CHECK(begins(refusal(options), no_key));
  std::filesystem::remove(files.key);
  CHECK(refusal(options) == no_key + "No such file or directory");
  files.put(authority.issue("DNS:localhost", true));
  CHECK(begins(refusal(options), "invalid_argument: tls.certificate_file: the certificate expired on 2"));
  files.put(good);
  std::ofstream(files.key) << "-----BEGIN NOTHING-----\n";
  CHECK(begins(refusal(options), no_key));
  options.tls.key_file.clear();
  CHECK(refusal(options) == "invalid_argument: tls.key_file: is needed with a certificate");
  options.tls = {.key_file = files.key};
  CHECK(refusal(options) == "invalid_argument: tls.certificate_file: is needed with a key");
  files.put(good);
  options = files.options();
  options.tls.client_ca_file = files.key;
  CHECK(begins(refusal(options), "io_error: tls.client_ca_file: no certificates in " + files.key + ": "));
  options.tls.client_ca_file = files.folder.file("none.pem");
  CHECK(refusal(options) ==
        "io_error: tls.client_ca_file: no certificates in " + files.folder.file("none.pem") + ": No such file or directory");
  options.tls = {.client_ca_file = authority.ca_file()};
  CHECK(refusal(options) == "invalid_argument: tls.certificate_file: is needed with a key");
  options = files.options();
  options.tls.handshake_timeout = 0ms;
  CHECK(refusal(options) == "invalid_argument: tls.handshake_timeout: must be more than zero");
}

TEST_CASE("a new certificate is read while it runs: nobody is dropped, and one that is no good changes nothing") {
  TestAuthority first, second;
  const Files files;
  files.put(first.issue("DNS:localhost"));
  const Hub hub = Hub::open(files.options(2), echo()).value();
  Client stays = connect(hub, Transport::websocket, {.ca_file = first.ca_file()});
  REQUIRE(echoed(stays) == "echo");
  const auto comes = [&](const TestAuthority& trusted) {
    Client client = connect(hub, Transport::websocket, {.ca_file = trusted.ca_file()});
    return echoed(client);
  };
  // Bad ones: the old one stays.
  const Issued good = second.issue("DNS:localhost"), other = second.issue("DNS:localhost");
  files.put({good.certificate_file, other.key_file, {}});
  const auto mismatched = hub.reload_tls();
  REQUIRE(!mismatched);
  CHECK(mismatched.error().field == "tls.key_file");
  files.put(second.issue("DNS:localhost", true));
  CHECK(hub.reload_tls().error().detail.starts_with("the certificate expired on "));
  std::filesystem::remove(files.certificate);
  CHECK(hub.reload_tls().error().field == "tls.certificate_file");
  CHECK(comes(first) == "echo");
  // A good one.
  files.put(good);
  REQUIRE(hub.reload_tls());
  CHECK(comes(second) == "echo");
  CHECK(comes(second) == "echo");  // on whichever loop
  CHECK(comes(first) == "closed");
  CHECK(echoed(stays) == "echo");
  const Hub plain = Hub::open({}, echo()).value();
  CHECK(to_string(plain.reload_tls().error()) == "invalid_state: tls: this hub has none");
}

TEST_CASE("clients may be asked for a certificate") {
  TestAuthority authority, clients, strangers;
  const Files files;
  files.put(authority.issue("DNS:localhost"));
  HubOptions options = files.options();
  options.tls.client_ca_file = clients.ca_file();
  const Hub hub = Hub::open(options, echo()).value();
  const auto showing = [&](const Issued& shown) {
    Client client =
        connect(hub, Transport::websocket,
                {.ca_file = authority.ca_file(), .certificate_file = shown.certificate_file, .key_file = shown.key_file});
    return echoed(client);
  };
  CHECK(showing(clients.issue("")) == "echo");
  CHECK(showing({}) == "closed");
  CHECK(showing(strangers.issue("")) == "closed");
  CHECK(showing(clients.issue("", true)) == "closed");
}
