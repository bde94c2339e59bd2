// The block with which the public face was designed, kept as it was written, and run.
#include <doctest/doctest.h>

#include "zegocall/base/json.hpp"
#include "zegocall/call/model.hpp"

using namespace zegocall;

// clang-format off
struct Ring { UserId to; Media media = Media::audio; std::optional<std::string> note; std::vector<UserId> also; };
namespace zegocall {                                           // one hook, found beside the type: a wire's word to an enum, an object to a struct
Result<void> from_json(JsonView in, Media& out) {
  const std::string word = in.get<std::string>().value_or("");
  if (word != "voice" && word != "video") return fail(ErrorCode::invalid_argument, "must be voice or video");
  out = word == "video" ? Media::video : Media::audio;
  return {};
}
}
Result<Ring> read_ring(JsonView in) {
  auto f = in.get<UserId, Media, std::optional<std::string>, std::vector<UserId>>("receiverId", "callType", "note", "also");
  if (!f) return unexpected(f.error());                        // "invalid_argument: callType: must be voice or video"
  auto& [to, media, note, also] = *f;
  return Ring{to, media, note, also};
}
Json card(const UserId& user) { return JsonObject{{"_id", user}, {"online", true}}; }
Json reply(const Ring& ring, JsonView received) {
  JsonObject out{{"to", card(ring.to)},
                 {"note", ring.note},                          // an empty optional leaves the member out; nullptr writes null
                 {"also", JsonArray::of(ring.also, card)},
                 {"session", std::uint64_t{18446744073709551615u}},   // 64 bits stay exact, in and out
                 {"echo", received}};                          // spliced in as received: no parse, no re-print
  for (auto [key, value] : received.members())
    if (value.kind() == JsonKind::binary) out.add(key, value); // an attachment is a kind of value
  return out;
}
// clang-format on

TEST_CASE("a ring is read and answered") {
  const Json in = Json::parse(R"({"receiverId":"bob","callType":"video","note":null,"also":["carol"]})").value();
  const auto ring = read_ring(in);
  REQUIRE(ring);
  CHECK(ring->to == UserId{"bob"});
  CHECK(ring->media == Media::video);
  CHECK(!ring->note);
  CHECK(reply(*ring, in).text() ==
        R"({"to":{"_id":"bob","online":true},"also":[{"_id":"carol","online":true}],"session":18446744073709551615,)"
        R"("echo":{"receiverId":"bob","callType":"video","note":null,"also":["carol"]}})");
}

TEST_CASE("a word that is none of the wire's is refused by name") {
  const Json in = Json::parse(R"({"receiverId":"bob","callType":"fax","also":[]})").value();
  CHECK(to_string(read_ring(in).error()) == "invalid_argument: callType: must be voice or video");
}

TEST_CASE("an attachment goes on") {
  const std::vector<std::string> attachments{"\x01\x02"};
  const Json in = Json::parse(R"({"file":{"_placeholder":true,"num":0}})").value();
  const Json out = reply({}, *in.view().with_attachments(attachments));
  CHECK(out.attachments().size() == 2);
  CHECK(out.get<BytesView>("file")->view() == attachments[0]);
  CHECK(out.get<BytesView>("echo.file")->view() == attachments[0]);
}
