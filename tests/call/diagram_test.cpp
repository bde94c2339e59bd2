// Sequence diagrams: the rows of typical calls, and that no log and no name makes a picture that is broken.
#include "zegocall/call/diagram.hpp"

#include <set>

#include "call/script.hpp"
#include "zegocall/base/text.hpp"

using namespace call_test;

namespace {

SequenceDiagram drawn(const World& world, const SequenceOptions& options = {}) {
  return sequence_of(world.log(), options).value();
}

std::string line_name(const Lifeline& line) {
  return line.user.empty() ? "call" : line.user.str() + (line.device.empty() ? "" : "/" + line.device.str());
}

/// "call -> bob/laptop: ring".
Lines rows_of(const SequenceDiagram& d) {
  Lines out;
  for (const SequenceStep& step : d.steps) {
    const std::string from = line_name(d.lifelines[step.from]), to = line_name(d.lifelines[step.to]);
    switch (step.kind) {
      case SequenceStep::Kind::arrow: out.push_back(from + " -> " + to + ": " + step.text); break;
      case SequenceStep::Kind::lost: out.push_back(from + " -x " + to + ": " + step.text); break;
      case SequenceStep::Kind::remark: out.push_back(from + ": " + step.text); break;
      case SequenceStep::Kind::banner: out.push_back("=== " + step.text); break;
    }
  }
  return out;
}

/// Plain and strict: elements are closed in order, attributes are quoted, nothing but five entities, no control characters.
bool is_well_formed(std::string_view svg) {
  std::vector<std::string> open;
  std::size_t i = 0, roots = 0;
  const auto good_text = [](std::string_view text) {
    for (std::size_t k = 0; k < text.size(); ++k) {
      if (static_cast<unsigned char>(text[k]) < 0x20 && text[k] != '\n') return false;
      if (text[k] == '<' || text[k] == '"') return text[k] == '"';
      if (text[k] != '&') continue;
      const std::string_view rest = text.substr(k);
      if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;") && !rest.starts_with("&quot;") &&
          !rest.starts_with("&apos;"))
        return false;
    }
    return true;
  };
  while (i < svg.size()) {
    if (svg[i] != '<') {
      const std::size_t end = std::min(svg.find('<', i), svg.size());
      if (!good_text(svg.substr(i, end - i))) return false;
      if (open.empty() && svg.substr(i, end - i).find_first_not_of('\n') != svg.npos) return false;
      i = end;
      continue;
    }
    std::size_t end = i;
    bool quoted = false;
    for (; end < svg.size() && (quoted || svg[end] != '>'); ++end) {
      if (svg[end] == '"') quoted = !quoted;
      if (end > i && svg[end] == '<') return false;
    }
    if (end == svg.size()) return false;
    const std::string_view tag = svg.substr(i + 1, end - i - 1);
    if (!good_text(tag)) return false;
    const bool closes = tag.starts_with('/'), empty = tag.ends_with('/');
    const std::string name(tag.substr(closes, std::min(tag.find_first_of(" />", closes), tag.size()) - closes));
    if (closes) {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    } else if (!empty) {
      if (open.empty()) ++roots;
      open.push_back(name);
    }
    i = end + 1;
  }
  return open.empty() && roots == 1;
}

void check_whole(const SequenceDiagram& d, std::size_t events) {
  RC_ASSERT(d.steps.size() + d.left_out == events);
  for (const SequenceStep& step : d.steps) {
    RC_ASSERT(step.from < d.lifelines.size());
    RC_ASSERT(step.to < d.lifelines.size());
    RC_ASSERT(printable(step.text) == step.text);
    if (step.kind == SequenceStep::Kind::arrow) RC_ASSERT((step.from == d.call) != (step.to == d.call));
  }
  std::map<std::size_t, std::size_t> until;
  for (const SequenceBar& bar : d.bars) {
    RC_ASSERT(bar.lifeline != d.call);
    RC_ASSERT(bar.first <= bar.last);
    RC_ASSERT(bar.last < d.steps.size());
    if (until.contains(bar.lifeline)) RC_ASSERT(until[bar.lifeline] <= bar.first);  // a device does one thing at a time
    until[bar.lifeline] = bar.last;
  }
  RC_ASSERT(is_well_formed(to_svg(d)));
  const std::string text = to_text(d);
  RC_ASSERT(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) >= d.steps.size() + 3);
}

}  // namespace

TEST_CASE("a call that is answered on one of two devices") {
  World w;
  w.ring_two_devices();
  w.pass(1s), w.must(bob, AckAlerting{});
  w.pass(3s), w.must(bob, Accept{});
  w.must(bob, Join{}), w.must(alice, Join{});
  w.pass(10s), w.must(bob, EndCall{});
  const SequenceDiagram d = drawn(w);
  CHECK(d.title == "call 42, audio: answered, hangup");
  CHECK(rows_of(d) == Lines{"alice/web -> call: call, audio", "call: invite bob, until +60.0 s", "call -> bob/phone: ring",
                            "call -> bob/laptop: ring", "bob/phone -> call: rings", "bob/phone -> call: accept",
                            "call -> bob/phone: answered_here", "call -> bob/laptop: answered_elsewhere",
                            "call -> alice/web: may join, until +34.0 s", "call -> bob/phone: may join, until +34.0 s",
                            "bob/phone -> call: joined", "call: active", "alice/web -> call: joined",
                            "call -> alice/web: over: completed", "call -> bob/phone: over: completed",
                            "=== ended: answered, hangup by bob"});
}

TEST_CASE("a lost link and what a device does meanwhile") {
  World w;
  w.talk();
  w.pass(5s), w.offline(bob);
  w.pass(5s), w.must(bob, Heartbeat{});
  const SequenceDiagram d = drawn(w);
  CHECK(rows_of(d)[rows_of(d).size() - 2] == "bob/phone -x call: link lost, until +35.0 s");
  CHECK(rows_of(d).back() == "bob/phone -> call: back");
  std::string states;
  for (const SequenceBar& bar : d.bars)
    if (line_name(d.lifelines[bar.lifeline]) == "bob/phone") states += std::to_string(static_cast<int>(bar.is));
  CHECK(states == "0121");
  CHECK(to_text(d).find("|x~ link lost, until +35.0 s ~~") != std::string::npos);
}

TEST_CASE("text for a terminal") {
  World w;
  w.ring();
  w.must(bob, Decline{});
  CHECK(to_text(drawn(w)) ==
        "call 42, audio: declined   2025-01-01T00:00:00.000Z\n"
        "\n"
        "              alice/web               call                         bob/phone\n"
        "    0.000 s       |---- call, audio --->|                              |\n"
        "    0.000 s       |                     | [invite bob, until +60.0 s]  |\n"
        "    0.000 s       |                     | [ring bob by push]           |\n"
        "    0.000 s       |<- over: declined ---|                              |\n"
        "    0.000 s       |                     |------- declined_here ------->|\n"
        "    0.000 s       |                     | [bob: over: declined]        |\n"
        "    0.000 s       =============== ended: declined by bob ===============\n");
}

TEST_CASE("limits: what does not fit is told of") {
  World w;
  w.talk();
  const SequenceDiagram few = drawn(w, {.lifelines_max = 2});
  CHECK(few.lifelines.size() == 2);
  const Lines rows = rows_of(few);
  CHECK(std::count(rows.begin(), rows.end(), "call: bob: joined") == 1);
  const SequenceDiagram cut = drawn(w, {.steps_max = 3});
  CHECK(cut.steps.size() == 3);
  CHECK(cut.left_out == w.log().size() - 3);
  CHECK(to_text(cut).find("... and " + std::to_string(cut.left_out) + " more events\n") != std::string::npos);
  CHECK(to_svg(cut).find("more events are not drawn") != std::string::npos);
}

TEST_CASE("what is no log") {
  World w;
  w.talk();
  CHECK(verdict(sequence_of({})) == "store_corrupt");
  CHECK(verdict(sequence_of(std::span(w.log()).subspan(1))) == "store_corrupt v1");
  std::vector<CallEvent> gap = w.log();
  gap.erase(gap.begin() + 3);
  CHECK(verdict(sequence_of(gap)) == "store_corrupt v5");
}

TEST_CASE("names cannot break out of the picture") {
  const UserId evil("</text><script>alert(1)</script>&\"'\x1b[31m\xff");
  std::vector<CallEvent> log{{CallId("<!--"), Version(1), {}, CallCreated{.caller = evil, .device = DeviceId("]]>")}},
                             {CallId("<!--"), Version(2), {}, CallEnded{.by = evil, .note = "\xe2\x80\xae&amp;"}}};
  const SequenceDiagram d = sequence_of(log).value();
  const std::string svg = to_svg(d);
  CHECK(is_well_formed(svg));
  CHECK(svg.find("<script") == svg.npos);
  CHECK(svg.find('\x1b') == svg.npos);
  CHECK(svg.find("&lt;/text&gt;&lt;script") != svg.npos);
  CHECK(to_text(d).find('\x1b') == svg.npos);
  CHECK(!is_well_formed("<svg><a></svg></a>"));  // the checker does check
  CHECK(!is_well_formed("<svg>a & b</svg>"));
  CHECK(!is_well_formed("<svg/><svg></svg><svg></svg>"));
  CHECK(!is_well_formed("<svg a=\"<\"></svg>"));
}

TEST_CASE("whatever people do, the picture is whole") {
  std::set<int> kinds;
  check_property("diagrams over the engine's logs", [&] {
    Script script(*presses());
    const SequenceOptions options{.lifelines_max = *rc::gen::inRange<std::size_t>(2, 9),
                                  .steps_max = *rc::gen::element<std::size_t>(5, 2000)};
    for (const auto& [id, log] : script.logs()) {
      const SequenceDiagram d = sequence_of(log, options).value();
      RC_ASSERT(d.lifelines.size() <= options.lifelines_max);
      check_whole(d, log.size());
      for (const SequenceBar& bar : d.bars) kinds.insert(static_cast<int>(bar.is));
    }
  });
  CHECK(kinds.size() == 3);
}

TEST_CASE("every event has a row, in a log of nothing but first and that event") {
  // An empty event of each kind, as no engine would say it: nothing is assumed of what came before.
  const auto every = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::vector<EventBody>{EventBody(std::in_place_index<I>)...};
  }
  (std::make_index_sequence<std::variant_size_v<EventBody>>());
  for (const EventBody& body : every) {
    const std::string word(name(body));
    CAPTURE(word);
    std::vector<CallEvent> log{{the_call, Version(1), {}, CallCreated{.caller = alice.user, .device = alice.device}},
                               {the_call, Version(2), {}, body}};
    const SequenceDiagram d = sequence_of(log).value();
    CHECK(d.steps.size() == 2);
    CHECK(is_well_formed(to_svg(d)));
    CHECK(!to_text(d).empty());
  }
}
