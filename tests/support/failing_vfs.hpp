// A file system for SQLite that fails when a test says so, shows what is synced, and can lose what was not.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace zegocall::test {

/// Registers a SQLite VFS of its own over the default one; SqliteOptions::vfs takes its name(). It counts the writes,
/// truncations and syncs of databases and logs as operations 0, 1, 2, ... and does not really sync: a test that loses
/// power here is not after the machine's disk. All connections must be closed before it goes. Hooks are set before the
/// first connection and run on the thread that uses the store; the rest may be called from any thread.
class FailingVfs {
 public:
  enum class Fault : std::uint8_t { io_error, full };
  enum class Lasting : std::uint8_t { once, from_then_on };

  FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;
  ~FailingVfs();

  const std::string& name() const;

  /// Operation `n` from now on fails, or it and all after it. A failing write leaves the first half of its bytes.
  void fail_at(std::uint64_t n, Fault fault = Fault::io_error, Lasting lasting = Lasting::once);
  /// Fails nothing from now on, and counts from 0 again.
  void heal();
  /// Operations since the last fail_at or heal, the failed ones too.
  std::uint64_t operations() const;
  /// Of these, how many were made to fail.
  std::uint64_t failures() const;

  /// Runs after each sync that succeeded, with the file's path.
  void on_sync(std::function<void(std::string_view path)> hook);
  /// Runs before each write, with the file's path.
  void on_write(std::function<void(std::string_view path)> hook);

  /// What the disk holds after the machine lost power now: writes after a file's last sync are taken back. The
  /// connections must be closed first, with fail_at(0, ..., from_then_on) before it so that closing writes nothing.
  void lose_unsynced();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::test
