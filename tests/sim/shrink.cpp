#include "sim/shrink.hpp"

#include <algorithm>

namespace zegocall::sim {
namespace {

class Shrinking {
 public:
  explicit Shrinking(const Script& script) : best_(play(script)) {
    if (!best_.broken) return;
    check_ = best_.broken->check;
    cut_tail();
    while (remove_lines() || simplify_setup()) {
    }
  }
  Verdict result() && { return std::move(best_); }

 private:
  static Verdict play(const Script& script) {
    Stats ignored;
    return run_script(script, ignored);
  }

  /// Takes the smaller script if it breaks the same check.
  bool accept(Script smaller) {
    Verdict verdict = play(smaller);
    if (!verdict.broken || verdict.broken->check != check_) return false;
    best_ = std::move(verdict);
    return true;
  }

  /// What comes after the line that broke it.
  void cut_tail() {
    Script shorter = best_.script;
    shorter.steps.resize(std::min(best_.steps_done, shorter.steps.size()));
    if (shorter.steps.size() < best_.script.steps.size()) (void)accept(std::move(shorter));
  }

  bool remove_lines() {
    bool any = false;
    for (std::size_t chunk = std::max<std::size_t>(best_.script.steps.size() / 2, 1); chunk > 0; chunk /= 2)
      for (std::size_t at = 0; at < best_.script.steps.size();) {
        Script shorter = best_.script;
        const auto from = shorter.steps.begin() + static_cast<std::ptrdiff_t>(at);
        shorter.steps.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, shorter.steps.size() - at)));
        if (accept(std::move(shorter)))
          any = true;
        else
          at += chunk;
      }
    return any;
  }

  bool simplify_setup() {
    bool any = false;
    for (std::size_t i = best_.script.setup.people.size(); i > 0; --i) {
      Script smaller = best_.script;
      smaller.setup.people.erase(smaller.setup.people.begin() + static_cast<std::ptrdiff_t>(i - 1));
      any = accept(std::move(smaller)) || any;
    }
    if (best_.script.setup.policy != CallPolicy{}) {
      Script smaller = best_.script;
      smaller.setup.policy = {};
      any = accept(std::move(smaller)) || any;
    }
    return any;
  }

  Verdict best_;
  std::string check_{};
};

}  // namespace

Verdict shrink(const Script& script) { return Shrinking(script).result(); }

}  // namespace zegocall::sim
