#include "net/unix_address.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace zegocall::net_detail {
namespace {

constexpr std::string_view scheme = "unix:";

Unexpected refused(ErrorCode code, std::string why) { return fail_field(code, "host", std::move(why)); }

Unexpected system_failure(const std::string& what) {
  const int number = errno;
  const bool may_not = number == EACCES || number == EPERM || number == EROFS;
  return refused(may_not ? ErrorCode::forbidden : ErrorCode::io_error, what + ": " + std::strerror(number));
}

/// Removes what a server left behind that did not end in order.
Result<void> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? Result<void>() : system_failure("cannot look at " + path);
  if (!S_ISSOCK(found.st_mode)) return refused(ErrorCode::address_in_use, path + " exists and is no socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return system_failure("cannot make a socket");
  const bool nobody = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (!nobody) return refused(ErrorCode::address_in_use, "somebody listens at " + path);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("cannot remove the old socket " + path);
  return {};
}

}  // namespace

std::optional<std::string> unix_path(std::string_view address) {
  if (!address.starts_with(scheme)) return std::nullopt;
  return std::string(address.substr(scheme.size()));
}

Result<UnixSocketFile> UnixSocketFile::bind(int socket, const std::string& path, unsigned permissions) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr std::size_t path_max = sizeof address.sun_path - 1;
  if (path.empty() || path.front() != '/') return refused(ErrorCode::invalid_argument, "the path of a socket must begin with /");
  if (path.size() > path_max)
    return refused(ErrorCode::invalid_argument, "the path of a socket has at most " + std::to_string(path_max) + " bytes");
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto free = remove_stale(path, address); !free) return unexpected(std::move(free).error());
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) return refused(ErrorCode::address_in_use, "somebody listens at " + path);
    return system_failure("cannot bind " + path);
  }
  // Nobody can connect before listen(), so that nobody comes in under other permissions.
  struct stat made {};
  if (::chmod(path.c_str(), permissions) != 0 || ::lstat(path.c_str(), &made) != 0) {
    auto failure = system_failure("cannot set the permissions of " + path);
    ::unlink(path.c_str());
    return failure;
  }
  return UnixSocketFile(path, made.st_dev, made.st_ino);
}

UnixSocketFile::UnixSocketFile(UnixSocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), file_(other.file_) {}

UnixSocketFile::~UnixSocketFile() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == file_) ::unlink(path_.c_str());
}

}  // namespace zegocall::net_detail
