// Events and snapshots as text: golden files, round trips, strictness, unknown members.
#include "store/codec.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "store/sample.hpp"
#include "zegocall/base/json.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace zegocall::store_detail;

namespace {

std::vector<std::string> golden_lines(const std::string& file) {
  std::ifstream in(std::string(ZEGOCALL_STORE_TESTS) + "/golden/" + file);
  REQUIRE(in);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto found = text.find(what);
  REQUIRE(found != std::string::npos);
  return text.replace(found, what.size(), with);
}

}  // namespace

TEST_CASE("version 2 of the encoding never changes") {
  // One line for each kind of event, then the snapshots. A new version gets a file of its own; this one stays readable.
  const std::vector<std::string> lines = golden_lines("v2.jsonl");
  const std::vector<CallEvent> events = one_of_each_event();
  REQUIRE(lines.size() == events.size() + 2);
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK(encode_event(events[i]) == lines[i]);
    auto back = decode_event(lines[i]);
    INFO(lines[i]);
    REQUIRE(back);
    CHECK(back->value.body.index() == events[i].body.index());
    CHECK(encode_event(back->value) == lines[i]);
    auto body = decode_body(name(events[i].body), encode_body(events[i].body));
    REQUIRE(body);
    CHECK(encode_body(*body) == encode_body(events[i].body));
  }
  std::size_t at = events.size();
  for (const CallView& call : {full_call(), full_room()}) {
    CHECK(encode_snapshot(call) == lines[at]);
    auto back = decode_snapshot(lines[at++]);
    REQUIRE(back);
    CHECK(back->value == call);
    CHECK(back->unknown.empty());
  }
}

TEST_CASE("there is a golden line for every kind of event") {
  std::set<std::size_t> kinds;
  for (const CallEvent& event : one_of_each_event()) kinds.insert(event.body.index());
  CHECK(kinds.size() == std::variant_size_v<EventBody>);
}

TEST_CASE("what version 1 wrote is read, and means the same") {
  const std::vector<std::string> lines = golden_lines("v1.jsonl");
  const std::vector<CallEvent> events = one_of_each_event();
  REQUIRE(lines.size() == 15);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    auto event = decode_event(lines[i]);
    INFO(lines[i]);
    REQUIRE(event);
    CHECK(encode_event(event->value) == encode_event(events[i]));
    CHECK(event->unknown.empty());
  }
  auto call = decode_snapshot(lines.back());
  REQUIRE(call);
  CHECK(call->value == full_call());
}

TEST_CASE("the empty call goes there and back") {
  auto back = decode_snapshot(encode_snapshot(CallView{}));
  REQUIRE(back);
  CHECK(back->value == CallView{});
}

TEST_CASE("unknown members stay when a record passes through") {
  const std::string line = golden_lines("v2.jsonl").at(5);
  const std::string newer = replaced(line, "\"leg\":2", "\"mood\":{\"a\":[1,2.50]},\"leg\":2,\"\\u006eote\\n\":null");
  auto event = decode_event(newer);
  REQUIRE(event);
  CHECK(event->unknown == ",\"mood\":{\"a\":[1,2.50]},\"note\\n\":null");
  const std::string again = encode_event(event->value, event->unknown);
  CHECK(again == line.substr(0, line.size() - 1) + event->unknown + "}");
  CHECK(decode_event(again)->unknown == event->unknown);

  auto call = decode_snapshot(replaced(encode_snapshot(full_call()), "{\"v\":2", "{\"v\":2,\"venue\":\"r1\""));
  REQUIRE(call);
  CHECK(call->value == full_call());
  const std::string kept = encode_snapshot(call->value, call->unknown);
  CHECK(JsonView::check(kept).value().get<std::string>("venue").value() == "r1");
}

TEST_CASE("decoding is strict and names the member") {
  const std::string event = golden_lines("v2.jsonl").at(6), call = encode_snapshot(full_call());
  const auto event_field = [&](const std::string& what, const std::string& with) {
    auto decoded = decode_event(replaced(event, what, with));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ErrorCode::store_corrupt);
    return decoded.error().field;
  };
  CHECK(event_field("\"leg\":2", "\"leg\":\"2\"") == "leg");
  CHECK(event_field("\"leg\":2", "\"leg\":-2") == "leg");
  CHECK(event_field("\"leg\":2,", "") == "leg");
  CHECK(event_field("\"user\":\"bob\"", "\"user\":7") == "user");
  CHECK(event_field("answered_elsewhere", "answered_somewhere") == "outcome");
  CHECK(event_field("device.dismiss", "device.explode") == "event");
  CHECK(event_field("\"version\":7", "\"version\":7.5") == "version");
  CHECK(event_field("\"at\":", "\"at\":9999999999999999999") == "at");
  CHECK(event_field("{\"v\":2", "{\"v\":0") == "v");
  CHECK(event_field("{\"v\":2,", "{") == "v");
  CHECK(event_field("{\"v\"", "{\"leg\":2,\"v\"") == "");  // a member twice: bad JSON
  CHECK(decode_event(replaced(event, "{\"v\":2", "{\"v\":3")).error().code == ErrorCode::store_newer);
  const auto call_field = [&](const std::string& what, const std::string& with) {
    auto decoded = decode_snapshot(replaced(call, what, with));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ErrorCode::store_corrupt);
    return decoded.error().field;
  };
  CHECK(call_field("\"glare\":\"busy\"", "\"glare\":\"merge?\"") == "policy.glare");
  CHECK(call_field("\"outcome\":\"answered_here\"", "\"outcome\":true") == "legs.1.devices.0.outcome");
  CHECK(call_field("\"deadlines\":[{", "\"deadlines\":[7,{") == "deadlines.0");
  CHECK(call_field("\"legs\":[", "\"legs\":{},\"x\":[") == "legs");
  for (const char* bad : {"", "[]", "7", "{", "{\"v\":1}x", "null"}) {
    CHECK(decode_event(bad).error().code == ErrorCode::store_corrupt);
    CHECK(decode_snapshot(bad).error().code == ErrorCode::store_corrupt);
    CHECK(decode_body("call.active", bad).error().code == ErrorCode::store_corrupt);
  }
}

TEST_CASE("every prefix of a record is refused, never read past its end") {
  const std::string call = encode_snapshot(full_call());
  for (std::size_t size = 0; size < call.size(); ++size) {
    const std::string prefix = call.substr(0, size);
    CHECK_FALSE(decode_snapshot(prefix));
  }
}
