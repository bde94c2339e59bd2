// A store under which a process can die at any operation, and whose transactions are lost when one fails, as a
// database's are.
#pragma once

#include "base/planted_fault.hpp"
#include "service/failing_store.hpp"

namespace zegocall::sim {

/// Thrown where the process dies: what it held in memory is gone, the store keeps what was committed.
struct ProcessDied {};

class ShakyStore final : public test::FailingStore {
 public:
  explicit ShakyStore(Store& behind) : FailingStore(behind), behind_(behind) {}

  void die_in(std::uint32_t operations, bool after) { dies_in_ = operations, dies_after_ = after; }
  void fail_in(std::uint32_t operations, ErrorCode code) { fails_in_ = operations, code_ = code; }
  void heal() { dies_in_.reset(), fails_in_.reset(); }
  /// The machine is up again: what was not committed is gone.
  void recover() {
    heal();
    if (behind_.in_transaction()) behind_.rollback();
    lost_ = false;
  }
  // Planted faults of what lies under the service; see base/planted_fault.hpp.
  Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) override {
    if (ZC_PLANTED(lose_command_memory)) return std::optional<CommandAnswer>{};
    return FailingStore::answer(user, command);
  }
  Result<void> change(const CallChange& given) override {
    if (!ZC_PLANTED(lose_command_memory)) return FailingStore::change(given);
    CallChange forgetful = given;
    forgetful.answer.reset();
    return FailingStore::change(forgetful);
  }
  Result<std::vector<CallView>> live_calls() override {
    if (ZC_PLANTED(start_untold)) return std::vector<CallView>{};
    return FailingStore::live_calls();
  }

  std::uint64_t failures_seen() const { return failures_seen_; }

 private:
  Result<void> before(std::string_view operation) override {
    // How often a driver looks for what is due next depends on who drives it; scripts count the other operations.
    if (operation == "next_deadline") return {};
    if (operation == "begin") lost_ = false;
    if (dies_in_ && !dies_after_ && counted_down(dies_in_)) throw ProcessDied{};
    if (lost_ && behind_.in_transaction()) return ++failures_seen_, fail(ErrorCode::store_unavailable, "the transaction is lost");
    if (!fails_in_ || !counted_down(fails_in_)) return {};
    ++failures_seen_;
    lost_ = code_ == ErrorCode::store_unavailable && behind_.in_transaction();
    return fail(code_, "the simulated store fails here");
  }
  void after(std::string_view operation) override {
    if (operation == "next_deadline") return;
    if (dies_in_ && dies_after_ && counted_down(dies_in_)) throw ProcessDied{};
  }
  static bool counted_down(std::optional<std::uint32_t>& left) {
    if ((*left)-- > 0) return false;
    left.reset();
    return true;
  }

  Store& behind_;
  std::optional<std::uint32_t> dies_in_{}, fails_in_{};
  bool dies_after_ = false, lost_ = false;
  ErrorCode code_ = ErrorCode::store_unavailable;
  std::uint64_t failures_seen_ = 0;
};

}  // namespace zegocall::sim
