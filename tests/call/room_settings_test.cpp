// What a room agrees on while it lives: metadata, attributes, recording and consent.
#include "call/room_world.hpp"

using namespace call_test;

TEST_CASE("lock and capacity: nothing to do twice, limits named") {
  RoomWorld w;
  w.open();
  CHECK(w.says(alice, Unlock{}) == Lines{});
  CHECK(w.says(alice, Lock{}) == Lines{"room.updated locked by alice"});
  CHECK(w.says(alice, Lock{}) == Lines{});
  CHECK(w.refused(alice, SetCapacity{0}) == "out_of_range capacity");
  CHECK(w.refused(alice, SetCapacity{2001}) == "out_of_range capacity");
  CHECK(w.says(alice, SetCapacity{100}) == Lines{});
}

TEST_CASE("metadata is compared and set") {
  RoomWorld w;
  w.open();
  w.must(alice, SetMetadata{"one", 0});
  CHECK(w.refused(alice, SetMetadata{"two", 0}) == "stale_version expected");
  w.must(alice, SetMetadata{"two", 1});
  CHECK(w.call().room->metadata == "two");
  CHECK(w.call().room->metadata_version == 2);
  CHECK(w.refused(alice, SetMetadata{std::string(4097, 'x'), {}}) == "limit_exceeded text");
}

TEST_CASE("attributes are compared and set, one by one") {
  RoomWorld w;
  w.open();
  w.must(alice, SetAttribute{"slide", "1", 0});
  CHECK(w.refused(alice, SetAttribute{"slide", "2", 0}) == "stale_version expected");
  w.must(alice, SetAttribute{"slide", "2", 1});
  w.must(alice, SetAttribute{"agenda", "x", {}});
  CHECK(w.call().room->attributes.front().key == "agenda");  // by key
  CHECK(w.call().room->attribute("slide")->version == 2);
  w.must(alice, SetAttribute{"slide", std::nullopt, 2});
  CHECK(w.call().room->attribute("slide") == nullptr);
  CHECK(w.says(alice, SetAttribute{"slide", std::nullopt, {}}) == Lines{});
  CHECK(w.refused(alice, SetAttribute{"", "v", {}}) == "invalid_argument key");
  CHECK(w.refused(alice, SetAttribute{std::string(65, 'k'), "v", {}}) == "limit_exceeded key");
  CHECK(w.refused(alice, SetAttribute{"k", std::string(513, 'v'), {}}) == "limit_exceeded value");
  for (int i = 0; i < 63; ++i) w.must(alice, SetAttribute{"a" + std::to_string(i), "v", {}});
  CHECK(w.refused(alice, SetAttribute{"one too many", "v", {}}) == "limit_exceeded key");
}

TEST_CASE("what goes into the log is UTF-8") {
  RoomWorld w;
  w.open();
  const std::string bad = "caf\xE9";
  CHECK(w.refused(alice, SetMetadata{bad, {}}) == "bad_utf8 text");
  CHECK(w.refused(alice, SetAttribute{bad, "v", {}}) == "bad_utf8 key");
  CHECK(w.refused(alice, SetAttribute{"k", bad, {}}) == "bad_utf8 value");
  CHECK(w.refused(alice, EndCall{bad}) == "bad_utf8 note");
  CHECK(w.refused(alice, Kick{UserId(bad), 1h}) == "bad_utf8 user");
  CHECK(w.refused(alice, Invite{.user = UserId(bad)}) == "bad_utf8 user");
  w.must(alice, SetAttribute{"k", "caf\xC3\xA9 \xF0\x9F\x93\x9E", {}});
  const Actor odd{{"bob"}, DeviceId(bad)};
  CHECK(w.refused(odd, Join{}) == "bad_utf8 by.device");
}

TEST_CASE("a recording begins at once where nobody need be asked") {
  RoomWorld w;
  w.open();
  w.enter(bob);
  CHECK(w.says(alice, SetRecording{true}) == Lines{"recording.changed on by alice"});
  CHECK(w.says(alice, SetRecording{true}) == Lines{});
  CHECK(w.call().room->recording_by == alice.user);
  CHECK(w.says(alice, SetRecording{false}) == Lines{"recording.changed off by alice"});
}

TEST_CASE("where people are asked, it begins when all agree, and whoever does not stops it") {
  RoomWorld w;
  w.form.settings.consent = RecordingConsent::ask;
  w.open();
  w.enter(bob), w.enter(carol);
  CHECK(w.says(alice, SetRecording{true}) == Lines{"consent.changed alice given", "recording.changed asked by alice"});
  CHECK(w.says(bob, Consent{true}) == Lines{"consent.changed bob given"});
  CHECK(w.says(bob, Consent{true}) == Lines{});
  CHECK(w.says(carol, Consent{true}) == Lines{"consent.changed carol given", "recording.changed on by alice"});
  CHECK(w.refused(dave, Join{}) == "forbidden consent");
  w.must(dave, Join{.consent = true});
  w.must(dave, Join{});
  CHECK(w.call().room->recording == RecordingState::on);
  CHECK(w.says(dave, Consent{false}) == Lines{"consent.changed dave refused", "recording.changed off by dave"});
}

TEST_CASE("the one who was still asked leaves: all who stay have agreed") {
  RoomWorld w;
  w.form.settings.consent = RecordingConsent::ask;
  w.open();
  w.enter(bob), w.enter(carol);
  w.must(alice, SetRecording{true}), w.must(bob, Consent{true});
  CHECK(w.says(carol, Leave{}) == Lines{"leg.final carol/pad completed", "recording.changed on by alice"});
}

TEST_CASE("who lost the link is asked, too: nobody is recorded against their word") {
  RoomWorld w;
  w.form.settings.consent = RecordingConsent::ask;
  w.open();
  w.enter(bob);
  w.online(bob);
  w.must(bob, Consent{false});
  w.offline(bob);
  CHECK(w.says(alice, SetRecording{true}) == Lines{"consent.changed alice given", "recording.changed asked by alice"});
  SUBCASE("they come back, and agree") {
    w.online(bob);
    CHECK(w.state_of(bob) == "joined");
    CHECK(w.call().room->recording == RecordingState::asked);
    CHECK(w.says(bob, Consent{true}) == Lines{"consent.changed bob given", "recording.changed on by alice"});
    w.offline(bob);
    CHECK(w.call().room->recording == RecordingState::on);
  }
  SUBCASE("they do not come back") {
    w.pass(w.call().policy.reconnect_grace);
    CHECK(w.state_of(bob) == "network_lost");
    CHECK(w.call().room->recording == RecordingState::on);
  }
}

TEST_CASE("who had a seat when the recording began agrees before the media room") {
  RoomWorld w;
  w.form.settings.consent = RecordingConsent::ask;
  w.open();
  w.must(bob, Join{});
  w.must(alice, SetRecording{true});
  CHECK(w.refused(bob, Join{}) == "forbidden consent");
  CHECK(w.says(bob, Join{.consent = true}) == Lines{"consent.changed bob given", "leg.joined bob/phone"});
  CHECK(w.refused(carol, Consent{true}) == "forbidden");
}
