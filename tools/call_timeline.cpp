#include <algorithm>

#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/call/diagram.hpp"

namespace zegocall::cli {
namespace {

std::string headline(const CallView& call) {
  const std::string what = "call " + printable(call.id.view()) + "  " + std::string(name(call.media)) + "  " + people_words(call);
  std::string out = padded(what, std::max<std::size_t>(42, columns(what) + 3)) + outcome_words(call);
  if (const auto rang = ring_time(call)) out += "   rang " + exact_span_words(*rang);
  if (const auto talked = talk_time(call)) out += "   talked " + exact_span_words(*talked);
  return out + "\n";
}

// "    0.212 s": seconds and milliseconds since the start, right-aligned.
std::string offset_words(std::chrono::milliseconds offset) {
  const std::int64_t ms = offset.count();
  const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  const std::string text = std::to_string(ms / 1000) + "." + fraction + " s";
  return text.size() < 11 ? std::string(11 - text.size(), ' ') + text : text;
}

struct Row {
  std::string offset, version, event, who, note;
};

std::vector<Row> rows_of(const CallView& call, const std::vector<CallEvent>& events) {
  std::vector<Row> rows;
  for (const CallEvent& event : events) {
    const auto offset = std::max(event.at - call.created_at, UnixTime::duration::zero());
    rows.push_back({offset_words(offset), "v" + std::to_string(event.version.value), std::string(name(event.body)),
                    who_words(event), note_words(event, call.created_at)});
  }
  return rows;
}

std::size_t width_of(const std::vector<Row>& rows, std::string Row::*column) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, columns(row.*column));
  return width + 3;
}

std::string table(const std::vector<Row>& rows) {
  const std::size_t version = width_of(rows, &Row::version), event = width_of(rows, &Row::event), who = width_of(rows, &Row::who);
  std::string out;
  for (const Row& row : rows) {
    std::string text =
        row.offset + "   " + padded(row.version, version) + padded(row.event, event) + padded(row.who, who) + row.note;
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

JsonObject timed_event_json(const CallEvent& event, const CallView& call) {
  return event_json(event).add("offset_ms", (event.at - call.created_at).count());
}

}  // namespace

Exit run_call_timeline(const CallOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto call = load_call(**store, options.call);
  if (!call) return refusal(call.error(), options.json);
  const auto events = (*store)->events(call->id, Version{});
  if (!events) return refusal(events.error(), options.json);
  if (options.diagram || options.svg) {
    const auto diagram = sequence_of(*events);
    if (!diagram) return refusal(diagram.error(), options.json);
    return print(options.svg ? to_svg(*diagram) : to_text(*diagram)), Exit::yes;
  }
  if (options.json) {
    const auto shape = [&call](const CallEvent& event) { return timed_event_json(event, *call); };
    print(call_json(*call).add("events", JsonArray::of(*events, shape)).text());
    print("\n");
    return Exit::yes;
  }
  print(headline(*call) + table(rows_of(*call, *events)));
  return Exit::yes;
}

}  // namespace zegocall::cli
