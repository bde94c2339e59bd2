// A TCP connection for a thread that waits: every wait ends at a deadline.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::net_detail {

class BlockingSocket {
 public:
  /// Resolves the name (numeric or not) and tries its addresses in turn. unreachable, also when the time is up.
  static Result<BlockingSocket> connect(const std::string& host, std::uint16_t port, SteadyTime deadline);

  BlockingSocket(BlockingSocket&& other) noexcept;
  BlockingSocket& operator=(BlockingSocket&& other) noexcept;
  ~BlockingSocket();

  /// Appends what is there; waits until there is something. False: the peer has said "no more". timeout, closed, io_error.
  Result<bool> read(std::string& into, SteadyTime deadline);
  Result<void> write(std::string_view bytes, SteadyTime deadline);
  /// What has arrived, without waiting; false if the connection is over.
  bool read_now(std::string& into);

 private:
  explicit BlockingSocket(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace zegocall::net_detail
