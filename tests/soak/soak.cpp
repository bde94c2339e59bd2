// soak: a bounded, steady load on an echo_server for as long as it is told, both transports, with connections that come and go.
// It fails when an acknowledged message was lost or doubled, when a connection that should stay was lost, when the server's
// memory goes up, or when its descriptors do not come back to what they were.
//
//   soak --port P --pid PID --seconds S [--rate N] [--churn N] [--growth-kib N] [--plant loss|double|fd]
//
// --growth-kib is what the memory may grow by in a run that is too short for a slope. A planted fault shows that the check can
// fail; scripts/soak.sh has one more, of the server's.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link.hpp"
#include "process.hpp"
#include "soak/ledger.hpp"
#include "soak/memory.hpp"

namespace {

using load::Loop;
using load::now_ns;

constexpr int steady_pairs = 60, every_nth_polls = 5, churners = 40, messages_each = 4, sources = 4;
constexpr double percent_per_minute_max = 0.5, judged_share = 0.6;
constexpr std::uint64_t second = 1'000'000'000, sample_every = second / 4, settle_limit = 10 * second;
constexpr std::uint64_t planted_turn =
    201;  ///< what a steady connection says then, to its partner, is lost or doubled on arrival
constexpr int planted_connection_every = 25;

enum class Plant { none, loss, twice, descriptor };

struct Options {
  int port = 0, pid = 0, seconds = 0, rate = 400, churn = 40, growth_kib = 0;
  Plant plant = Plant::none;
};

class Soak;

/// One connection. A steady one has a partner to whom it tells things; one that comes and goes tells them to a steady one.
struct Caller {
  Soak* soak = nullptr;
  std::string name{};
  std::string partner{};
  std::unique_ptr<load::Link> link{};
  bool steady = false, ready = false, open = false, leaving = false;
  bool drops = false;  ///< closes its sockets without a word, and without waiting for answers
  int left_to_say = 0;
  std::uint64_t next_id = 1;
  std::map<std::uint64_t, std::pair<std::uint64_t, bool>>
      asked{};  ///< by ack id: the message's number, and whether it is an echo

  void on_joined();
  void on_packet(std::string_view packet);
  void on_lost();
  /// The message's number.
  std::uint64_t say(bool echo);
};

template <class Base>
class CallerLink final : public Base {
 public:
  CallerLink(Loop& loop, Caller& caller) : Base(loop), caller_(caller) {}

 private:
  void on_joined() override { caller_.on_joined(); }
  void on_packet(std::string_view packet) override { caller_.on_packet(packet); }
  void on_lost() override { caller_.on_lost(); }
  Caller& caller_;
};

class Soak {
 public:
  explicit Soak(const Options& options) : options_(options) {}
  int run();

  soak::Ledger ledger{};
  void delivered(std::uint64_t number);
  void lost(const Caller& caller) {
    if (caller.steady) reason_ = "a connection that should stay was lost: " + caller.name;
  }

 private:
  void open(Caller& caller, bool polls, int source);
  void add(std::string name, std::string partner, bool steady, bool polls);
  void turn();
  void pace();
  void load_until(std::uint64_t end);
  void print() const;
  void come_and_go();
  void part_from(Caller& caller);
  void judge_memory();
  /// Everybody who comes and goes is gone, and what was acknowledged has arrived: the server's descriptors then.
  std::optional<int> quiet();
  template <class Condition>
  bool wait(Condition&& condition);
  int finish(const char* verdict) const;
  void fail_if(bool bad, std::string why) {
    if (bad && reason_.empty()) reason_ = std::move(why);
  }

  Options options_;
  Loop loop_{};
  std::mt19937_64 random_{20'240'601};
  std::vector<std::unique_ptr<Caller>> steady_{}, coming_{};
  std::vector<std::unique_ptr<Caller>> kept_open_{};  ///< by the planted fault
  std::vector<soak::Sample> samples_{};
  std::string reason_{};
  std::uint64_t begun_ = 0, sampled_ = 0, next_say_ = 0, next_come_ = 0;
  std::uint64_t told_ = 0, came_ = 0, left_ = 0;
  std::optional<std::uint64_t> planted_{};  ///< the message that the planted fault is about
  int descriptors_before_ = 0, descriptors_after_ = 0;
};

// ---- one caller -----------------------------------------------------------------------------------------------------

void Caller::on_joined() { link->send("420[\"join\",{\"room\":\"all\",\"id\":\"" + name + "\"}]"); }

void Caller::on_packet(std::string_view packet) {
  constexpr std::string_view signal = "42[\"signal\",";
  if (packet.substr(0, signal.size()) == signal) {
    const std::string_view number = load::text_after(packet, "\"number\":\"");
    std::uint64_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return soak->delivered(value);
  }
  if (packet.substr(0, 2) != "43") return;
  std::uint64_t id = 0;
  std::from_chars(packet.data() + 2, packet.data() + packet.size(), id);
  if (id == 0) return void(ready = true);
  const auto question = asked.find(id);
  if (question == asked.end()) return soak->ledger.acknowledged(~std::uint64_t{0});
  const auto [number, echo] = question->second;
  asked.erase(question);
  if (!echo) return soak->ledger.acknowledged(number);
  if (load::text_after(packet, "\"number\":\"") != std::to_string(number)) return soak->ledger.acknowledged(~std::uint64_t{0});
  soak->ledger.answered(number);
}

void Caller::on_lost() {
  if (!leaving) soak->lost(*this);
  open = ready = false;
}

std::uint64_t Caller::say(bool echo) {
  const std::uint64_t number = soak->ledger.say(), id = next_id++;
  asked.emplace(id, std::pair(number, echo));
  const std::string what = echo ? "[\"echo\",{" : "[\"signal\",{\"to\":\"" + partner + "\",";
  link->send("42" + std::to_string(id) + what + "\"number\":\"" + std::to_string(number) +
             "\",\"sdp\":\"v=0\\r\\no=- 4611731400430051336 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n\"}]");
  return number;
}

// ---- all of them ----------------------------------------------------------------------------------------------------

void Soak::delivered(std::uint64_t number) {
  if (options_.plant == Plant::loss && number == planted_) return;
  ledger.delivered(number);
  if (options_.plant == Plant::twice && number == planted_) ledger.delivered(number);
}

void Soak::open(Caller& caller, bool polls, int source) {
  if (polls)
    caller.link = std::make_unique<CallerLink<load::PollingLink>>(loop_, caller);
  else
    caller.link = std::make_unique<CallerLink<load::WebSocketLink>>(loop_, caller);
  caller.open = true;
  caller.link->connect({.port = options_.port, .polling = polls, .source = source % sources});
}

void Soak::add(std::string name, std::string partner, bool steady, bool polls) {
  auto caller = std::make_unique<Caller>();
  caller->soak = this;
  caller->name = std::move(name);
  caller->partner = std::move(partner);
  caller->steady = steady;
  open(*caller, polls, static_cast<int>(came_));
  (steady ? steady_ : coming_).push_back(std::move(caller));
}

template <class Condition>
bool Soak::wait(Condition&& condition) {
  const std::uint64_t end = now_ns() + settle_limit;
  while (!condition() && reason_.empty()) {
    if (now_ns() > end) return false;
    turn();
  }
  return reason_.empty();
}

void Soak::turn() {
  loop_.turn(2);
  const std::uint64_t now = now_ns();
  if (now - sampled_ >= sample_every) {
    sampled_ = now;
    samples_.push_back({static_cast<double>(now - begun_) / 1e9, static_cast<double>(load::resident_bytes(options_.pid))});
    fail_if(samples_.back().bytes == 0, "the server is gone");
  }
  fail_if(ledger.doubled() > 0, "doubled: " + ledger.complaint());
}

/// So many messages and so many new connections a second, whatever comes back.
void Soak::pace() {
  const auto steady_count = static_cast<std::uint64_t>(steady_.size());
  // One in ten asks for an echo, the others are told to the partner.
  for (; now_ns() >= next_say_; next_say_ += second / static_cast<std::uint64_t>(options_.rate), ++told_) {
    const std::uint64_t number = steady_[told_ % steady_count]->say(told_ % 10 == 0);
    if (told_ == planted_turn) planted_ = number;
  }
  while (now_ns() >= next_come_ && coming_.size() < churners) {
    next_come_ += second / static_cast<std::uint64_t>(options_.churn);
    add("coming" + std::to_string(came_), "steady" + std::to_string(came_ % steady_count), false, came_ % 3 == 0);
    coming_.back()->left_to_say = messages_each;
    coming_.back()->drops = random_() % 2 == 0;
    ++came_;
  }
}

void Soak::come_and_go() {
  for (auto& caller : coming_) {
    if (!caller->open || !caller->ready || caller->leaving) continue;
    if (caller->left_to_say > 0) {
      --caller->left_to_say;
      caller->say(caller->left_to_say % 2 == 0);
    } else if (caller->drops || caller->asked.empty()) {
      caller->leaving = true;
      if (options_.plant == Plant::descriptor && ++left_ % planted_connection_every == 0)
        kept_open_.push_back(std::move(caller));
      else
        part_from(*caller);
    }
  }
  std::erase_if(coming_, [](const auto& caller) { return !caller || !caller->open; });
}

void Soak::part_from(Caller& caller) {
  if (!caller.drops) return caller.link->leave();
  caller.link->drop();
  caller.open = false;
}

std::optional<int> Soak::quiet() {
  const bool gone = wait([&] {
    come_and_go();
    return coming_.empty();
  });
  if (!gone) return fail_if(true, "connections that left are still open"), std::nullopt;
  if (!wait([&] { return ledger.lost() == 0; }))
    return fail_if(true, "lost: " + std::to_string(ledger.lost()) + " messages were acknowledged and did not arrive"),
           std::nullopt;
  // The same number for a second.
  int seen = -1;
  std::uint64_t since = 0;
  const bool settled = wait([&] {
    const int now_open = load::open_descriptors(options_.pid);
    if (now_open != std::exchange(seen, now_open)) since = now_ns();
    return now_ns() - since > second;
  });
  if (!settled) return fail_if(true, "the server's descriptors do not settle"), std::nullopt;
  return seen;
}

void Soak::judge_memory() {
  const soak::Slope slope = soak::slope_of(samples_, judged_share);
  const double grown_kib = slope.bytes_per_minute * slope.seconds / 60 / 1024;
  std::printf("memory: %.1f MiB, %+.0f KiB in the last %.0f s, %+.2f %% a minute (at most %.1f", slope.mean_bytes / 1048576,
              grown_kib, slope.seconds, slope.percent_per_minute(), percent_per_minute_max);
  if (options_.growth_kib > 0) std::printf(", or %d KiB in so short a run", options_.growth_kib);
  std::puts(")");
  fail_if(slope.percent_per_minute() > percent_per_minute_max && grown_kib > options_.growth_kib,
          "memory: the server's resident memory goes up");
}

int Soak::finish(const char* verdict) const {
  std::printf("%s%s%s\n", verdict, reason_.empty() ? "" : ": ", reason_.c_str());
  return reason_.empty() ? 0 : 1;
}

int Soak::run() {
  begun_ = sampled_ = now_ns();
  for (int n = 0; n < steady_pairs * 2; ++n)
    add("steady" + std::to_string(n), "steady" + std::to_string(n ^ 1), true, n % every_nth_polls == 0);
  const auto all_ready = [&] {
    return std::all_of(steady_.begin(), steady_.end(), [](const auto& each) { return each->ready; });
  };
  if (!wait(all_ready)) return fail_if(true, "the server does not let the connections in"), finish("failed");

  const std::uint64_t start = now_ns(), length = static_cast<std::uint64_t>(options_.seconds) * second;
  load_until(start + length * 4 / 10);
  if (reason_.empty()) descriptors_before_ = quiet().value_or(0);
  load_until(start + length);
  if (reason_.empty()) descriptors_after_ = quiet().value_or(0);
  print();
  fail_if(descriptors_after_ != descriptors_before_, "descriptors: they do not come back to what they were");
  judge_memory();
  return finish(reason_.empty() ? "passed" : "failed");
}

void Soak::load_until(std::uint64_t end) {
  next_say_ = next_come_ = now_ns();
  while (now_ns() < end && reason_.empty()) {
    pace();
    come_and_go();
    turn();
  }
}

void Soak::print() const {
  std::printf(
      "%llu messages said, %llu acknowledged, %llu of those lost, %llu doubled; %llu connections came and went, %d stayed\n",
      static_cast<unsigned long long>(ledger.said()), static_cast<unsigned long long>(ledger.acknowledged_count()),
      static_cast<unsigned long long>(ledger.lost()), static_cast<unsigned long long>(ledger.doubled()),
      static_cast<unsigned long long>(came_), steady_pairs * 2);
  std::printf("descriptors: %d after 40 %% of the time, %d at the end, with the same connections open\n", descriptors_before_,
              descriptors_after_);
}

// ---- the command line -----------------------------------------------------------------------------------------------

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr,
               "soak: %s\nsoak --port P --pid PID --seconds S [--rate N] [--churn N] [--growth-kib N] [--plant loss|double|fd]\n",
               why.c_str());
  std::exit(2);
}

int number(std::string_view flag, std::string_view text, int low, int high) {
  int out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || end != text.data() + text.size() || out < low || out > high)
    refuse(std::string(flag) + " must be a number from " + std::to_string(low) + " to " + std::to_string(high));
  return out;
}

void take(Options& out, std::string_view flag, std::string_view text) {
  if (flag == "--port")
    out.port = number(flag, text, 1, 65535);
  else if (flag == "--pid")
    out.pid = number(flag, text, 1, 1 << 30);
  else if (flag == "--seconds")
    out.seconds = number(flag, text, 5, 86'400);
  else if (flag == "--rate")
    out.rate = number(flag, text, 1, 5000);
  else if (flag == "--churn")
    out.churn = number(flag, text, 1, 500);
  else if (flag == "--growth-kib")
    out.growth_kib = number(flag, text, 0, 1 << 20);
  else if (flag == "--plant" && text == "loss")
    out.plant = Plant::loss;
  else if (flag == "--plant" && text == "double")
    out.plant = Plant::twice;
  else if (flag == "--plant" && text == "fd")
    out.plant = Plant::descriptor;
  else
    refuse("do not know " + std::string(flag) + " " + std::string(text));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc) refuse(std::string("no value for ") + argv[i]);
    take(options, argv[i], argv[i + 1]);
  }
  if (options.port == 0 || options.pid == 0 || options.seconds == 0) refuse("--port, --pid and --seconds are needed");
  load::raise_descriptor_limit();
  return Soak(options).run();
}
