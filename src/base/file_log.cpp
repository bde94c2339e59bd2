#include "zegocall/base/file_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "zegocall/base/time.hpp"

namespace zegocall {

class FileLog::Impl {
 public:
  Impl(std::string path, LogLevel least, LogSink trouble) : path_(std::move(path)), least_(least), trouble_(std::move(trouble)) {}
  ~Impl() {
    if (file_ >= 0) ::close(file_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open() {
    const int opened = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (opened < 0) return fail_field(ErrorCode::io_error, "path", "cannot write to " + path_ + ": " + std::strerror(errno));
    const std::scoped_lock lock(mutex_);
    if (file_ >= 0) ::close(file_);
    file_ = opened;
    broken_off_ = false;
    return {};
  }

  void take(LogLevel level, std::string_view text) {
    if (level < least_) return;
    std::unique_lock lock(mutex_);
    if (untold_ > 0 && write(LogLevel::warning, std::to_string(untold_) + " lines could not be written here")) untold_ = 0;
    if (untold_ == 0 && write(level, text)) return;
    ++untold_;
    ++lost_;
    const SteadyTime now = system_now().steady;
    if (!trouble_ || now < next_trouble_) return;
    next_trouble_ = now + std::chrono::minutes(1);
    const std::string told =
        "lines are lost that cannot be written to " + path_ + ", " + std::to_string(lost_) + " so far: " + why_;
    lock.unlock();
    trouble_(LogLevel::warning, told);
  }

  std::uint64_t lost() const {
    const std::scoped_lock lock(mutex_);
    return lost_;
  }

 private:
  bool write(LogLevel level, std::string_view text) {
    std::string line;
    if (broken_off_) line.push_back('\n');
    line.append(iso8601(system_now().wall)).append(" ").append(name(level)).append(" ").append(text).push_back('\n');
    ssize_t written = -1;
    do written = ::write(file_, line.data(), line.size());
    while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(line.size())) {
      broken_off_ = false;
      return true;
    }
    why_ = std::strerror(written < 0 ? errno : ENOSPC);
    if (written > 0) take_back(written);
    return false;
  }

  /// The disk was full in the middle of a line. Another process that appends to the file meanwhile would lose what it
  /// wrote, so only what is still the end of the file is cut off.
  void take_back(ssize_t written) {
    struct stat now {};
    const off_t end = ::lseek(file_, 0, SEEK_CUR);
    const bool ours = end >= written && ::fstat(file_, &now) == 0 && S_ISREG(now.st_mode) && now.st_size == end;
    if (!ours || ::ftruncate(file_, end - written) != 0) broken_off_ = true;
  }

  const std::string path_;
  const LogLevel least_;
  const LogSink trouble_;
  mutable std::mutex mutex_;
  int file_ = -1;
  bool broken_off_ = false;  // the file ends in the middle of a line
  std::uint64_t lost_ = 0, untold_ = 0;
  SteadyTime next_trouble_{};
  std::string why_;  // the last line was lost
};

FileLog::FileLog(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<FileLog> FileLog::open(const std::string& path, LogLevel least, LogSink trouble) {
  auto impl = std::make_shared<Impl>(path, least, std::move(trouble));
  if (auto opened = impl->open(); !opened) return unexpected(std::move(opened).error());
  return FileLog(std::move(impl));
}

LogSink FileLog::sink() const {
  return [impl = impl_](LogLevel level, std::string_view text) { impl->take(level, text); };
}

std::uint64_t FileLog::lost() const { return impl_->lost(); }
Result<void> FileLog::reopen() { return impl_->open(); }

}  // namespace zegocall
