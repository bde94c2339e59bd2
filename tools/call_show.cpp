#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

std::string line(std::string_view label, std::string_view value) {
  return "  " + padded(std::string(label), 10) + std::string(value) + "\n";
}

std::string leg_line(const LegView& leg) {
  std::string who = printable(leg.user.view());
  if (!leg.device.empty()) who += "/" + printable(leg.device.view());
  return line("leg " + std::to_string(leg.number), padded(who, 30) + "  " + padded(std::string(name(leg.role)), 8) +
                                                       std::string(name(leg.state)) +
                                                       (leg.outcome ? ", " + std::string(name(*leg.outcome)) : std::string()));
}

std::string text_of(const CallView& call) {
  const auto talked = talk_time(call);
  std::string out = "call " + printable(call.id.view()) + "  " + std::string(name(call.media)) + "  " + people_words(call) + "\n";
  out += line("outcome", outcome_words(call) + (call.ended_by.empty() ? "" : " by " + printable(call.ended_by.view())));
  out += line("created", date_words(call.created_at));
  if (call.answered_at) out += line("answered", date_words(*call.answered_at));
  if (call.ended_at) out += line("ended", date_words(*call.ended_at));
  if (talked) out += line("talked", exact_span_words(*talked));
  if (!call.topic.empty()) out += line("topic", printable(call.topic));
  for (const LegView& leg : call.legs) out += leg_line(leg);
  return out;
}

}  // namespace

Exit run_call_show(const CallOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto call = load_call(**store, options.call);
  if (!call) return refusal(call.error(), options.json);
  if (!options.json) return print(text_of(*call)), Exit::yes;
  const auto events = (*store)->events(call->id, Version{});
  if (!events) return refusal(events.error(), true);
  print(call_json(*call).add("events", JsonArray::of(*events, event_json)).text());
  print("\n");
  return Exit::yes;
}

}  // namespace zegocall::cli
