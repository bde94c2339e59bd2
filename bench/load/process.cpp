#include "process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace load {
namespace {

std::string of(int pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

}  // namespace

/// Of the threads that live: nanoseconds, where /proc/PID/stat counts ticks of ten milliseconds.
double cpu_seconds(int pid) {
  double sum = 0;
  std::error_code missing;
  for (const auto& task : std::filesystem::directory_iterator(of(pid, "task"), missing)) {
    std::ifstream file(task.path() / "schedstat");
    double ns = 0;
    if (file >> ns) sum += ns / 1e9;
  }
  return sum;
}

std::uint64_t resident_bytes(int pid) {
  std::ifstream file(of(pid, "statm"));
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

int open_descriptors(int pid) {
  std::error_code missing;
  const std::filesystem::directory_iterator all(of(pid, "fd"), missing);
  return missing ? 0 : static_cast<int>(std::distance(begin(all), end(all)));
}

void raise_descriptor_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace load
