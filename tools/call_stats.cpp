#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/call/statistics.hpp"

namespace zegocall::cli {
namespace {

constexpr std::uint32_t page_size = 100;

struct Gathered {
  CallStatistics statistics;
  std::uint64_t live = 0;
};

/// Walks every call of the store once, also while a server writes to it.
Result<Gathered> gather(Store& store, std::chrono::milliseconds window) {
  auto opened = CallStatistics::open({.window = window});
  if (!opened) return fail_field(opened.error().code, "--window", opened.error().detail);
  Gathered out{*std::move(opened)};
  std::optional<CallPlace> place;
  for (;;) {
    const auto calls = store.calls_before(place, page_size);
    if (!calls) return unexpected(calls.error());
    for (const CallView& call : *calls) {
      place = CallPlace{call.created_at, call.id};
      if (call.state != CallState::ended) {
        ++out.live;
        continue;
      }
      const auto log = store.events(call.id, Version{});
      if (!log) return unexpected(log.error());
      if (log->empty()) continue;  // deleted for its age meanwhile
      if (auto added = out.statistics.add(*log); !added) return unexpected(added.error());
    }
    if (calls->size() < page_size) return out;
  }
}

std::string span_or_dash(const std::optional<std::chrono::milliseconds>& span) { return span ? exact_span_words(*span) : "-"; }

std::vector<std::string> row_of(const std::string& label, const CallFigures& f) {
  const auto ratio = f.answer_ratio();
  return {label,
          std::to_string(f.calls),
          std::to_string(f.of(CallOutcome::answered)),
          ratio ? std::to_string(static_cast<int>(*ratio * 100 + 0.5)) + " %" : "-",
          span_or_dash(f.ring.mean()),
          span_or_dash(f.setup.mean()),
          span_or_dash(f.duration.mean()),
          std::to_string(f.person_time / std::chrono::minutes(1)),
          std::to_string(f.peak_call),
          std::to_string(f.peak_all)};
}

std::string text_of(const Gathered& all) {
  std::vector<std::vector<std::string>> rows{
      {"from", "calls", "answered", "ratio", "ring", "setup", "length", "person-min", "peak", "peak of all"}};
  for (const CallFigures& window : all.statistics.windows()) rows.push_back(row_of(date_words(window.from), window));
  rows.push_back(row_of("all", all.statistics.total()));
  std::string out = aligned(rows);
  if (all.live > 0) out += std::to_string(all.live) + " live, not counted\n";
  if (all.statistics.too_old() > 0) out += std::to_string(all.statistics.too_old()) + " too old, not counted\n";
  return out;
}

}  // namespace

Exit run_call_stats(const CallOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto window = read_span(options.window);
  if (!window) return usage_error(Error{window.error().code, "--window", window.error().detail}, options.json);
  const auto all = gather(**store, *window);
  if (!all && all.error().field == "--window") return usage_error(all.error(), options.json);
  if (!all) return refusal(all.error(), options.json);
  const std::vector<CallFigures> windows = all->statistics.windows();
  const CallFigures total = all->statistics.total();
  if (options.json) {
    const Json sum = to_json(statistics_table(std::span(&total, 1)));
    print(JsonObject{{"windows", to_json(statistics_table(windows))},
                     {"total", sum.get<JsonView>("0").value()},
                     {"live", all->live},
                     {"too_old", all->statistics.too_old()}}
              .text());
    print("\n");
  } else if (options.csv) {
    print(to_csv(statistics_table(windows)));
  } else {
    print(text_of(*all));
  }
  return Exit::yes;
}

}  // namespace zegocall::cli
