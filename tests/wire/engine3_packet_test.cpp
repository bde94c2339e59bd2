// Polling bodies of Engine.IO v3.
#include "signaling/wire/engine3_packet.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace zegocall;
using namespace zegocall::wire_detail;

namespace {

struct Packet {
  EngineType type;
  bool binary;
  std::string data;
  friend bool operator==(const Packet&, const Packet&) = default;
};

/// All packets of a body; nothing if one of them cannot be read.
std::optional<std::vector<Packet>> all(std::string_view body, bool bytes = false) {
  std::vector<Packet> out;
  for (Payload3Reader reader(body, bytes); !reader.done();) {
    const auto packet = reader.next();
    if (!packet) return std::nullopt;
    out.push_back({packet->type, packet->binary, std::string(packet->data)});
  }
  return out;
}

const Packet hello{EngineType::message, false, "hello"};
const Packet four{EngineType::message, true, "\x01\x02\x03\x04"};

}  // namespace

TEST_CASE("text bodies: lengths count as JavaScript counts") {
  CHECK(all("6:4hello") == std::vector<Packet>{hello});
  CHECK(all("6:4hello10:b4AQIDBA==") == std::vector<Packet>{hello, four});
  CHECK(all("1:26:4hello1:1") == std::vector<Packet>{{EngineType::ping, false, ""}, hello, {EngineType::close, false, ""}});
  CHECK(all("2:4\xe2\x82\xac") == std::vector<Packet>{{EngineType::message, false, "\xe2\x82\xac"}});          // one unit
  CHECK(all("3:4\xf0\x9f\x98\x80") == std::vector<Packet>{{EngineType::message, false, "\xf0\x9f\x98\x80"}});  // two
  std::string body;
  append_to_payload3(body, {EngineType::message, false, "\xf0\x9f\x98\x80"});
  append_to_payload3(body, {EngineType::message, true, "\x01\x02\x03\x04"});
  append_to_payload3(body, "6");
  CHECK(body ==
        "3:4\xf0\x9f\x98\x80"
        "10:b4AQIDBA==1:6");
}

TEST_CASE("byte bodies: a kind, decimal digits, 255, then data") {
  using namespace std::string_literals;
  const std::string body =
      "\x00\x06\xff"
      "4hello\x01\x05\xff\x04\x01\x02\x03\x04"s;
  CHECK(payload3_as_bytes("6:4hello10:b4AQIDBA==") == body);
  CHECK(all(body, true) == std::vector<Packet>{hello, four});
  const std::string long_text(123, 'x');
  CHECK(payload3_as_bytes("124:4" + long_text)
            .starts_with("\x00\x01\x02\x04\xff"s
                         "4xxx"));
  CHECK(all(payload3_as_bytes("124:4" + long_text), true) == std::vector<Packet>{{EngineType::message, false, long_text}});
}

TEST_CASE("what is not a body is refused") {
  using namespace std::string_literals;
  for (const std::string& body : {""s, "abc"s, "6"s, ":"s, "6:"s, "6:4hell"s, "x:4"s, "-1:4"s, "0:"s, "99999999999:4"s,
                                  "6:4hello5"s, "1:4\xf0\x9f\x98\x80"s, "2:4\xff"s, "2:b4"s + "x", "4:b5AA"s, "3:bAA"s, "1:9"s}) {
    CAPTURE(body);
    CHECK(!all(body));
  }
  for (const std::string& body : {""s, "6:4hello"s, "\x00\xff"s, "\x00\x06"s,
                                  "\x00\x06\xff"
                                  "4hell"s,
                                  "\x02\x01\xff"
                                  "4"s,
                                  "\x00\x0a\xff"
                                  "4"s,
                                  "\x01\x01\xff\x05"s, "\x01\x00\xff"s,
                                  "\x00\x02\xff"
                                  "4\xff"s,
                                  "\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff"
                                  "4"s}) {
    CAPTURE(body);
    CHECK(!all(body, true));
  }
}

TEST_CASE("text is counted, and what is no text is found") {
  CHECK(utf16_units("") == 0);
  CHECK(utf16_units("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 5);
  CHECK(!utf16_units("\xed\xa0\x80"));
  CHECK(!utf16_units("a\xf0\x9f\x98"));
}
