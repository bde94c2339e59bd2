// Hubs that listen at a Unix socket.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "net/unix_client.hpp"
#include "zegocall/hub.hpp"

using namespace zegocall;
using namespace zegocall::net_test;

namespace {

HubOptions at(const std::string& path, unsigned loops = 1) {
  HubOptions options;
  options.host = "unix:" + path;
  options.loops = loops;
  return options;
}

Wiring addresses() {
  Router http;
  http.route(Method::get, "/address", [](const HttpRequest& request) -> Result<HttpResponse> {
    return http_json(200, JsonObject{{"address", request.address()}});
  });
  return {.namespaces = {Namespace{"/"}}, .http = http};
}

std::string get(const std::string& path, const std::string& target) {
  return answer_from_file(path, "GET " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
}

std::string refusal(const HubOptions& options) {
  const auto hub = Hub::open(options, {});
  return hub ? "it listens" : to_string(hub.error());
}

/// A socket's file that nobody listens at any more, as a killed server leaves it.
void leave_behind(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket, 1) == 0);
  ::close(socket);
  REQUIRE(std::filesystem::exists(path));
}

}  // namespace

TEST_CASE("requests and sessions come through a file, with one loop and with several; it is gone afterwards") {
  const TemporaryFolder folder;
  const std::string path = folder.file("hub.sock");
  for (const unsigned loops : {1u, 3u}) {
    CAPTURE(loops);
    {
      const Hub hub = Hub::open(at(path, loops), addresses()).value();
      CHECK(hub.port() == 0);
      for (int n = 0; n < 20; ++n) {
        CHECK(get(path, "/address").ends_with(R"({"address":"unix"})"));
        const std::string opened = get(path, "/socket.io/?EIO=4&transport=polling");
        const std::string sid = opened.substr(opened.find("\"sid\":\"") + 7, 20);
        const std::string poll = get(path, "/socket.io/?EIO=4&transport=websocket&sid=" + sid);  // known on whichever loop
        CHECK(poll.starts_with("HTTP/1.1 400"));
        CHECK(poll.ends_with(R"({"code":3,"message":"Bad request"})"));
      }
      CHECK(std::filesystem::exists(path));
    }
    CHECK(!std::filesystem::exists(path));
  }
}

TEST_CASE("who may connect is what the file's permissions say") {
  const TemporaryFolder folder;
  HubOptions options = at(folder.file("hub.sock"));
  const auto mode = [&] {
    struct stat found {};
    REQUIRE(::stat(folder.file("hub.sock").c_str(), &found) == 0);
    return found.st_mode & 0777;
  };
  {
    const Hub hub = Hub::open(options, {}).value();
    CHECK(mode() == 0600);
  }
  options.unix_permissions = 0660;
  const Hub hub = Hub::open(options, {}).value();
  CHECK(mode() == 0660);
}

TEST_CASE("the file of a server that is gone is replaced, nobody else's is") {
  const TemporaryFolder folder;
  const std::string path = folder.file("hub.sock");
  leave_behind(path);
  {
    const Hub hub = Hub::open(at(path), addresses()).value();
    CHECK(refusal(at(path)) == "address_in_use: host: somebody listens at " + path);
    CHECK(get(path, "/address").starts_with("HTTP/1.1 200"));  // the first was not disturbed
    // Somebody else's file in its place stays when the hub goes.
    std::filesystem::remove(path);
    leave_behind(path);
  }
  CHECK(std::filesystem::exists(path));
  std::filesystem::remove(path);
  std::ofstream(path) << "notes";
  CHECK(refusal(at(path)) == "address_in_use: host: " + path + " exists and is no socket");
  CHECK(std::filesystem::file_size(path) == 5);
}

TEST_CASE("paths that cannot be are refused by name") {
  const TemporaryFolder folder;
  CHECK(refusal(at("")) == "invalid_argument: host: the path of a socket must begin with /");
  CHECK(refusal(at("hub.sock")) == "invalid_argument: host: the path of a socket must begin with /");
  CHECK(refusal(at("/" + std::string(107, 'x'))) == "invalid_argument: host: the path of a socket has at most 107 bytes");
  CHECK(refusal(at(folder.file("no/such/folder"))).starts_with("io_error: host: cannot bind "));
}

TEST_CASE("drain lets the file go, and a hub takes its place") {
  const TemporaryFolder folder;
  const std::string path = folder.file("hub.sock");
  Hub hub = Hub::open(at(path), addresses()).value();
  hub.drain();
  CHECK(!std::filesystem::exists(path));
  const Hub next = Hub::open(at(path), addresses()).value();
  CHECK(get(path, "/address").starts_with("HTTP/1.1 200"));
}
