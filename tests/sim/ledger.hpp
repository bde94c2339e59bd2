// What stands in the store, as read from the outside after every turn of the server, and what may be said about it.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "sim/reading.hpp"
#include "sim/script.hpp"
#include "sim/stats.hpp"
#include "zegocall/call/decide.hpp"
#include "zegocall/call/missed.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::sim {

/// Which hidden rings the server of a play lists as missed calls: of the two kinds one, so that both answers are seen.
constexpr MissedRules missed_rules{.blocked = false, .dnd = true};

/// Something that can have made the events of a turn, with the facts of its moment.
struct Cause {
  Command command{};
  Facts facts{};
  bool refused = false;  ///< was answered with an error: made nothing
};

/// One turn of the server, seen from outside.
struct Turn {
  std::vector<Cause> causes{};  ///< in their order
  UnixTime now{};
  Facts facts{};  ///< for clocks
  bool died = false;
  bool started = false;  ///< the first of a new process: live calls are told
};

class Ledger {
 public:
  struct Record {
    std::vector<CallEvent> log{};
    CallView view{};  ///< the fold of `log`
    Reading reading{};
  };

  Ledger(Store& store, const Setup& setup, Stats& stats) : store_(store), setup_(setup), stats_(stats) {}

  /// Reads what is new and checks it: I1 to I4, I7, I9 to I12, I15, I16. Throws Broken.
  void absorb(const Turn& turn);
  /// Everything, from its beginning: nothing is lost, nothing is there that nobody saw.
  void check_all();
  /// I11 of the calls that live; of the others it was seen when they ended.
  void check_attendance_of_live(UnixTime now) const;

  const std::map<CallId, Record>& calls() const { return calls_; }
  const Record* find(const CallId& call) const;
  /// How many events the last turn brought.
  std::size_t news() const { return news_; }
  std::uint64_t digest() const { return digest_; }

 private:
  struct Fresh {
    CallId call{};
    std::vector<CallEvent> events{};
    std::size_t explained = 0;
  };

  std::vector<Fresh> read_news(const Turn& turn);
  std::vector<const CallView*> views() const;
  bool explains(const Cause& cause, UnixTime now, std::vector<Fresh>& news);
  void explain(const Turn& turn, std::vector<Fresh>& news);
  void check_cause(const Record& record, const Cause& cause, const std::vector<CallEvent>& made) const;
  bool explain_by_clock(const Turn& turn, std::vector<Fresh>& news);
  void keep(Record& record, const CallEvent& event);
  void check_call(const CallId& id, const Record& record);
  void check_seats() const;
  void check_missed(const UserId& user);
  void count(const CallEvent& event);

  Store& store_;
  const Setup& setup_;
  Stats& stats_;
  std::map<CallId, Record> calls_{};
  std::set<CallId> live_{};
  std::map<UserId, std::vector<MissedCall>> missed_{};  ///< what each should find, in the order of its coming
  std::set<UserId> gone_{};                             ///< whose legs ended in this turn
  std::size_t news_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325u;
};

}  // namespace zegocall::sim
