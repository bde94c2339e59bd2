// The page of the product, and the generated parts of docs/call-model.md. The prose of each word stands here, in switches
// without a default: a new word asks for its sentence.
#include <algorithm>

#include "call/product.hpp"

namespace call_product {
namespace {

using namespace zegocall;

template <class Enum>
std::vector<Enum> all_of() {
  std::vector<Enum> out;
  for (unsigned value = 0; !name(static_cast<Enum>(value)).empty(); ++value) out.push_back(static_cast<Enum>(value));
  return out;
}

std::string quoted(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "`" : ", `") + word + "`";
  return out.empty() ? "-" : out;
}

std::string diagram(const Transitions& transitions) {
  std::string out = "```mermaid\nstateDiagram-v2\n";
  for (const auto& [ends, causes] : transitions) {
    out += "  " + ends.first + " --> " + ends.second + ": ";
    for (const std::string& cause : causes) out += (cause == *causes.begin() ? "" : ", ") + cause;
    out += "\n";
  }
  return out + "```\n";
}

/// Commands that are answered alike share a row.
std::string answers(const Situation& situation) {
  std::map<std::vector<std::string>, std::string> rows;
  std::vector<const std::vector<std::string>*> order;
  for (const auto& [command, told] : situation.answers) {
    const auto [row, is_new] = rows.try_emplace(told);
    if (is_new) order.push_back(&row->first);
    row->second += (row->second.empty() ? "`" : ", `") + command + "`";
  }
  std::string out = "| command |";
  for (const Asker& asker : askers()) out += " " + std::string(asker.word) + " |";
  out += "\n|---|";
  for (std::size_t i = 0; i < askers().size(); ++i) out += "---|";
  for (const auto* told : order) {
    out += "\n| " + rows.at(*told) + " |";
    for (const std::string& answer : *told) out += " " + answer + " |";
  }
  return out + "\n\n";
}

std::string driver(const Situation& situation) {
  std::map<std::string, std::string> rows;
  std::vector<const std::string*> order;
  for (const auto& [word, told] : situation.driver) {
    const auto [row, is_new] = rows.try_emplace(told);
    if (is_new) order.push_back(&row->first);
    row->second += (row->second.empty() ? "`" : ", `") + word + "`";
  }
  std::string out = "| the driver says | what comes of it |\n|---|---|";
  for (const std::string* told : order) out += "\n| " + rows.at(*told) + " | " + *told + " |";
  return out + "\n\n";
}

// ---- the parts of docs/call-model.md -------------------------------------------------------------------------------

const char* meaning(LegState state) {
  switch (state) {
    case LegState::invited: return "rung; no device has said that it rings";
    case LegState::alerting: return "a device rings";
    case LegState::accepted: return "said yes and waits: the caller while it rings; who answered where all must";
    case LegState::joining: return "has a seat, on the way into the media room";
    case LegState::joined: return "in";
    case LegState::reconnecting: return "link lost, in grace; keeps the seat";
    case LegState::final: return "over, with exactly one outcome";
    case LegState::waiting: return "in the lobby";
  }
  return "";
}

std::string leg_states(const Product& product) {
  std::string out = "| leg state | meaning | its clocks |\n|---|---|---|\n";
  for (const LegState state : all_of<LegState>()) {
    const auto clocks = product.clocks.find(std::string(name(state)));
    out += "| `" + std::string(name(state)) + "` | " + meaning(state) + " | " +
           quoted(clocks == product.clocks.end() ? std::set<std::string>{} : clocks->second) + " |\n";
  }
  return out;
}

const char* when(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::completed: return "left, hung up, was there at the end, or was let go when alone";
    case LegOutcome::declined: return "said no on some device";
    case LegOutcome::busy: return "sits in another call, or a device says that it is in another conversation";
    case LegOutcome::no_answer: return "the ring is over and a device had the invitation";
    case LegOutcome::unreachable: return "the ring is over and no device had it";
    case LegOutcome::cancelled: return "the caller gave up, the invitation was withdrawn, or the call ended around a ring";
    case LegOutcome::join_failed: return "accepted or was let in, and not in within `join`";
    case LegOutcome::network_lost: return "was in, link lost, grace over; or the own side called anew (race rule 7)";
    case LegOutcome::superseded: return "somebody else took the call (`first_answer`, `hunt`)";
    case LegOutcome::blocked: return "the person blocks who rings; everybody else is told `unreachable`";
    case LegOutcome::dnd: return "the person does not want to be disturbed; everybody else is told `unreachable`";
    case LegOutcome::kicked: return "sent out; may come again";
    case LegOutcome::banned: return "sent out, and may not come again for now";
    case LegOutcome::denied: return "not let in from the lobby, or the room ended around them";
    case LegOutcome::lobby_timeout: return "nobody let them in within `lobby`";
    case LegOutcome::replaced: return "the same person came in on another device (`second_device` replace)";
    case LegOutcome::transferred: return "handed the call to somebody else";
    case LegOutcome::max_duration: return "the call lasted as long as it may";
    case LegOutcome::token_expired: return "the provider token ran out";
    case LegOutcome::failed: return "the provider closed the media room, or an error of ours";
  }
  return "";
}

std::string leg_outcomes() {
  std::string out = "| leg | when | missed? |\n|---|---|---|\n";
  for (const LegOutcome outcome : all_of<LegOutcome>()) {
    const bool by_host = outcome == LegOutcome::blocked || outcome == LegOutcome::dnd;
    const bool rung = outcome == LegOutcome::failed;
    out += "| `" + std::string(name(outcome)) + "` | " + when(outcome) + " | " +
           (by_host              ? "the host decides (`MissedRules`)"
            : rung               ? "if it was before the answer"
            : is_missed(outcome) ? "yes"
                                 : "") +
           " |\n";
  }
  return out;
}

/// A policy's time, or null where the clock's time is not the policy's.
std::chrono::milliseconds CallPolicy::*time_of(Timer timer) {
  switch (timer) {
    case Timer::ring: return &CallPolicy::ring;
    case Timer::delivery: return &CallPolicy::delivery;
    case Timer::join: return &CallPolicy::join;
    case Timer::reconnect_grace: return &CallPolicy::reconnect_grace;
    case Timer::alone: return &CallPolicy::alone;
    case Timer::empty: return &CallPolicy::empty;
    case Timer::lobby: return &CallPolicy::lobby;
    case Timer::host_absent: return &CallPolicy::host_absent;
    case Timer::max_duration: return &CallPolicy::max_duration;
    case Timer::device_lease: return &CallPolicy::device_lease;
    case Timer::token_renew: return &CallPolicy::token_renew;
    case Timer::ending: return &CallPolicy::ending;
    case Timer::caller_gone:
    case Timer::warning:
    case Timer::no_show: return nullptr;
  }
  return nullptr;
}

std::string span_text(std::chrono::milliseconds span) {
  const long long seconds = span.count() / 1000;
  if (seconds >= 7200 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + " h";
  if (seconds >= 120 && seconds % 60 == 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds) + " s";
}

/// The limits as check() names them: "must be 5000 to 600000 ms".
std::string range_of(std::chrono::milliseconds CallPolicy::*member, bool& may_be_off) {
  CallPolicy policy;
  policy.*member = std::chrono::milliseconds(0);
  may_be_off = check(policy).has_value();
  policy.*member = std::chrono::hours(24 * 365 * 10);
  if (member == &CallPolicy::token_renew) policy.token_lifetime = std::chrono::hours(24);
  const auto refused = check(policy);
  if (refused) return "?";
  const std::string& text = refused.error().detail;
  const std::size_t to = text.find(" to ");
  const auto number = [&](std::size_t at) { return std::chrono::milliseconds(std::stoll(text.substr(at))); };
  return span_text(number(text.find("be ") + 3)) + " to " + span_text(number(to + 4));
}

std::string default_of(Timer timer) {
  const auto member = time_of(timer);
  if (timer == Timer::caller_gone) return "grace, at most until the ring is over";
  if (timer == Timer::warning) return "5 and 1 min before the end";
  if (timer == Timer::no_show) return span_text(Schedule{}.no_show) + " after the beginning (`Schedule`)";
  bool may_be_off = false;
  const std::string range = range_of(member, may_be_off);
  const auto value = CallPolicy{}.*member;
  const bool off = value.count() == 0 && may_be_off && timer != Timer::reconnect_grace;
  return (off ? std::string("off") : span_text(value)) + " (" + range + ")";
}

const char* runs(Timer timer) {
  switch (timer) {
    case Timer::ring: return "per leg, while it rings";
    case Timer::delivery: return "per leg, until a device has the invitation";
    case Timer::join: return "per leg, from the answer or from being let in until it is in";
    case Timer::reconnect_grace: return "per leg, link lost";
    case Timer::caller_gone: return "the caller's leg, link lost before the answer";
    case Timer::alone: return "a ring call of which one leg is left, and it is joined";
    case Timer::empty:
      return "an active call without a joined leg; a room that nobody has entered yet (`unvisited`, 10 min, if that is longer)";
    case Timer::lobby: return "per leg in the lobby";
    case Timer::host_absent: return "an active room with a host policy and no host in it";
    case Timer::max_duration: return "from the first join on";
    case Timer::warning: return "while `max_duration` runs";
    case Timer::device_lease: return "per joined leg, since its device showed itself";
    case Timer::token_renew: return "per leg with a token: so long before its end";
    case Timer::ending: return "a call that was told to end while somebody is in";
    case Timer::no_show: return "a scheduled room that nobody has entered";
  }
  return "";
}

const char* fires(Timer timer) {
  switch (timer) {
    case Timer::ring: return "`no_answer` or `unreachable`; of a hunt the next one is rung";
    case Timer::delivery: return "`device.ring` attempt 2 to every device, or the push hook; once";
    case Timer::join: return "`join_failed`";
    case Timer::reconnect_grace: return "`network_lost`";
    case Timer::caller_gone: return "the call is `cancelled`; nobody did it";
    case Timer::alone: return "`completed`, the call `answered alone_timeout`";
    case Timer::empty:
      return "in grace `network_lost`, on the way in `join_failed`, in the lobby `lobby_timeout`, rung `cancelled`; the call "
             "`answered`, `last_left` if nobody was left, else `network_lost`; an unvisited room `no_answer`";
    case Timer::lobby: return "`lobby_timeout`";
    case Timer::host_absent: return "by host policy somebody else becomes host, or the call ends `host_left`";
    case Timer::max_duration: return "the call ends `max_duration`";
    case Timer::warning: return "`limit.warning`";
    case Timer::device_lease: return "a device with a connection goes on (`leg.leased`); another one is offline: grace";
    case Timer::token_renew: return "`token.renewed`: its person is to ask for the next one; not in grace";
    case Timer::ending: return "whoever is still in is sent out";
    case Timer::no_show: return "the call ends `no_answer`";
  }
  return "";
}

std::string timers() {
  std::string out = "| timer | default (range) | runs | when it fires |\n|---|---|---|---|\n";
  for (const Timer timer : all_of<Timer>())
    out += "| `" + std::string(name(timer)) + "` | " + default_of(timer) + " | " + runs(timer) + " | " + fires(timer) + " |\n";
  return out;
}

std::string roles() {
  std::string out = "| right |";
  for (const RoleRow& row : standard_roles) out += " " + std::string(row.role) + " |";
  out += "\n|---|";
  for (std::size_t i = 0; i < standard_roles.size(); ++i) out += "---|";
  for (const Capability right : all_of<Capability>()) {
    out += "\n| `" + std::string(name(right)) + "` |";
    for (const RoleRow& row : standard_roles) out += row.may.has(right) ? " yes |" : " |";
  }
  return out + "\n";
}

std::string templates() {
  std::string out = "| template | type | seats | lobby | host policy | role at the door | consent to be recorded |\n";
  out += "|---|---|---|---|---|---|---|\n";
  for (const RoomTemplate& one : standard_templates()) {
    const RoomSettings& has = one.settings;
    out += "| `" + one.name + "` | " + std::string(name(has.type)) + " | " + std::to_string(has.capacity) + " | " +
           std::string(name(has.lobby)) + " | " + std::string(name(has.host_policy)) + " | " + has.entry_role.str() + " | " +
           std::string(name(has.consent)) + " |\n";
  }
  return out;
}

}  // namespace

std::string page(const Product& product) {
  std::string out =
      "# Every situation, every command\n\n"
      "Generated: `build/dev/bin/call_model_page docs/call-model-table.md docs/call-model.md` asks the rules themselves, in a\n"
      "fresh world for each pair. A test fails when this page is stale. What the words mean is in "
      "[call-model.md](call-model.md),\n"
      "and so are the diagrams. **done**: something happened; nothing: there was nothing to do; everything else is the refusal,\n"
      "and it changes nothing. What the driver says (clocks, provider, restart, operator) is answered with the events.\n\n";
  out += std::to_string(product.situations.size()) + " situations, " + std::to_string(product.pairs) + " pairs.\n\n";
  for (const Situation& situation : product.situations)
    out += "## " + situation.name + "\n\n" + answers(situation) + driver(situation);
  out.pop_back();
  return out;
}

std::string with_parts(std::string text, const Product& product, std::vector<std::string>& missing) {
  const std::pair<const char*, std::string> parts[] = {{"calls", diagram(product.calls)},
                                                       {"legs", diagram(product.legs)},
                                                       {"leg states", leg_states(product)},
                                                       {"outcomes", leg_outcomes()},
                                                       {"timers", timers()},
                                                       {"roles", roles()},
                                                       {"templates", templates()}};
  for (const auto& [word, part] : parts) {
    const std::string open = std::string("<!-- ") + word + " -->\n", close = std::string("<!-- /") + word + " -->";
    const std::size_t from = text.find(open), to = text.find(close);
    if (from == std::string::npos || to == std::string::npos || to < from)
      missing.push_back(word);
    else
      text.replace(from + open.size(), to - from - open.size(), part);
  }
  return text;
}

std::vector<std::string> never_met(const Product& product) {
  std::vector<std::string> out;
  const auto expect = [&](const char* kind, auto of) {
    for (const auto value : all_of<decltype(of)>()) {
      const std::string word = std::string(kind) + " " + std::string(name(value));
      if (!product.words.contains(word)) out.push_back(word);
    }
  };
  expect("leg outcome", LegOutcome{});
  expect("device outcome", DeviceOutcome{});
  expect("call outcome", CallOutcome{});
  expect("end cause", EndCause{});
  expect("timer", Timer{});
  for (const CallState state : all_of<CallState>())
    if (std::none_of(product.calls.begin(), product.calls.end(), [&](const auto& t) { return t.first.second == name(state); }))
      out.push_back("call state " + std::string(name(state)));
  for (const LegState state : all_of<LegState>())
    if (std::none_of(product.legs.begin(), product.legs.end(), [&](const auto& t) { return t.first.second == name(state); }))
      out.push_back("leg state " + std::string(name(state)));
  return out;
}

}  // namespace call_product
