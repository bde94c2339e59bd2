#include "signaling/wire/socket_packet.hpp"

#include <doctest/doctest.h>

using namespace zegocall;
using namespace zegocall::wire_detail;

namespace {

struct Decoded {
  std::string text, scratch;
  Result<SocketPacket> packet;
  explicit Decoded(std::string_view frame, SocketLimits limits = {})
      : text(frame), packet(decode_socket(text, limits, scratch)) {}
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  const SocketPacket* operator->() const { return &*packet; }
};

template <class... T>
std::string encoded(void (*encode)(std::string&, T...), std::type_identity_t<T>... arguments) {
  std::string out;
  encode(out, arguments...);
  return out;
}

std::string event_of(std::string_view nsp, std::optional<std::uint64_t> id, std::string_view name, const Args& args) {
  return encoded(encode_event, nsp, id, name, args.view(), "");
}
std::string ack_of(std::string_view nsp, std::uint64_t id, const Args& args) { return encoded(encode_ack, nsp, id, args.view()); }

}  // namespace

TEST_CASE("CONNECT") {
  Decoded plain("0");
  REQUIRE(plain.packet);
  CHECK(plain->type == SocketType::connect);
  CHECK(plain->nsp == "/");
  CHECK(plain->json.kind() == JsonKind::null);
  Decoded auth(R"(0/admin,{"token":"x"})");
  REQUIRE(auth.packet);
  CHECK(auth->nsp == "/admin");
  CHECK(auth->json.text() == R"({"token":"x"})");
  Decoded open_ended("0/admin");
  REQUIRE(open_ended.packet);
  CHECK(open_ended->nsp == "/admin");
  CHECK(encoded(encode_connected, "/", "abc", "") == R"(40{"sid":"abc"})");
  CHECK(encoded(encode_connected, "/", "abc", "def") == R"(40{"sid":"abc","pid":"def"})");
  CHECK(encoded(encode_connected, "/custom", "abc", "") == R"(40/custom,{"sid":"abc"})");
  CHECK(encoded(encode_connected_legacy, "/") == "40");
  CHECK(encoded(encode_connected_legacy, "/custom") == "40/custom,");
  CHECK(encoded(encode_error_legacy, "/", "no \"x\"", "") == R"(44"no \"x\"")");
  CHECK(encoded(encode_error_legacy, "/custom", "no", R"({"a":1})") == R"(44/custom,{"a":1})");
  CHECK(encoded(encode_event, "/", std::nullopt, "x", ArgsView(), "run.7") == R"(42["x","run.7"])");
  CHECK(encoded(encode_event, "/", 3, "x", ArgsView::trusted("1"), "run.8") == R"(423["x",1,"run.8"])");
  CHECK(encoded(encode_connect, "/", "") == "40");
  CHECK(encoded(encode_connect, "/a", R"({"t":1})") == R"(40/a,{"t":1})");
}

TEST_CASE("DISCONNECT and CONNECT_ERROR") {
  Decoded gone("1/admin,");
  REQUIRE(gone.packet);
  CHECK(gone->type == SocketType::disconnect);
  CHECK(gone->nsp == "/admin");
  CHECK(encoded(encode_disconnect, "/") == "41");
  CHECK(encoded(encode_disconnect, "/a") == "41/a,");
  CHECK(encoded(encode_connect_error, "/random", "Invalid namespace", "") == R"(44/random,{"message":"Invalid namespace"})");
  CHECK(encoded(encode_connect_error, "/", "a \"b\"\n", R"({"x":1})") == R"(44{"message":"a \"b\"\n","data":{"x":1}})");
}

TEST_CASE("EVENT") {
  Decoded event(R"(2["signal",{"to":"b"},2])");
  REQUIRE(event.packet);
  CHECK(event->type == SocketType::event);
  CHECK(event->name == "signal");
  CHECK(event->args.text() == R"({"to":"b"},2)");
  CHECK(!event->id);
  Decoded asking(R"(2/chat,17["a\u0062"])");
  REQUIRE(asking.packet);
  CHECK(asking->nsp == "/chat");
  CHECK(asking->name == "ab");
  CHECK(asking->args.empty());
  CHECK(asking->id == 17);
  Decoded number("2[7,true]");
  REQUIRE(number.packet);
  CHECK(number->name == "7");
  Decoded largest(R"(218446744073709551615["x"])");
  REQUIRE(largest.packet);
  CHECK(largest->id == 18446744073709551615u);
  CHECK(event_of("/", std::nullopt, "hi", Args{1, "two"}) == R"(42["hi",1,"two"])");
  CHECK(event_of("/n", 5u, "h\"i", Args{}) == R"(42/n,5["h\"i"])");
}

TEST_CASE("half a surrogate pair goes through as it came") {
  const Decoded event(R"(2["cut","\ud800",{"\udc00":"x\ud83d"}])");
  REQUIRE(event.packet);
  CHECK(event->args.text() == R"("\ud800",{"\udc00":"x\ud83d"})");
  CHECK(event->args.get<std::string>("0").error().field == "0");
  CHECK(ack_of("/", 7, Args::copy_of(event->args)) == R"(437["\ud800",{"\udc00":"x\ud83d"}])");
  CHECK(Decoded(R"(31["\ud800"])").packet);
  CHECK(Decoded(R"(0{"name":"\ud800"})").packet);
  const Decoded named(R"(2["a\ud800"])");
  REQUIRE(named.packet);
  CHECK(named->name == "a\xef\xbf\xbd");
  CHECK(Decoded("2[\"x\",\"\xed\xa0\x80\"]").packet.error().code == ErrorCode::bad_utf8);  // not as an escape: no UTF-8
}

TEST_CASE("the event name error is not reserved") {
  CHECK(Decoded(R"(2["error",1])").packet);
  for (std::string_view name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    CHECK(!Decoded(std::string("2[\"").append(name).append("\"]")).packet);
  CHECK(!Decoded(R"(2["conn\u0065ct"])").packet);
}

TEST_CASE("ACK") {
  Decoded answer("312[]");
  REQUIRE(answer.packet);
  CHECK(answer->id == 12);
  CHECK(answer->args.empty());
  Decoded two(R"(3/n,0[1,{"a":[]}])");
  REQUIRE(two.packet);
  CHECK(two->id == 0);
  CHECK(two->args.text() == R"(1,{"a":[]})");
  CHECK(ack_of("/", 12u, Args{"ok"}) == R"(4312["ok"])");
  CHECK(ack_of("/n", 0u, Args{}) == "43/n,0[]");
}

TEST_CASE("binary packets have placeholders and attachments") {
  Decoded event(R"(52-/n,3["up",{"_placeholder":true,"num":1},{"x":{"_placeholder":true,"num":0}}])");
  REQUIRE(event.packet);
  CHECK(event->type == SocketType::binary_event);
  CHECK(event->attachments == 2);
  CHECK(event->name == "up");
  const std::vector<std::string> parts{"first", "second"};
  auto args = attach(*event.packet, parts);
  REQUIRE(args);
  CHECK(args->get<BytesView>("0").value().view() == "second");
  CHECK(args->get<BytesView>("1.x").value().view() == "first");
  Decoded answer(R"(61-4[{"_placeholder":true,"num":0}])");
  REQUIRE(answer.packet);
  CHECK(attach(*answer.packet, {parts.data(), 1})->size() == 1);
  // Labelled binary, but without an attachment: "Illegal attachments" of the original.
  for (const char* none : {R"(50-["up"])", R"(500-["up"])", "60-1[]"})
    CHECK(Decoded(none).packet.error().code == ErrorCode::protocol);
  CHECK(event_of("/n", 3u, "up", Args{BytesView("ab"), JsonObject{{"x", BytesView("c")}}}) ==
        R"(452-/n,3["up",{"_placeholder":true,"num":0},{"x":{"_placeholder":true,"num":1}}])");
  CHECK(ack_of("/", 4u, Args{BytesView("ab")}) == R"(461-4[{"_placeholder":true,"num":0}])");
}

TEST_CASE("a placeholder without its attachment is refused") {
  const std::vector<std::string> parts{"only"};
  for (std::string_view num : {"1", "-1", "\"splice\"", "null", "0.5", "{}", "1e0"}) {
    CAPTURE(num);
    Decoded event(std::string(R"(51-["up",{"_placeholder":true,"num":)").append(num).append("}]"));
    REQUIRE(event.packet);
    CHECK(!attach(*event.packet, parts));
  }
}

TEST_CASE("a placeholder in another spelling is refused, what only looks like one is not") {
  const std::vector<std::string> parts{"only"};
  auto taken = [&parts](std::string_view argument) {
    Decoded event(std::string("51-[\"up\",").append(argument).append("]"));
    REQUIRE(event.packet);
    return attach(*event.packet, parts).has_value();
  };
  CHECK(taken(R"({"_placeholder":true,"num":0})"));
  CHECK(taken(R"([{"x":[ { "num" : 0 , "_placeholder" : true } ]}])"));
  CHECK(taken(R"({"_placeholder":false,"num":9})"));
  CHECK(taken(R"("\"_placeholder\":true",["_placeholder",true])"));
  CHECK(!taken(R"({"_placeholder":true})"));
  CHECK(!taken(R"({"_placeholder":true,"num":0,"more":1})"));
  CHECK(!taken(R"({"\u005fplaceholder":true,"num":7})"));
  CHECK(!taken(R"({"a":{"_placeholder" : true,"num":"constructor"}})"));
}

TEST_CASE("what is not a packet is refused") {
  for (std::string_view text : {"",
                                "7",
                                "x",
                                "abc",
                                "2",
                                "2{}",
                                "2abc[\"x\"]",
                                "2[]",
                                "2[{}]",
                                "2[null]",
                                "2[[]]",
                                "2[true]",
                                "2\"x\"",
                                "2null",
                                "2[\"x\"",
                                "2[\"x\"]]",
                                "2[\"x\"] x",
                                "2/a,",
                                "2/a",
                                "2-1[\"x\"]",
                                "2 1[\"x\"]",
                                "218446744073709551616[\"x\"]",
                                "0[]",
                                "0\"x\"",
                                "0null",
                                "0{",

                                "1{}",
                                "1[]",
                                "3",
                                "3[]",
                                "31",
                                "31{}",
                                "3a[]",
                                "4",
                                "4[]",
                                "4null",
                                "5",
                                "5[\"x\"]",
                                "51[\"x\"]",
                                "51-",
                                "5-[\"x\"]",
                                "5a-[\"x\"]",
                                "5-1-[\"x\"]",
                                "518446744073709551616-[\"x\"]",
                                "6",
                                "61-[]",
                                "61-1{}",
                                "2[\"\xff\"]",
                                "2[\"x\",NaN]",
                                "2[\"x\",{\"a\":1,\"a\":2}]"}) {
    CAPTURE(text);
    const Decoded decoded(text);
    CHECK(!decoded.packet);
  }
}

TEST_CASE("limits of one packet") {
  SocketLimits limits;
  limits.attachments = 2;
  limits.json.depth_max = 3;
  limits.json.bytes_max = 40;
  CHECK(Decoded(R"(52-["x"])", limits).packet);
  CHECK(Decoded(R"(53-["x"])", limits).packet.error().code == ErrorCode::limit_exceeded);
  CHECK(Decoded(R"(51000000-["x"])", limits).packet.error().code == ErrorCode::limit_exceeded);
  CHECK(Decoded(R"(2["x",[[1]]])", limits).packet);
  CHECK(Decoded(R"(2["x",[[[1]]]])", limits).packet.error().code == ErrorCode::limit_exceeded);
  CHECK(Decoded("2[\"x\",\"" + std::string(32, 'a') + "\"]", limits).packet);
  CHECK(Decoded("2[\"x\",\"" + std::string(33, 'a') + "\"]", limits).packet.error().code == ErrorCode::payload_too_large);
}

TEST_CASE("a decoded packet is a view of the frame") {
  const std::string frame = R"(2["signal",{"to":"b"}])";
  Decoded event(frame);
  REQUIRE(event.packet);
  CHECK(event->name.data() == event.text.data() + 3);
  CHECK(event->args.text().data() == event.text.data() + 11);
}
