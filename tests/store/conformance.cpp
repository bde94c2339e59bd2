#include "store/conformance.hpp"

#include <doctest/doctest.h>

#include <string>

#include "store/sample.hpp"

namespace zegocall::test {

namespace {

const std::vector<UserId> people{"alice", "bob", "carol", "dave"};

CallView load(Store& store, const CallId& id) {
  auto found = store.call(id);
  REQUIRE(found);
  REQUIRE(*found);
  return **found;
}

/// Alice has called Bob; the snapshot.
CallView started(Store& store, const CallId& id = "call-1", std::int64_t ms = 0) {
  done(change_alone(store, start(id, "alice", "bob", ms)));
  return load(store, id);
}

// ---- transactions ---------------------------------------------------------------------------------------------------

void empty_store(Store& store) {
  CHECK(show(store.call("nobody")) == "nothing");
  CHECK(show(store.calls_of({"alice"})) == "[]");
  CHECK(show(store.events("nobody", Version{})) == "[]");
  CHECK(show(store.history("alice", {})) == "0 []");
  CHECK(show(store.answer("alice", "c1")) == "nothing");
  CHECK(show(store.next_deadline()) == "nothing");
  CHECK(show(store.account_by_login("")) == "nothing");
  CHECK(show(store.chat_of({})) == "nothing");
}

void transactions(Store& store) {
  CHECK_FALSE(store.in_transaction());
  refused(store.commit(), ErrorCode::invalid_state, "");
  store.rollback();  // of nothing: nothing
  refused(store.change(start("call-1", "alice", "bob", 0)), ErrorCode::invalid_state, "");
  refused(store.add_account(account("alice", 0)), ErrorCode::invalid_state, "");
  refused(store.add_chat(chat("chat", {"alice", "bob"}, 0)), ErrorCode::invalid_state, "");
  refused(store.outbox_done(1), ErrorCode::invalid_state, "");
  refused(store.forget_answers(at(0), 1), ErrorCode::invalid_state, "");
  done(store.begin());
  CHECK(store.in_transaction());
  refused(store.begin(), ErrorCode::invalid_state, "");
  CHECK(store.in_transaction());
  done(store.commit());
  CHECK_FALSE(store.in_transaction());
}

void rollback_takes_all_back(Store& store) {
  const CallView kept = started(store);
  done(store.begin());
  done(store.add_account(account("alice", 0)));
  done(store.commit());
  const std::string before = dump(store, people);
  done(store.begin());
  CallChange change = hang_up(kept, 10);
  change.answer = CommandAnswer{"alice", "c1", kept.id, Version(9), {}, at(100)};
  change.outbox.push_back({"call.ended", "{}", at(10)});
  done(store.change(change));
  done(store.change(start("call-2", "carol", "dave", 20)));
  done(store.add_account(account("bob", 1)));
  done(store.add_chat(chat("chat", {"alice", "bob"}, 0)));
  CHECK(dump(store, people) != before);
  store.rollback();
  CHECK_FALSE(store.in_transaction());
  CHECK(dump(store, people) == before);
}

void group_commit(Store& store) {
  done(store.begin());
  for (int i = 0; i < 16; ++i) {
    const std::string n = std::to_string(i);
    done(store.change(start(CallId("call-" + n), UserId("a" + n), UserId("b" + n), i)));
    CHECK(load(store, CallId("call-" + n)).version == Version(2));  // its own writes are seen
  }
  done(store.commit());
  const auto live = store.live_calls().value();
  CHECK(live.size() == 16);
  std::vector<CallId> ids;
  for (const CallView& call : live) ids.push_back(call.id);
  CHECK(store.live_call_ids().value() == ids);
}

// ---- calls ----------------------------------------------------------------------------------------------------------

void keeps_a_call(Store& store) {
  const CallChange change = start("call-1", "alice", "bob", 0);
  done(change_alone(store, change));
  CHECK(show(store.call("call-1")) == show(change.parts[0].after));
  CHECK(show(store.events("call-1", Version{})) == show(change.parts[0].events));
  CHECK(show(store.events("call-1", Version(1))) == show(std::vector{change.parts[0].events[1]}));
  CHECK(show(store.events("call-1", Version(2))) == "[]");
  CHECK(show(store.calls_of({"bob", "alice", "carol", "bob"})) == show(std::vector{change.parts[0].after}));
  CHECK(show(store.live_calls()) == show(std::vector{change.parts[0].after}));
  CHECK(store.history("alice", {}).value().total == 0);
  CHECK(show(store.calls({})) == "1 " + show(std::vector{change.parts[0].after}));
}

void keeps_every_member(Store& store) {
  for (CallView view : {full_call(), full_room()}) {
    CallChange change;
    change.parts.push_back({Version{}, one_of_each_event(), std::move(view)});
    CallChange::Part& part = change.parts[0];
    part.after.deadlines.clear();
    part.after.version = Version(part.events.size());
    for (CallEvent& event : part.events) event.call = part.after.id;
    done(change_alone(store, change));
    CHECK(load(store, part.after.id) == part.after);
    CHECK(show(store.events(part.after.id, Version{})) == show(part.events));
  }
}

void wrong_version_is_conflict(Store& store) {
  const CallView before = started(store);
  const std::string all = dump(store, people);
  refused(change_alone(store, start("call-1", "carol", "dave", 0)), ErrorCode::conflict, "parts.0.expected");
  CallChange late = accept(before, 5);
  done(change_alone(store, late));
  const std::string accepted = dump(store, people);
  CHECK(accepted != all);
  refused(change_alone(store, late), ErrorCode::conflict, "parts.0.expected");
  CallView never = before;
  never.id = "call-9";
  refused(change_alone(store, accept(never, 5)), ErrorCode::conflict, "parts.0.expected");
  CHECK(dump(store, people) == accepted);
}

void conflict_takes_back_its_own_only(Store& store) {
  done(store.begin());
  done(store.change(start("call-1", "alice", "bob", 0)));
  const std::string before = dump(store, people);
  CallChange two = start("call-2", "carol", "dave", 1);
  two.parts.push_back(start("call-3", "erin", "bob", 1).parts[0]);  // bob sits already
  two.answer = CommandAnswer{"carol", "c1", "call-2", Version(2), {}, at(100)};
  two.outbox.push_back({"topic", "body", at(0)});
  refused(store.change(two), ErrorCode::conflict, "parts.1.after.legs.1.user");
  CHECK(store.in_transaction());
  CHECK(dump(store, people) == before);
  done(store.change(start("call-4", "carol", "dave", 2)));
  done(store.commit());
  CHECK(store.live_calls().value().size() == 2);
  CHECK(store.live_call_ids().value().size() == 2);
}

void ended_never_changes(Store& store) {
  done(change_alone(store, hang_up(started(store), 10)));
  const CallView ended = load(store, "call-1");
  refused(change_alone(store, leave(ended, "alice", 20)), ErrorCode::invalid_argument, "parts.0.after.deadlines");
  CallChange again = hang_up(ended, 20);
  refused(change_alone(store, again), ErrorCode::invalid_state, "parts.0.after.id");
  CHECK(load(store, "call-1") == ended);
}

// ---- seats ----------------------------------------------------------------------------------------------------------

void one_seat_for_a_person(Store& store) {
  started(store);
  const std::string before = dump(store, people);
  refused(change_alone(store, start("call-2", "bob", "carol", 1)), ErrorCode::conflict, "parts.0.after.legs.0.user");
  refused(change_alone(store, start("call-2", "carol", "alice", 1)), ErrorCode::conflict, "parts.0.after.legs.1.user");
  CallChange both = start("call-3", "carol", "dave", 1);
  both.parts.push_back(start("call-4", "dave", "erin", 1).parts[0]);
  refused(change_alone(store, both), ErrorCode::conflict, "parts.1.after.legs.0.user");
  CHECK(dump(store, people) == before);
}

void seats_come_free(Store& store) {
  const CallView call = started(store);
  done(change_alone(store, accept(call, 5)));
  done(change_alone(store, leave(load(store, "call-1"), "bob", 6)));
  CHECK(show(store.calls_of({"bob"})) == "[]");
  CHECK(store.calls_of({"alice"}).value().size() == 1);
  done(change_alone(store, start("call-2", "bob", "carol", 7)));
  done(change_alone(store, hang_up(load(store, "call-1"), 8)));
  CHECK(show(store.calls_of({"alice"})) == "[]");
  done(change_alone(store, start("call-3", "dave", "alice", 9)));
  CHECK(store.calls_of({"alice"}).value()[0].id == CallId("call-3"));
}

void seats_move_within_a_change(Store& store) {
  const CallView old = started(store);
  CallChange redial = start("call-2", "alice", "bob", 10);  // in front of the part that makes room for it
  redial.parts.push_back(hang_up(old, 10).parts[0]);
  done(change_alone(store, redial));
  CHECK(store.calls_of({"alice", "bob"}).value().size() == 1);
  CHECK(store.calls_of({"alice"}).value()[0].id == CallId("call-2"));
  CHECK(load(store, "call-1").state == CallState::ended);
}

// ---- lists ----------------------------------------------------------------------------------------------------------

void history_newest_first(Store& store) {
  for (int i = 0; i < 5; ++i) {
    const CallId id("call-" + std::to_string(i));
    started(store, id, i);
    // The call that began last ends first, and two end in the same millisecond.
    done(change_alone(store, hang_up(load(store, id), i == 4 ? 1 : 100 + i / 2)));
  }
  const auto ids = [](const Page<CallView>& page) {
    std::string out;
    for (const CallView& call : page.items) out += call.id.str().back();
    return out;
  };
  CHECK(ids(store.history("alice", {}).value()) == "32104");
  CHECK(ids(store.history("bob", {1, 2}).value()) == "32");
  CHECK(ids(store.history("bob", {2, 2}).value()) == "10");
  CHECK(ids(store.history("bob", {3, 2}).value()) == "4");
  CHECK(store.history("bob", {3, 2}).value().total == 5);
  CHECK(ids(store.history("bob", {4, 2}).value()).empty());
  CHECK(ids(store.history("bob", {4'294'967'295u, 100}).value()).empty());
  CHECK(store.history("carol", {}).value().total == 0);
  CHECK(ids(store.calls({1, 100}).value()) == "43210");
  CHECK(ids(store.calls({2, 3}).value()) == "10");
}

void a_walk_meets_each_call_once(Store& store) {
  const auto over = [&](int number, std::int64_t ms) {
    const CallId id("call-" + std::to_string(number));
    started(store, id, ms);
    done(change_alone(store, hang_up(load(store, id), ms + 1)));
  };
  for (const int number : {0, 1, 2, 3, 4}) over(number, number / 2);  // two begin in the same millisecond
  std::string met;
  std::optional<CallPlace> place;
  for (int page = 0; page < 10; ++page) {
    const auto calls = store.calls_before(place, 2).value();
    for (const CallView& call : calls) {
      met += call.id.str().back();
      place = CallPlace{call.created_at, call.id};
    }
    over(5 + page, 10 + page);  // a server writes meanwhile
    if (calls.size() < 2) break;
  }
  CHECK(met == "43210");
  CHECK(store.calls_before(CallPlace{at(0), "call-0"}, 100).value().empty());
  CHECK(store.calls_before(CallPlace{at(0), "call-1"}, 100).value().size() == 1);
  refused(store.calls_before({}, 0), ErrorCode::out_of_range, "size");
  refused(store.calls_before({}, 101), ErrorCode::out_of_range, "size");
}

void live_rooms(Store& store) {
  RoomView view;
  view.host = "alice";
  view.members = {{"carol", {}}, {"erin", {}}};
  CallChange made = start("call-1", "alice", "bob", 0);
  made.parts[0].after.kind = CallKind::room;
  made.parts[0].after.room = view;
  std::get<CallCreated>(made.parts[0].events[0].body).room = view;
  done(change_alone(store, made));
  done(change_alone(store, start("call-2", "carol", "dave", 5)));  // no room
  const auto rooms = [&](const UserId& user) { return store.live_rooms_of(user).value().size(); };
  CHECK(rooms("alice") == 1);
  CHECK(rooms("bob") == 1);
  CHECK(rooms("carol") == 1);
  CHECK(rooms("dave") == 0);
  CHECK(store.live_rooms_of("carol").value().at(0).id == CallId("call-1"));
  done(change_alone(store, leave(load(store, "call-1"), "bob", 6)));
  CHECK(rooms("bob") == 0);
  // Invited when he was known already: he is named beside his leg.
  CallView after = load(store, "call-1");
  CallChange invited;
  const Version before = after.version;
  after.version = Version(before.value + 1);
  after.room->members = {{"bob", {}}, {"carol", {}}, {"erin", {}}};
  RoomUpdated updated;
  updated.by = "alice";
  updated.member = RoomMember{"bob", {}};
  invited.parts.push_back({before, {CallEvent{after.id, after.version, at(7), updated}}, after});
  done(change_alone(store, invited));
  CHECK(rooms("bob") == 1);
  CHECK(rooms("erin") == 1);
  done(store.begin());
  CHECK(store.erase_user("erin", "erased-1").value() == 1);  // invited, and never came
  done(store.commit());
  CHECK(rooms("erin") == 0);
  CHECK(rooms("erased-1") == 1);
  done(store.begin());
  CHECK(store.erase_user("bob", "zz-erased").value() == 1);
  done(store.commit());
  for (const char* member : {"carol", "erased-1", "zz-erased"}) CHECK(load(store, "call-1").room_view().member(member));
  done(change_alone(store, hang_up(load(store, "call-1"), 8)));
  for (const UserId& user : people) CHECK(rooms(user) == 0);
}

void pages_have_limits(Store& store) {
  for (const PageRequest bad : {PageRequest{0, 20}, PageRequest{1, 0}, PageRequest{1, 101}}) {
    const std::string field = bad.page == 0 ? "page" : "size";
    for (const Error& error :
         {store.history("alice", bad).error(), store.calls(bad).error(), store.chats_of("alice", bad).error()}) {
      CHECK(error.code == ErrorCode::out_of_range);
      CHECK(error.field == field);
    }
  }
  CHECK(store.calls({1, 100}));
}

void deadlines_by_time(Store& store) {
  done(change_alone(store, start("call-1", "alice", "bob", 5)));
  done(change_alone(store, start("call-2", "carol", "dave", 0)));
  CHECK(show(store.next_deadline()) == show(at(10'000)));
  CHECK(show(store.due(at(9'999), 10)) == "[]");
  CHECK(store.due(at(10'000), 10).value().at(0).call == CallId("call-2"));
  CHECK(store.due(at(10'005), 10).value().size() == 2);
  CHECK(store.due(at(10'005), 1).value().size() == 1);
  CHECK(store.due(at(70'000), 10).value().size() == 4);
  done(change_alone(store, hang_up(load(store, "call-2"), 1)));
  CHECK(show(store.next_deadline()) == show(at(10'005)));
  done(change_alone(store, accept(load(store, "call-1"), 7)));
  CHECK(show(store.due(at(99'999), 10)) ==
        show(std::vector<DueDeadline>{{"call-1", {Timer::join, 1, at(30'007)}}, {"call-1", {Timer::join, 2, at(30'007)}}}));
}

// ---- answers and outbox ---------------------------------------------------------------------------------------------

void answers(Store& store) {
  CallChange change;
  change.answer = CommandAnswer{"alice", "c1", "call-1", Version(7), Error{ErrorCode::busy, "callees.0", "in call-9"}, at(50)};
  done(change_alone(store, change));
  CHECK(show(store.answer("alice", "c1")) == show(*change.answer));
  CHECK(show(store.answer("bob", "c1")) == "nothing");
  CallChange second = start("call-1", "alice", "bob", 0);
  second.answer = change.answer;
  second.answer->error.reset();
  refused(change_alone(store, second), ErrorCode::conflict, "answer");
  CHECK(show(store.call("call-1")) == "nothing");
  second.answer->command = "c2";
  second.answer->keep_until = at(60);
  done(change_alone(store, second));
  CHECK(show(store.answer("alice", "c2")) == show(*second.answer));
  const auto forget = [&](std::int64_t ms, std::uint32_t most) {
    done(store.begin());
    done(store.forget_answers(at(ms), most));
    done(store.commit());
  };
  forget(49, 10);
  CHECK(show(store.answer("alice", "c1")) != "nothing");
  forget(60, 1);
  CHECK(show(store.answer("alice", "c1")) == "nothing");
  CHECK(show(store.answer("alice", "c2")) != "nothing");
  forget(60, 1);
  CHECK(show(store.answer("alice", "c2")) == "nothing");
}

void outbox(Store& store) {
  CallChange change;
  change.outbox = {{"a", "1", at(1)}, {"b", "2", at(2)}, {"c", "3", at(3)}};
  done(change_alone(store, change));
  const auto all = store.outbox(OutboxLane::host, 10).value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].message.topic == "a");
  CHECK(all[0].number < all[1].number);
  CHECK(store.outbox(OutboxLane::host, 2).value().size() == 2);
  done(store.begin());
  done(store.outbox_done(all[0].number));
  done(store.outbox_done(all[1].number));
  done(store.outbox_done(0));
  done(store.commit());
  REQUIRE(store.outbox(OutboxLane::host, 10).value().size() == 1);
  done(store.begin());
  done(store.outbox_done(all[2].number));
  done(store.commit());
  done(change_alone(store, change));
  CHECK(store.outbox(OutboxLane::host, 1).value().at(0).number > all[2].number);  // a number is used once
}

// ---- people ---------------------------------------------------------------------------------------------------------

void accounts(Store& store) {
  AccountRecord alice = account("Alice", 0), bob = account("bob", 0);
  done(store.begin());
  done(store.add_account(alice));
  done(store.add_account(bob));
  AccountRecord other = account("carol", 0);
  other.name = "ALICE";
  refused(store.add_account(other), ErrorCode::already_exists, "name");
  other.name = "carol", other.email = "BOB@EXAMPLE.ORG";
  refused(store.add_account(other), ErrorCode::already_exists, "email");
  other.email = "", other.id = bob.id;
  refused(store.add_account(other), ErrorCode::already_exists, "id");
  other.id = "id-carol";
  done(store.add_account(other));
  AccountRecord dave = account("d\xC3\x84ve", 0);
  dave.email = "";
  done(store.add_account(dave));  // a second one without an address
  done(store.commit());
  CHECK(show(store.account(alice.id)) == show(alice));
  CHECK(show(store.account("alice")) == "nothing");
  CHECK(show(store.account_by_login("aLICE")) == show(alice));
  CHECK(show(store.account_by_login("Bob@Example.org")) == show(bob));
  CHECK(show(store.account_by_login("D\xC3\x84VE")) == show(dave));
  CHECK(show(store.account_by_login("d\xC3\xA4ve")) == "nothing");  // only ASCII letters are the same in both cases
  CHECK(show(store.account_by_login("")) == "nothing");
  CHECK(show(store.accounts(10)) == show(std::vector{alice, bob, other, dave}));
  CHECK(show(store.accounts(2)) == show(std::vector{other, dave}));
}

void chats(Store& store) {
  const ChatRecord pair = chat("one", {"alice", "bob"}, 5), three = chat("two", {"alice", "bob", "carol"}, 5),
                   old = chat("zero", {"alice", "carol"}, 1);
  done(store.begin());
  for (const ChatRecord& one : {pair, three, old}) done(store.add_chat(one));
  refused(store.add_chat(chat("one", {"x", "y"}, 0)), ErrorCode::already_exists, "id");
  refused(store.add_chat(chat("three", {"alice", "bob"}, 0)), ErrorCode::already_exists, "members");
  refused(store.add_chat(chat("three", {"bob", "alice"}, 0)), ErrorCode::invalid_argument, "members.1");
  refused(store.add_chat(chat("three", {"bob", "bob"}, 0)), ErrorCode::invalid_argument, "members.1");
  refused(store.add_chat(chat("three", {"bob"}, 0)), ErrorCode::out_of_range, "members");
  refused(store.add_chat(chat("", {"bob", "carol"}, 0)), ErrorCode::invalid_argument, "id");
  done(store.commit());
  CHECK(show(store.chat("two")) == show(three));
  CHECK(show(store.chat("none")) == "nothing");
  CHECK(show(store.chat_of({"alice", "bob"})) == show(pair));
  CHECK(show(store.chat_of({"bob", "carol"})) == "nothing");
  CHECK(show(store.chats_of("alice", {})) == "3 " + show(std::vector{three, pair, old}));
  CHECK(show(store.chats_of("alice", {2, 2})) == "3 " + show(std::vector{old}));
  CHECK(show(store.chats_of("dave", {})) == "0 []");
}

// ---- bad input ------------------------------------------------------------------------------------------------------

void odd_texts(Store& store) {
  using namespace std::string_literals;
  const std::vector<std::string> odd{"a\0b"s, "\xF0\x9F\x98\x80", "it's \"quoted\" \\ ; DROP TABLE calls; --", "\x01\n\t", "%_*?",
                                     " "};
  int number = 0;
  for (const std::string& text : odd) {
    const std::string n = std::to_string(number++);
    const CallId id(text + n);
    const UserId caller(text + "caller"), callee(text + "\0callee"s);
    CallChange change = start(id, caller, callee, 0);
    change.parts[0].after.topic = change.parts[0].after.end_note = text;
    std::get<CallCreated>(change.parts[0].events[0].body).topic = text;
    change.answer = CommandAnswer{caller, CommandId(text), id, Version(2), Error{ErrorCode::busy, text, text}, at(5)};
    change.outbox.push_back({text, text, at(0)});
    done(change_alone(store, change));
    CHECK(load(store, id) == change.parts[0].after);
    CHECK(show(store.events(id, Version{})) == show(change.parts[0].events));
    CHECK(show(store.answer(caller, CommandId(text))) == show(*change.answer));
    CHECK(store.calls_of({callee}).value().at(0).id == id);
    CHECK(store.outbox(OutboxLane::host, 100).value().back().message.body == text);
    AccountRecord person = account(text, 0);
    person.email = "";
    done(store.begin());
    done(store.add_account(person));
    done(store.add_chat(chat(text, {UserId("a" + text), UserId("b" + text)}, 0)));
    done(store.commit());
    CHECK(show(store.account_by_login(text)) == show(person));
    CHECK(show(store.chats_of(UserId("b" + text), {})) ==
          "1 " + show(std::vector{chat(text, {UserId("a" + text), UserId("b" + text)}, 0)}));
  }
  CHECK(show(store.call("a")) == "nothing");  // a NUL does not end a text
}

void limits_of_sizes(Store& store) {
  const std::string id_most(StoreLimits::id_bytes_max, 'i'), text_most(StoreLimits::text_bytes_max, 't');
  CallChange fits = start(CallId(id_most), UserId("u" + id_most.substr(1)), "bob", 0);
  fits.parts[0].after.topic = text_most;
  fits.outbox.push_back({"topic", std::string(StoreLimits::outbox_bytes_max, 'b'), at(0)});
  done(change_alone(store, fits));
  CHECK(load(store, CallId(id_most)) == fits.parts[0].after);
  const std::string before = dump(store, people);
  const auto bad = [&](ErrorCode code, const std::string& field, const std::function<void(CallChange&)>& spoil) {
    CallChange change = start("call-2", "carol", "dave", 0);
    change.answer = CommandAnswer{"carol", "c1", "call-2", Version(2), {}, at(1)};
    change.outbox.push_back({"topic", "body", at(0)});
    spoil(change);
    refused(change_alone(store, change), code, field);
  };
  using C = CallChange;
  bad(ErrorCode::out_of_range, "parts.0.after.id", [&](C& c) { c.parts[0].after.id = CallId(id_most + "i"); });
  bad(ErrorCode::invalid_argument, "parts.0.after.id", [](C& c) { c.parts[0].after.id = ""; });
  bad(ErrorCode::out_of_range, "parts.0.after.topic", [&](C& c) { c.parts[0].after.topic = text_most + "t"; });
  bad(ErrorCode::bad_utf8, "parts.0.after.end_note", [](C& c) { c.parts[0].after.end_note = "\xC0\xAF"; });
  bad(ErrorCode::bad_utf8, "parts.0.after.legs.1.device", [](C& c) { c.parts[0].after.legs[1].device = "\xED\xA0\x80"; });
  bad(ErrorCode::out_of_range, "parts.0.after.legs", [](C& c) { c.parts[0].after.legs.resize(StoreLimits::legs_max + 1); });
  bad(ErrorCode::out_of_range, "parts.0.after.legs.0.devices",
      [](C& c) { c.parts[0].after.legs[0].devices.resize(StoreLimits::devices_max + 1); });
  bad(ErrorCode::out_of_range, "parts.0.events", [](C& c) { c.parts[0].events.resize(StoreLimits::events_max + 1); });
  bad(ErrorCode::out_of_range, "parts.0.events", [](C& c) { c.parts[0].events.clear(); });
  bad(ErrorCode::invalid_argument, "parts.0.after.version", [](C& c) { c.parts[0].after.version = Version(3); });
  bad(ErrorCode::invalid_argument, "parts.0.events.1.version", [](C& c) { c.parts[0].events[1].version = Version(7); });
  bad(ErrorCode::invalid_argument, "parts.0.events.0.call", [](C& c) { c.parts[0].events[0].call = "call-3"; });
  bad(ErrorCode::out_of_range, "parts.0.events.1.user",
      [&](C& c) { std::get<LegInvited>(c.parts[0].events[1].body).user = UserId(id_most + "i"); });
  bad(ErrorCode::invalid_argument, "parts.0.after.ended_at", [](C& c) { c.parts[0].after.state = CallState::ended; });
  bad(ErrorCode::invalid_argument, "parts.1.after.id", [](C& c) { c.parts.push_back(c.parts[0]); });
  bad(ErrorCode::invalid_argument, "answer.command", [](C& c) { c.answer->command = ""; });
  bad(ErrorCode::out_of_range, "outbox.0.body", [](C& c) { c.outbox[0].body.resize(StoreLimits::outbox_bytes_max + 1); });
  CHECK(dump(store, people) == before);
  AccountRecord person = account("x", 0);
  person.name = id_most + "i";
  done(store.begin());
  refused(store.add_account(person), ErrorCode::out_of_range, "name");
  person.name = "";
  refused(store.add_account(person), ErrorCode::invalid_argument, "name");
  store.rollback();
}

constexpr ConformanceCase cases[] = {
    {"an empty store answers with nothing", empty_store},
    {"changes need a transaction, and there is one at a time", transactions},
    {"a rollback takes everything back", rollback_takes_all_back},
    {"many commands share one commit and see each other", group_commit},
    {"a call, its log and its seats are kept", keeps_a_call},
    {"every member of every record is kept", keeps_every_member},
    {"another version than the expected one is a conflict", wrong_version_is_conflict},
    {"a conflict takes back its own changes only", conflict_takes_back_its_own_only},
    {"a call that has ended never changes", ended_never_changes},
    {"a person has one seat", one_seat_for_a_person},
    {"seats come free when a leg or the call is over", seats_come_free},
    {"a seat moves within one change in whatever order", seats_move_within_a_change},
    {"history is by end, newest first, in pages", history_newest_first},
    {"a walk over all calls meets each once while others are written", a_walk_meets_each_call_once},
    {"the live rooms of a host, a member and who is in", live_rooms},
    {"pages have limits", pages_have_limits},
    {"deadlines are due by time", deadlines_by_time},
    {"a command has one answer until it is forgotten", answers},
    {"the outbox keeps its order and its numbers", outbox},
    {"accounts are unique without regard to ASCII case", accounts},
    {"a set of people has one chat", chats},
    {"odd texts come back as they were", odd_texts},
    {"what is too large or malformed changes nothing", limits_of_sizes},
};

}  // namespace

std::span<const ConformanceCase> conformance_cases() { return cases; }

void run_conformance(const MakeStore& make) {
  for (const auto cases_of_one_file : {conformance_cases(), port_cases()})
    for (const ConformanceCase& one : cases_of_one_file) {
      SUBCASE(one.name) {
        const auto store = make();
        REQUIRE(store);
        one.run(*store);
      }
    }
}

}  // namespace zegocall::test
