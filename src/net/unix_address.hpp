// Addresses that are files: "unix:/run/app.sock".
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::net_detail {

/// The path of an address that begins with "unix:"; nothing for any other.
std::optional<std::string> unix_path(std::string_view address);

/// The file of a bound Unix socket. It goes with this object, unless somebody has put another one in its place.
class UnixSocketFile {
 public:
  /// Binds `socket`. The file of a server that is gone is removed first, and nothing else is. invalid_argument (the path),
  /// address_in_use (somebody listens, or the file is no socket), forbidden, io_error; all with the field "host".
  static Result<UnixSocketFile> bind(int socket, const std::string& path, unsigned permissions);
  UnixSocketFile(UnixSocketFile&& other) noexcept;
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;
  ~UnixSocketFile();

 private:
  UnixSocketFile(std::string path, dev_t device, ino_t file) : path_(std::move(path)), device_(device), file_(file) {}
  std::string path_;
  dev_t device_;
  ino_t file_;
};

}  // namespace zegocall::net_detail
