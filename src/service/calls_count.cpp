// What CallService counts for operators.
#include "service/calls_impl.hpp"

namespace zegocall {

namespace {

static_assert(call_outcomes == static_cast<std::size_t>(CallOutcome::glare_merged) + 1);
static_assert(end_causes == static_cast<std::size_t>(EndCause::server_shutdown) + 1);

struct Count {
  CallCounters& counters;
  template <class Body>
  void operator()(const Body&) const {}
  void operator()(const CallCreated&) const { ++counters.started; }
  void operator()(const LegFinal&) const { ++counters.legs; }
  void operator()(const CallEnded& e) const {
    ++counters.ended.at(static_cast<std::size_t>(e.outcome));
    if (e.cause) ++counters.causes.at(static_cast<std::size_t>(*e.cause));
  }
};

template <class Word, std::size_t N>
std::string rows(const std::string& metric, const char* label, const std::array<std::uint64_t, N>& counts) {
  std::string out;
  for (std::size_t i = 0; i < N; ++i)
    out += metric + "{" + label + "=\"" + std::string(name(static_cast<Word>(i))) + "\"} " + std::to_string(counts[i]) + "\n";
  return out;
}

}  // namespace

void CallService::Impl::count(const CallChange& change) {
  for (const CallChange::Part& part : change.parts)
    for (const CallEvent& event : part.events) std::visit(Count{counting}, event.body);
  counting.missed += change.missed.size();
}

const CallCounters& CallService::counters() const { return impl_->counted; }

std::string to_metrics(const CallCounters& counters) {
  return "zegocall_calls_started_total " + std::to_string(counters.started) + "\n" +
         rows<CallOutcome>("zegocall_calls_ended_total", "outcome", counters.ended) +
         rows<EndCause>("zegocall_calls_answered_ended_total", "cause", counters.causes) + "zegocall_legs_ended_total " +
         std::to_string(counters.legs) + "\nzegocall_calls_missed_total " + std::to_string(counters.missed) + "\n";
}

}  // namespace zegocall
