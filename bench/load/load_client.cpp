// load_client: what a Socket.IO server does in a second, and what it spends on it. Loopback only, bounded in time and number, one
// thread. Prints one line of JSON.
//
//   echo_server --port 3000 & load_client --port 3000 --pid $! --scenario echo --connections 200 --in-flight 8 --seconds 3
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "process.hpp"
#include "scenario.hpp"

namespace {

using load::Options;
using load::Scenario;

constexpr const char* usage =
    "load_client --port P [--pid PID] [--scenario echo|relay|room|churn|idle] [--transport websocket|polling] [--tls CA.pem]\n"
    "            [--connections N] [--members N] [--in-flight N] [--rate N] [--bytes N] [--sources N] [--warm-up S] [--seconds "
    "S]\n";

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "load_client: %s\n%s", why.c_str(), usage);
  std::exit(2);
}

const std::map<std::string_view, Scenario> scenarios{{"echo", Scenario::echo},
                                                     {"relay", Scenario::relay},
                                                     {"room", Scenario::room},
                                                     {"churn", Scenario::churn},
                                                     {"idle", Scenario::idle}};

int number(std::string_view flag, std::string_view text, int low, int high) {
  int out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || end != text.data() + text.size() || out < low || out > high)
    refuse(std::string(flag) + " must be a number from " + std::to_string(low) + " to " + std::to_string(high));
  return out;
}

void take(Options& out, std::string_view flag, const char* text) {
  if (flag == "--port") return void(out.target.port = number(flag, text, 1, 65535));
  if (flag == "--pid") return void(out.pid = number(flag, text, 1, 1 << 30));
  if (flag == "--connections") return void(out.connections = number(flag, text, 1, 20'000));
  if (flag == "--members") return void(out.members = number(flag, text, 2, 10'000));
  if (flag == "--in-flight") return void(out.in_flight = number(flag, text, 1, 1000));
  if (flag == "--rate") return void(out.rate = number(flag, text, 0, 10'000'000));
  if (flag == "--bytes") return void(out.bytes = number(flag, text, 0, 100'000));
  if (flag == "--sources") return void(out.sources = number(flag, text, 1, 200));
  if (flag == "--warm-up") return void(out.warm_up = number(flag, text, 0, 600));
  if (flag == "--seconds") return void(out.seconds = number(flag, text, 1, 600));
  if (flag == "--tls") return void(out.ca_file = text);
  if (flag == "--transport" && (std::string_view(text) == "polling" || std::string_view(text) == "websocket"))
    return void(out.target.polling = text[0] == 'p');
  const auto known = scenarios.find(text);
  if (flag != "--scenario" || known == scenarios.end()) refuse("do not know " + std::string(flag) + " " + text);
  out.scenario = known->second;
}

void print(const Options& options, const load::Figures& figures) {
  const double messages = static_cast<double>(figures.messages);
  std::printf(
      "{\"messages\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"per_cpu_s\":%.0f,\"server_cpu\":%.3f,\"load_cpu\":%.3f,\"p50_us\":%."
      "0f,"
      "\"p99_us\":%.0f,\"p999_us\":%.0f,\"bytes_per_connection\":%.0f,\"connects_per_s\":%.0f,\"lost\":%llu}\n",
      static_cast<unsigned long long>(figures.messages), figures.seconds, messages / figures.seconds,
      options.pid > 0 && figures.server_cpu > 0 ? messages / figures.server_cpu : 0, figures.server_cpu / figures.seconds,
      figures.own_cpu / figures.seconds, figures.times.microseconds_at(0.5), figures.times.microseconds_at(0.99),
      figures.times.microseconds_at(0.999), figures.bytes_per_connection, figures.connects_per_second,
      static_cast<unsigned long long>(figures.lost_connections));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc) refuse(std::string("no value for ") + argv[i]);
    take(options, argv[i], argv[i + 1]);
  }
  if (options.target.port == 0) refuse("--port is missing");
  if (options.scenario == Scenario::relay && options.connections % 2 != 0) refuse("relay needs pairs of connections");
  if (options.scenario == Scenario::room && options.connections % options.members != 0) refuse("room needs full rooms");
  load::raise_descriptor_limit();
  const load::Figures figures = load::Bench(options).run();
  print(options, figures);
  const bool fine = figures.lost_connections == 0 && (figures.messages > 0 || options.scenario == Scenario::idle);
  if (!fine) std::fprintf(stderr, "load_client: connections were lost, or nothing came back\n");
  return fine ? 0 : 1;
}
