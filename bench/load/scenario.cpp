#include "scenario.hpp"

#include <sys/resource.h>

#include <array>
#include <charconv>

#include "process.hpp"

namespace load {
namespace {

constexpr std::size_t opening_max = 256;
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t open_limit_ns = 120 * second_ns;
constexpr std::size_t stamp_digits = 16;
constexpr std::string_view stamp_marker = "\"ts\":\"";

template <class Base>
class Reporting final : public Base {
 public:
  Reporting(Loop& loop, Bench& bench, std::size_t index) : Base(loop), bench_(bench), index_(index) {}

 private:
  void on_joined() override { bench_.on_joined(index_); }
  void on_packet(std::string_view packet) override { bench_.on_packet(index_, packet); }
  void on_lost() override { bench_.on_lost(index_); }
  Bench& bench_;
  std::size_t index_;
};

/// Text that looks like what calls relay, with the escapes of its line ends.
std::string candidates(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes)
    out += "a=candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.17 rport 46154\\r\\n";
  out.resize(bytes);
  for (std::size_t i = bytes; i > 0 && i + 2 > bytes && out[i - 1] == '\\'; --i) out[i - 1] = 'x';
  return out;
}

void append_stamp(std::string& out, std::uint64_t ns) {
  std::array<char, stamp_digits> digits{};
  for (std::size_t i = digits.size(); i-- > 0; ns >>= 4) digits[i] = "0123456789abcdef"[ns & 15];
  out.append(digits.data(), digits.size());
}

double own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t in_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

}  // namespace

Bench::Bench(const Options& options)
    : options_(options), loop_(options.ca_file), pad_(candidates(static_cast<std::size_t>(options.bytes))) {
  for (int i = 0; i < options_.connections; ++i) {
    const std::size_t index = members_.size();
    Member& member = members_.emplace_back();
    if (options_.target.polling)
      member.link = std::make_unique<Reporting<PollingLink>>(loop_, *this, index);
    else
      member.link = std::make_unique<Reporting<WebSocketLink>>(loop_, *this, index);
  }
}

Bench::~Bench() = default;

Figures Bench::run() {
  const std::uint64_t memory = resident_bytes(options_.pid), begun = now_ns();
  if (options_.scenario == Scenario::churn) {
    running_ = true;
    for (std::size_t i = 0; i < members_.size(); ++i) connect(i);
  } else {
    open_all();
    figures_.connects_per_second = static_cast<double>(members_.size()) * 1e9 / static_cast<double>(now_ns() - begun);
  }
  measure(figures_);
  const std::uint64_t now = resident_bytes(options_.pid);
  figures_.bytes_per_connection = (static_cast<double>(now) - static_cast<double>(memory)) / static_cast<double>(members_.size());
  return figures_;
}

void Bench::open_all() {
  const std::uint64_t end = now_ns() + open_limit_ns;
  for (std::size_t next = 0; ready_ < members_.size();) {
    while (next < members_.size() && opening_ < opening_max) connect(next++);
    loop_.turn(100);
    if (now_ns() > end) give_up("the server does not let the connections in");
    if (figures_.lost_connections > 0) give_up("the server closed a connection that was about to join");
  }
  running_ = true;
}

void Bench::connect(std::size_t index) {
  Member& member = members_[index];
  member.connected_ns = now_ns();
  member.ready = member.leaving = false;
  Target target = options_.target;
  target.source = options_.sources > 1 ? static_cast<int>(index % static_cast<std::size_t>(options_.sources)) : 0;
  ++opening_;
  member.link->connect(target);
}

void Bench::on_joined(std::size_t index) {
  const std::size_t room = index / static_cast<std::size_t>(options_.members);
  members_[index].link->send("420[\"join\",{\"room\":\"r" + std::to_string(room) + "\",\"id\":\"u" + std::to_string(index) +
                             "\"}]");
}

void Bench::on_ready(std::size_t index) {
  Member& member = members_[index];
  member.ready = true;
  --opening_;
  ++ready_;
  if (options_.scenario != Scenario::churn) return;
  on_time(member.connected_ns, now_ns());
  member.leaving = true;
  member.link->leave();
}

void Bench::on_lost(std::size_t index) {
  Member& member = members_[index];
  if (member.ready)
    --ready_;
  else
    --opening_;
  if (!member.leaving && !stopping_) ++figures_.lost_connections;
  if (options_.scenario == Scenario::churn && !stopping_) connect(index);
}

void Bench::on_time(std::uint64_t sent_ns, std::uint64_t now) {
  if (!counting_) return;
  ++figures_.messages;
  figures_.times.add(now > sent_ns ? now - sent_ns : 0);
}

void Bench::on_packet(std::size_t index, std::string_view packet) {
  Member& member = members_[index];
  if (!member.ready) {
    if (packet.substr(0, 2) == "43") on_ready(index);
    return;
  }
  const std::string_view stamp = text_after(packet, stamp_marker);
  if (stamp.size() != stamp_digits || !running_) return;
  std::uint64_t sent = 0;
  std::from_chars(stamp.data(), stamp.data() + stamp.size(), sent, 16);
  const std::uint64_t now = now_ns();
  on_time(sent, now);
  if (options_.rate > 0 || stopping_) return;
  if (options_.scenario == Scenario::echo) return fire(index, now);
  if (options_.scenario == Scenario::relay) return fire(index ^ 1, now);
  const auto room_size = static_cast<std::size_t>(options_.members);
  const std::size_t first = index / room_size * room_size;
  if (++members_[first].received < options_.members - 1) return;
  members_[first].received = 0;
  fire(first, now);
}

std::size_t Bench::senders() const {
  switch (options_.scenario) {
    case Scenario::echo: return members_.size();
    case Scenario::relay: return members_.size() / 2;
    case Scenario::room: return members_.size() / static_cast<std::size_t>(options_.members);
    case Scenario::churn:
    case Scenario::idle: return 0;
  }
  return 0;
}

std::size_t Bench::sender(std::size_t number) const {
  if (options_.scenario == Scenario::relay) return number * 2;
  return options_.scenario == Scenario::room ? number * static_cast<std::size_t>(options_.members) : number;
}

void Bench::fire(std::size_t index, std::uint64_t ns) {
  Member& member = members_[index];
  std::string& out = scratch_;
  switch (options_.scenario) {
    case Scenario::echo: out = "42" + std::to_string(member.next_id++) + "[\"echo\",{"; break;
    case Scenario::relay: out = "42[\"signal\",{\"to\":\"u" + std::to_string(index ^ 1) + "\","; break;
    case Scenario::room:
      out = "42[\"publish\",{\"room\":\"r" + std::to_string(index / static_cast<std::size_t>(options_.members)) + "\",";
      break;
    case Scenario::churn:
    case Scenario::idle: return;
  }
  out += stamp_marker;
  append_stamp(out, ns);
  out += "\",\"p\":\"";
  out += pad_;
  out += "\"}]";
  member.link->send(out);
}

void Bench::measure(Figures& figures) {
  const std::uint64_t begun = now_ns(), start = begun + in_ns(options_.warm_up), end = start + in_ns(options_.seconds);
  if (options_.rate == 0)
    for (std::size_t n = 0; n < senders(); ++n)
      for (int i = 0; i < options_.in_flight; ++i) fire(sender(n), now_ns());
  std::uint64_t fired = 0, counted_from = 0;
  double server = 0, own = 0;
  for (std::uint64_t now = begun; now < end; now = now_ns()) {
    if (!counting_ && now >= start) {
      counting_ = true;
      counted_from = now;
      server = cpu_seconds(options_.pid);
      own = own_cpu();
    }
    // At a fixed pace a message bears the time at which it was due: what waits here counts. The loop does not sleep.
    const auto due = static_cast<std::uint64_t>(static_cast<double>(now - begun) / 1e9 * options_.rate);
    for (; fired < due; ++fired) fire(sender(fired % senders()), begun + in_ns(static_cast<double>(fired) / options_.rate));
    loop_.turn(options_.rate > 0 ? 0 : 20);
  }
  counting_ = false;
  stopping_ = true;
  figures.seconds = static_cast<double>(now_ns() - counted_from) / 1e9;
  figures.server_cpu = cpu_seconds(options_.pid) - server;
  figures.own_cpu = own_cpu() - own;
}

}  // namespace load
