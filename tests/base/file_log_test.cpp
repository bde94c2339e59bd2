// The file sink, on a disk that fills up.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "zegocall/base/file_log.hpp"

using namespace zegocall;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-log-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
  std::filesystem::path path;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// For as long as it lives no file may grow beyond this: what a full disk looks like to a writer.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &now) == 0);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a line has its level and time; those below the level are left out; what was there stays") {
  const Folder folder;
  std::ofstream(folder.file("a.log")) << "old\n";
  const LogSink sink = FileLog::open(folder.file("a.log"), LogLevel::warning).value().sink();  // outlives the FileLog
  sink(LogLevel::info, "too little");
  sink(LogLevel::error, "enough");
  const auto lines = lines_of(folder.file("a.log"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "old");
  CHECK(lines[1].ends_with(" error enough"));
  CHECK(FileLog::open(folder.file("none/a.log")).error().field == "path");
}

TEST_CASE("a full disk: lines are dropped and counted, none stays half, and it goes on when there is room") {
  const Folder folder;
  const std::string path = folder.file("a.log");
  const FileLog log = FileLog::open(path).value();
  const LogSink sink = log.sink();
  sink(LogLevel::info, "before");
  {
    const FullDisk full(200);  // in the middle of a line
    for (int i = 0; i < 50; ++i) sink(LogLevel::info, "line " + std::to_string(i));
    CHECK(log.lost() > 40);
    CHECK(log.lost() < 50);
    CHECK(std::filesystem::file_size(path) <= 200);
  }
  sink(LogLevel::info, "after");
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 50 - log.lost() + 3);
  CHECK(lines.front().ends_with(" info before"));
  for (std::size_t i = 1; i < lines.size() - 2; ++i) CHECK(lines[i].ends_with(" info line " + std::to_string(i - 1)));
  CHECK(lines[lines.size() - 2].ends_with(" warning " + std::to_string(log.lost()) + " lines could not be written here"));
  CHECK(lines.back().ends_with(" info after"));
}

TEST_CASE("a device without room takes nothing, and costs nothing but the count") {
  const FileLog log = FileLog::open("/dev/full").value();
  const LogSink sink = log.sink();
  for (int i = 0; i < 1000; ++i) sink(LogLevel::info, "gone");
  CHECK(log.lost() == 1000);
}

TEST_CASE("lost lines are told elsewhere, once a minute at most, with the reason") {
  std::vector<std::string> told;
  const auto trouble = [&](LogLevel level, std::string_view text) {
    told.push_back(std::string(name(level)).append(" ").append(text));
  };
  const LogSink sink = FileLog::open("/dev/full", LogLevel::info, trouble).value().sink();
  for (int i = 0; i < 1000; ++i) sink(LogLevel::info, "gone");
  CHECK(told == std::vector<std::string>{
                    "warning lines are lost that cannot be written to /dev/full, 1 so far: No space left on device"});
}

TEST_CASE("after the file was moved away, reopen makes a new one") {
  const Folder folder;
  FileLog log = FileLog::open(folder.file("a.log")).value();
  log.sink()(LogLevel::info, "one");
  std::filesystem::rename(folder.file("a.log"), folder.file("b.log"));
  log.sink()(LogLevel::info, "two");
  REQUIRE(log.reopen());
  log.sink()(LogLevel::info, "three");
  CHECK(lines_of(folder.file("b.log")).size() == 2);
  CHECK(lines_of(folder.file("a.log")).size() == 1);
}

TEST_CASE("several threads write whole lines") {
  const Folder folder;
  const FileLog log = FileLog::open(folder.file("a.log")).value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([sink = log.sink()] {
      for (int i = 0; i < 500; ++i) sink(LogLevel::info, std::string(100, 'x'));
    });
  for (std::thread& thread : threads) thread.join();
  const auto lines = lines_of(folder.file("a.log"));
  CHECK(lines.size() == 2000);
  for (const std::string& line : lines) CHECK(line.ends_with(" info " + std::string(100, 'x')));
  CHECK(log.lost() == 0);
}
