// A log sink that writes to a file, and outlives a full disk.
//
//   auto log = FileLog::open("access.log").value();
//   HubOptions options;
//   options.access_log = log.sink();
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "zegocall/base/log.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall {

/// Appends to one file: level, UTC time and text, one write per line. A line that cannot be written (the disk is full, the
/// file is on a share that is gone) is dropped and counted, never half in the file where that can be helped; once there is
/// room again, a line tells how many are missing, and the next ones are written as before. Copyable: copies are the same
/// file. Any thread; the sink may outlive it.
class FileLog {
 public:
  /// Makes the file if it is not there, readable by its owner and group. Errors: io_error (field "path"). `trouble` is told,
  /// at most once a minute, on the thread of the line, that lines are lost; it must not write to this file.
  static Result<FileLog> open(const std::string& path, LogLevel least = LogLevel::info, LogSink trouble = {});

  /// Takes lines of level `least` and worse.
  LogSink sink() const;
  /// Lines that were dropped since open.
  std::uint64_t lost() const;
  /// Closes the file and opens what is at the path now: after somebody has moved the old one away. On failure the old one
  /// stays. Errors: as open.
  Result<void> reopen();

 private:
  class Impl;
  explicit FileLog(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace zegocall
