// What a load client does to a server that knows join, echo, signal and publish (echo_server's words), and what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "histogram.hpp"
#include "link.hpp"

namespace load {

enum class Scenario : std::uint8_t {
  echo,   ///< every connection asks; a message is one answer
  relay,  ///< connection 2k tells 2k + 1; a message is one delivery
  room,   ///< the first of each room tells the others; a message is one delivery to one of them
  churn,  ///< connect, join, leave, again; a message is one connection that had joined
  idle,   ///< connections that only answer pings
};

struct Options {
  Scenario scenario = Scenario::echo;
  Target target{};
  std::string ca_file{};  ///< given: TLS
  int pid = 0;            ///< of the server, for its CPU and memory
  int connections = 200;
  int members = 10;   ///< of a room
  int in_flight = 1;  ///< messages that one sender has under way
  int rate = 0;       ///< messages a second of all senders together, at their own pace; 0: the next one when one has arrived
  int bytes = 100;    ///< of text in a message
  double warm_up = 1, seconds = 2;
  int sources = 1;  ///< loopback addresses to connect from
};

struct Figures {
  std::uint64_t messages = 0, lost_connections = 0;
  double seconds = 0, server_cpu = 0, own_cpu = 0;
  double bytes_per_connection = 0;
  Histogram times{};
  double connects_per_second = 0;
};

class Bench {
 public:
  explicit Bench(const Options& options);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  Figures run();

  // What links tell:
  void on_joined(std::size_t index);
  void on_packet(std::size_t index, std::string_view packet);
  void on_lost(std::size_t index);

 private:
  struct Member {
    std::unique_ptr<Link> link{};
    std::uint64_t connected_ns = 0, next_id = 1;
    int received = 0;  ///< of the room's message under way
    bool ready = false, leaving = false;
  };
  void open_all();
  void connect(std::size_t index);
  void on_ready(std::size_t index);
  void measure(Figures& figures);
  void fire(std::size_t index, std::uint64_t ns);
  void on_time(std::uint64_t sent_ns, std::uint64_t now);
  std::size_t senders() const;
  std::size_t sender(std::size_t number) const;

  Options options_;
  Loop loop_;
  std::string pad_{}, scratch_{};
  std::vector<Member> members_{};
  std::size_t opening_ = 0, ready_ = 0;
  bool running_ = false, counting_ = false, stopping_ = false;
  Figures figures_{};
};

}  // namespace load
