#include "signaling/wire/engine_packet.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace zegocall;
using namespace zegocall::wire_detail;

namespace {

EnginePacket decoded(std::string_view text) {
  static std::string scratch;
  auto packet = decode_engine(text, scratch);
  REQUIRE(packet);
  return *packet;
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("each packet type has its digit") {
  CHECK(decoded("0{}") == EnginePacket{EngineType::open, false, "{}"});
  CHECK(decoded("1") == EnginePacket{EngineType::close, false, ""});
  CHECK(decoded("2probe") == EnginePacket{EngineType::ping, false, "probe"});
  CHECK(decoded("3") == EnginePacket{EngineType::pong, false, ""});
  CHECK(decoded("4hello \xe2\x82\xac") == EnginePacket{EngineType::message, false, "hello \xe2\x82\xac"});
  CHECK(decoded("5") == EnginePacket{EngineType::upgrade, false, ""});
  CHECK(decoded("6") == EnginePacket{EngineType::noop, false, ""});
}

TEST_CASE("binary data is base64 behind a b") {
  CHECK(decoded("bAQIDBA==") == EnginePacket{EngineType::message, true, "\x01\x02\x03\x04"});
  CHECK(decoded("bAQIDBA") == EnginePacket{EngineType::message, true, "\x01\x02\x03\x04"});
  CHECK(decoded("b") == EnginePacket{EngineType::message, true, ""});
  std::string out;
  encode_engine(out, {EngineType::message, true, "\x01\x02\x03\x04"});
  CHECK(out == "bAQIDBA==");
}

TEST_CASE("what is not a packet is refused") {
  std::string scratch;
  for (std::string_view text :
       {"", "7", "x", "abc", "-1", " 4", "\x1e", "B", "bA", "bAAAA=", "bA===", "b====", "bAQ=D", "b!!!!", "bAQID\n"}) {
    CAPTURE(text);
    const auto packet = decode_engine(text, scratch);
    REQUIRE(!packet);
    CHECK(packet.error().code == ErrorCode::protocol);
  }
}

TEST_CASE("base64 of every length") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("\xff\xfe\xfd") == "//79");
  std::string bytes, back;
  for (int i = 0; i < 300; ++i) {
    REQUIRE(decode_base64(base64(bytes), back));
    REQUIRE(back == bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST_CASE("a polling body holds packets with U+001E between") {
  std::string body;
  append_to_payload(body, "4hello");
  append_to_payload(body, EnginePacket{EngineType::ping, false, ""});
  append_to_payload(body, EnginePacket{EngineType::message, true, "\x01\x02\x03\x04"});
  CHECK(body ==
        "4hello\x1e"
        "2\x1e"
        "bAQIDBA==");

  PayloadReader reader(body);
  std::vector<std::string> seen;
  while (!reader.done()) {
    auto packet = reader.next();
    REQUIRE(packet);
    seen.push_back(std::to_string(static_cast<int>(packet->type)) + (packet->binary ? "b" : "t") + std::string(packet->data));
  }
  CHECK(seen == std::vector<std::string>{"4thello", "2t", "4b\x01\x02\x03\x04"});
}

TEST_CASE("a bad packet ends the reading of a body") {
  for (std::string_view body : {"", "abc", "\x1e", "4a\x1e",
                                "\x1e"
                                "4a",
                                "4a\x1e\x1e"
                                "4b"}) {
    CAPTURE(body);
    PayloadReader reader(body);
    bool failed = false;
    for (int i = 0; i < 5 && !reader.done(); ++i) failed = !reader.next();
    CHECK(reader.done());
    CHECK(failed);
  }
}
