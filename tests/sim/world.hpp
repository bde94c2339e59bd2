// One server over one store, in virtual time, with whatever a script does to it. After every turn the checks are asked.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "sim/broken.hpp"
#include "sim/ledger.hpp"
#include "sim/provider.hpp"
#include "sim/script.hpp"
#include "sim/shaky_store.hpp"
#include "sim/stats.hpp"
#include "zegocall/service.hpp"
#include "zegocall/testing.hpp"

namespace zegocall::sim {

/// What a client is told about one of its commands.
struct Reply {
  Actor to{};
  CommandId command{};
  CallId call{};
  Version version{};                 ///< of the call, right after
  std::optional<ErrorCode> error{};  ///< the refusal
};

/// What left the server in one turn.
struct News {
  std::vector<Reply> replies{};
  std::vector<Decided> decided{};
};

class World {
 public:
  World(Setup setup, Stats& stats);

  /// Time passes to the line's instant, then it is done. Throws Broken.
  News play(const Step& step);
  /// Time passes; what is due is done.
  News pass(milliseconds until);
  /// The end of every script: the store and the server are well again, everybody goes, and every clock runs out. Then the
  /// whole is checked. Throws Broken.
  void finish();

  milliseconds now() const { return clock_.now().wall - began_; }
  UnixTime wall() const { return clock_.now().wall; }
  bool is_up() const { return service_ != nullptr; }
  bool in_group() const { return in_group_; }
  std::optional<milliseconds> next_deadline();
  bool is_online(const Actor& actor) const;
  const Ledger& ledger() const { return ledger_; }
  const Setup& setup() const { return setup_; }

 private:
  struct Known {  ///< what a client was told of a command
    Reply reply{};
    UnixTime at{};
  };
  using CommandKey = std::pair<UserId, CommandId>;
  struct ByName {
    bool operator()(const Actor& a, const Actor& b) const { return std::tie(a.user, a.device) < std::tie(b.user, b.device); }
  };

  void dispatch(const Step& step);
  void start();
  void die();
  void give(const Step& step);
  void command(Command command, const EntryFacts& entry = {});
  Command completed(const Command& command) const;
  void ask_token(const Actor& by, const CallId& call);
  void open();
  void commit();
  void fire();
  template <class Work>
  void turn(Work work);
  void settle(std::vector<Reply> replies);
  void check_told(const std::vector<Decided>& decided);
  void check_reply(const Reply& reply);
  void check_on_time();
  void tell(std::vector<Command> commands);
  void check_restart();
  enum class ProviderCheck : std::uint8_t { none, nothing, corrected };
  ProviderCheck expected_of(const Command& command) const;
  void check_provider();
  std::string_view rule_before_busy(const Command& command) const;
  void note_presence(const Command& command);
  Facts facts(const Command& command, const EntryFacts& entry) const;
  std::set<Actor, ByName> everybody() const;

  Setup setup_;
  Stats& stats_;
  std::unique_ptr<Store> disk_ = make_store();
  ShakyStore store_{*disk_};
  Ledger ledger_;
  ManualClock clock_;
  CountingBytes bytes_;
  const UnixTime began_ = clock_.now().wall;
  std::unique_ptr<CallService> service_{};
  Provider provider_{began_};

  Turn turn_{};
  std::vector<Reply> held_{};  ///< answers of the open group
  bool in_group_ = false, lagging_ = false, fresh_ = false;
  std::vector<Actor> online_{}, online_before_{};  ///< as committed, in the order of their coming; and before the group
  std::map<CommandKey, Known> first_answers_{};
  ProviderCheck provider_check_ = ProviderCheck::none;
  UnixTime well_since_{};  ///< since when nothing keeps the server from its clocks
  News news_{};

  static std::unique_ptr<Store> make_store();
};

}  // namespace zegocall::sim
