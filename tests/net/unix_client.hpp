// A blocking client of a Unix socket, and a folder for its file.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "net/raw_client.hpp"

namespace zegocall::net_test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "zegocall-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A connected socket, or -1.
inline int connect_to_file(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return socket;
  ::close(socket);
  return -1;
}

/// What the server at this file answers until it closes; "" if there is none.
inline std::string answer_from_file(const std::string& path, const std::string& request) {
  const int socket = connect_to_file(path);
  if (socket < 0) return {};
  std::string out;
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char chunk[4096];
    pollfd waiting{socket, POLLIN, 0};
    while (::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) > 0) {
      const ssize_t got = ::recv(socket, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      out.append(chunk, static_cast<std::size_t>(got));
    }
  }
  ::close(socket);
  return out;
}

}  // namespace zegocall::net_test
