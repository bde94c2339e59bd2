// load_client: how many echoes with acknowledgement echo_server answers per second, and how fast. Loopback only, bounded in
// time and number, one thread.
//
//   echo_server --port 3000 & load_client --port 3000 --pid $! --connections 200 --in-flight 8 --seconds 3
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "net/ws_frames.hpp"

namespace {

using namespace zegocall::net_detail;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Options {
  int port = 0;
  int pid = 0;
  int connections = 200;
  int in_flight = 1;
  int seconds = 3;
  int bytes = 100;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "load_client: %s\n", why.c_str());
  std::exit(1);
}

/// One connection: set up with blocking calls, then driven by epoll.
class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      give_up("no server on port " + std::to_string(port));
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void begin() {
    out_ =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    write();
  }
  int socket() const { return socket_; }
  bool joined() const { return joined_; }

  /// Waits, at most ten seconds, until the namespace is joined; then the socket never blocks again.
  void join() {
    const auto end = Clock::now() + 10s;
    while (!joined_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (Clock::now() > end || ::poll(&waiting, 1, 1000) < 0) give_up("the server does not let a connection in");
      if (waiting.revents != 0) read([](Clock::time_point) {});
    }
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  }

  void ask(std::string_view payload) {
    frame("42" + std::to_string(next_id_++) + std::string(payload));
    asked_.push_back(Clock::now());
  }

  /// Reads what there is; `answered` gets the time at which each answered question was asked.
  template <class F>
  void read(F&& answered) {
    std::array<char, 65536> chunk{};
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) give_up("the server closed a connection");
    in_.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t at = 0;
    if (!upgraded_) {
      const std::size_t end = in_.find("\r\n\r\n");
      if (end == std::string::npos) return;
      if (in_.compare(9, 3, "101") != 0) give_up("the server refused a WebSocket");
      upgraded_ = true;
      at = end + 4;
    }
    while (true) {
      const auto step = reader_.next(in_.data() + at, in_.size() - at, 1 << 24);
      if (step.consumed == 0) break;
      at += step.consumed;
      if (step.got == WsReader::Got::message) take(step.payload, answered);
    }
    in_.erase(0, at);
  }

  void write() {
    while (!out_.empty()) {
      const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) give_up("the server closed a connection");
      out_.erase(0, static_cast<std::size_t>(sent));
    }
  }

 private:
  template <class F>
  void take(std::string_view message, F&& answered) {
    if (message.front() == '0') {
      frame("40");
      write();
    } else if (message == "2") {
      frame("3");
      write();
    } else if (message.substr(0, 2) == "40") {
      joined_ = true;
    } else if (message.substr(0, 2) == "43" && !asked_.empty()) {
      const auto when = asked_.front();
      asked_.pop_front();
      answered(when);
    }
  }
  void frame(std::string_view text) { append_masked_frame(out_, WsOpcode::text, text, 0x9e3779b9); }

  int socket_;
  bool upgraded_ = false, joined_ = false;
  std::uint64_t next_id_ = 0;
  std::string in_, out_;
  WsReader reader_{WsSide::client};
  std::deque<Clock::time_point> asked_;
};

/// CPU seconds that a process has used.
double cpu_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream fields(line.substr(end + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Options read_options(int argc, char** argv) {
  Options out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const int value = std::atoi(argv[i + 1]);
    if (flag == "--port")
      out.port = value;
    else if (flag == "--pid")
      out.pid = value;
    else if (flag == "--connections")
      out.connections = std::clamp(value, 1, 10'000);
    else if (flag == "--in-flight")
      out.in_flight = std::clamp(value, 1, 100);
    else if (flag == "--seconds")
      out.seconds = std::clamp(value, 1, 60);
    else if (flag == "--bytes")
      out.bytes = std::clamp(value, 0, 100'000);
    else
      out.port = 0, i = argc;
  }
  if (argc % 2 == 1 && out.port > 0 && out.port < 65536) return out;
  std::fputs("load_client --port P [--pid P] [--connections N] [--in-flight N] [--seconds S] [--bytes N]\n", stderr);
  std::exit(2);
}

struct Figures {
  std::vector<std::uint32_t> microseconds;
  double seconds = 0, cpu = 0;
};

Figures drive(const Options& options, std::vector<std::unique_ptr<Connection>>& connections) {
  const int poll_set = epoll_create1(EPOLL_CLOEXEC);
  const std::string payload = "[\"echo\",\"" + std::string(static_cast<std::size_t>(options.bytes), 'x') + "\"]";
  for (auto& connection : connections) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection.get();
    epoll_ctl(poll_set, EPOLL_CTL_ADD, connection->socket(), &event);
    for (int i = 0; i < options.in_flight; ++i) connection->ask(payload);
    connection->write();
  }
  Figures out;
  const auto start = Clock::now() + 1s, end = start + std::chrono::seconds(options.seconds);  // a second to warm up
  double cpu_before = -1;
  std::array<epoll_event, 256> events{};
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    const bool counts = now >= start;
    if (counts && cpu_before < 0) cpu_before = cpu_of(options.pid);
    const int ready = epoll_wait(poll_set, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      connection.read([&](Clock::time_point asked) {
        if (counts)
          out.microseconds.push_back(
              static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked).count()));
        connection.ask(payload);
      });
      connection.write();
    }
  }
  out.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  out.cpu = cpu_of(options.pid) - std::max(cpu_before, 0.0);
  ::close(poll_set);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(options.port));
    connections.back()->begin();
    connections.back()->join();
  }
  Figures figures = drive(options, connections);
  auto& times = figures.microseconds;
  if (times.empty()) give_up("nothing came back");
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]; };
  const double rate = static_cast<double>(times.size()) / figures.seconds;
  std::printf("%d connections, %d in flight each, %d bytes: %.0f echoes/s, p50 %u us, p99 %u us", options.connections,
              options.in_flight, options.bytes, rate, at(0.5), at(0.99));
  if (options.pid > 0 && figures.cpu > 0)
    std::printf(", server %.2f cores, %.0f echoes per CPU-second", figures.cpu / figures.seconds,
                static_cast<double>(times.size()) / figures.cpu);
  std::puts("");
}
