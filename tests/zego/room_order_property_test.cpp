// Histories of rooms, told in any order and more than once, against a model that hears them in order and once.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/rapidcheck.hpp"
#include "zegocall/zego/room_order.hpp"

using namespace zegocall;

namespace histories_at_random {

namespace {

constexpr UnixTime start{std::chrono::seconds(1735689600)};

/// Makes one room's true history, event by event, and keeps what is true after it.
class Truth {
 public:
  Truth(std::string_view name, std::uint32_t seed) : room_(name), random_(seed) {}

  std::vector<ProviderEvent> history;
  std::optional<KnownRoom> now_known;

  void step() {
    at_ += std::chrono::milliseconds(1 + pick(50));
    if (!now_known) return create();
    switch (pick(9)) {
      case 0: return pick(3) == 0 ? (pick(2) == 0 ? close() : create()) : login();
      case 1:
      case 2:
      case 3: return login();
      case 4:
      case 5: return logout();
      case 6:
      case 7: return publish();
      default: return unpublish();
    }
  }

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }
  UserId user() { return UserId(std::string_view("u" + std::to_string(pick(4)))); }
  RoomSessionId session() const { return now_known->session; }

  void create() {
    now_known = KnownRoom{room_, RoomSessionId(1000 - ++sessions_), at_, {}, {}};  // numbers say nothing about order
    history.emplace_back(RoomCreated{.room = room_, .session = session(), .created = at_});
  }
  void close() {
    history.emplace_back(RoomClosed{.room = room_, .session = session(), .closed = at_});
    now_known.reset();
  }
  KnownUser* find(const UserId& user) {
    for (KnownUser& known : now_known->users)
      if (known.user == user) return &known;
    return nullptr;
  }
  void login() {
    const UserId who = user();
    KnownUser* known = find(who);
    if (known != nullptr && pick(3) == 0) {  // again, with the same login
      known->at = at_;
    } else {
      if (known != nullptr) others_.push_back({who, known->login_id, known->at});
      std::erase_if(now_known->users, [&](const KnownUser& u) { return u.user == who; });
      now_known->users.push_back({who, std::to_string(pick(1000)) + "-" + std::to_string(++logins_), at_});
      known = &now_known->users.back();
    }
    history.emplace_back(
        RoomLoggedIn{.room = room_, .session = session(), .user = who, .login_id = known->login_id, .at = known->at});
  }
  void logout() {
    // Of somebody who is in, or of a login that another one took the place of.
    KnownUser gone;
    if (!now_known->users.empty() && pick(4) != 0) {
      const auto at = now_known->users.begin() + pick(static_cast<std::uint32_t>(now_known->users.size()));
      gone = *at;
      now_known->users.erase(at);
    } else if (!others_.empty()) {
      gone = others_.back();
      others_.pop_back();
    } else {
      return;
    }
    history.emplace_back(RoomLoggedOut{.room = room_,
                                       .session = session(),
                                       .user = gone.user,
                                       .login_id = gone.login_id,
                                       .logged_in = pick(2) == 0 ? gone.at : UnixTime{},
                                       .at = at_});
  }
  StreamFacts facts(const StreamId& stream, const UserId& user) {
    return {.room = room_, .session = session(), .user = user, .stream = stream, .sequence = ++sequence_};
  }
  void publish() {
    const StreamId stream(std::string_view("s" + std::to_string(pick(3))));
    const UserId who = user();
    std::erase_if(now_known->streams, [&](const KnownStream& s) { return s.stream == stream; });
    now_known->streams.push_back({stream, who, at_});
    history.emplace_back(StreamCreated{.stream = facts(stream, who), .at = at_});
  }
  void unpublish() {
    if (now_known->streams.empty()) return;
    const KnownStream gone = now_known->streams.back();
    now_known->streams.pop_back();
    history.emplace_back(StreamClosed{.stream = facts(gone.stream, gone.user), .at = at_});
  }

  RoomId room_;
  std::mt19937 random_;
  UnixTime at_ = start;
  std::uint64_t sessions_ = 0, logins_ = 0, sequence_ = 0;
  std::vector<KnownUser> others_;
};

KnownRoom sorted(KnownRoom known) {
  std::sort(known.users.begin(), known.users.end(), [](const auto& a, const auto& b) { return a.user < b.user; });
  std::sort(known.streams.begin(), known.streams.end(), [](const auto& a, const auto& b) { return a.stream < b.stream; });
  return known;
}

/// Who follows the changes only.
class Follower {
 public:
  void hear(const RoomChange& change) {
    std::visit([this](const auto& c) { apply(c); }, change);
  }
  std::vector<KnownRoom> rooms() const {
    std::vector<KnownRoom> out;
    for (const auto& [id, known] : rooms_) out.push_back(sorted(known));
    return out;
  }

 private:
  void apply(const RoomOpened& c) {
    REQUIRE(rooms_.count(c.room) == 0);
    rooms_[c.room] = {c.room, c.session, c.at, {}, {}};
  }
  void apply(const RoomEnded& c) { REQUIRE(rooms_.erase(c.room) == 1); }
  void apply(const UserEntered& c) {
    erase_user(c.room, c.user);
    rooms_.at(c.room).users.push_back({c.user, c.login_id, c.at});
  }
  void apply(const UserLeft& c) { REQUIRE(erase_user(c.room, c.user) == 1); }
  void apply(const StreamAdded& c) {
    erase_stream(c.room, c.stream);
    rooms_.at(c.room).streams.push_back({c.stream, c.user, c.at});
  }
  void apply(const StreamRemoved& c) { REQUIRE(erase_stream(c.room, c.stream) == 1); }
  std::size_t erase_user(const RoomId& where, const UserId& user) {
    return std::erase_if(rooms_.at(where).users, [&](const KnownUser& u) { return u.user == user; });
  }
  std::size_t erase_stream(const RoomId& where, const StreamId& stream) {
    return std::erase_if(rooms_.at(where).streams, [&](const KnownStream& s) { return s.stream == stream; });
  }
  std::map<RoomId, KnownRoom> rooms_;
};

struct Case {
  std::vector<ProviderEvent> events;
  std::vector<KnownRoom> truth;
};

Case any_case(std::uint32_t seed, int steps) {
  Case out;
  for (const char* name : {"a", "b", "c"}) {
    Truth truth(name, ++seed);
    for (int i = 0; i < steps; ++i) truth.step();
    if (truth.now_known) out.truth.push_back(sorted(*truth.now_known));
    out.events.insert(out.events.end(), truth.history.begin(), truth.history.end());
  }
  return out;
}

}  // namespace

TEST_CASE("room order") {
  check_property("any order with any repetitions leads to the truth, and the changes tell it",
                 [](std::uint32_t seed, bool repeat) {
                   const int steps = *rc::gen::inRange(1, 60);
                   Case history = any_case(seed, steps);
                   std::mt19937 random(seed);
                   if (repeat) {
                     const std::size_t once = history.events.size();
                     for (std::size_t i = 0; i < once; ++i) {
                       for (std::uint_fast32_t n = random() % 3; n > 0; --n) {
                         const ProviderEvent again = history.events[i];
                         history.events.push_back(again);
                       }
                     }
                   }
                   std::shuffle(history.events.begin(), history.events.end(), random);
                   RoomOrder order;
                   Follower follower;
                   for (const ProviderEvent& event : history.events) {
                     order.handle(event, start);
                     while (const auto change = order.poll()) follower.hear(*change);
                   }
                   RC_ASSERT(order.parked() == 0u);
                   RC_ASSERT(order.rooms() == history.truth);
                   RC_ASSERT(follower.rooms() == history.truth);
                   RC_ASSERT(!order.poll_question());
                 });
  check_property("with losses and time it stays bounded, asks, and forgets in the end", [](std::uint32_t seed) {
    Case history = any_case(seed, 60);
    std::mt19937 random(seed);
    std::shuffle(history.events.begin(), history.events.end(), random);
    RoomOrder order({.parked_per_room_max = 8, .parked_max = 16});
    Follower follower;
    UnixTime now = start;
    for (const ProviderEvent& event : history.events) {
      if (random() % 4 == 0) continue;
      now += std::chrono::milliseconds(random() % 60000);
      order.on_deadline(now);
      order.handle(event, now);
      RC_ASSERT(order.parked() <= 16u);
      while (const auto change = order.poll()) follower.hear(*change);
      while (const auto question = order.poll_question()) {
        std::vector<UserId> users;
        for (std::uint_fast32_t i = random() % 3; i > 0; --i) users.emplace_back(std::string_view("u" + std::to_string(i)));
        if (!question->streams) order.learn_users(question->room, users, now, now);
        if (question->streams) order.learn_streams(question->room, {}, now, now);
      }
    }
    for (int i = 0; i < 200 && order.deadline(); ++i) order.on_deadline(*order.deadline());
    while (const auto change = order.poll()) follower.hear(*change);
    RC_ASSERT(!order.deadline());
    RC_ASSERT(order.parked() == 0u);
    const auto known = order.rooms();
    const auto followed = follower.rooms();
    RC_ASSERT(known.size() == followed.size());
    for (std::size_t i = 0; i < known.size(); ++i) {
      RC_ASSERT(known[i].users == followed[i].users);
      RC_ASSERT(known[i].streams == followed[i].streams);
    }
  });
}

}  // namespace histories_at_random
