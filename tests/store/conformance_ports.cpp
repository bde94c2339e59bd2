// The conformance suite, second half: outbox, settings, rooms, forgetting.
#include <doctest/doctest.h>

#include <string>

#include "store/conformance.hpp"
#include "store/sample.hpp"

namespace zegocall::test {

namespace {

/// One transaction around it.
template <class Work>
void within(Store& store, Work work) {
  done(store.begin());
  work();
  done(store.commit());
}
CallView ended_call(Store& store, const CallId& id, const UserId& caller, const UserId& callee, std::int64_t ms) {
  done(change_alone(store, start(id, caller, callee, ms)));
  done(change_alone(store, hang_up(value(store.call(id)).value(), ms + 1)));
  return value(store.call(id)).value();
}
std::string topics(const std::vector<OutboxEntry>& entries) {
  std::string out;
  for (const OutboxEntry& entry : entries) out += entry.message.topic;
  return out;
}
std::int64_t number_of(Store& store, const std::string& topic) {
  for (const OutboxEntry& entry : value(store.outbox(OutboxLane::host, 100)))
    if (entry.message.topic == topic) return entry.number;
  return 0;
}

// ---- seats ----------------------------------------------------------------------------------------------------------

/// Bob sits in call-1 and is rung by Carol as well.
CallChange second_ring() {
  CallChange change = start("call-2", "carol", "bob", 5);
  change.parts[0].after.legs[1].second = true;
  return change;
}

void second_rings(Store& store) {
  done(change_alone(store, start("call-1", "alice", "bob", 0)));
  done(change_alone(store, second_ring()));
  const auto ids = [&](const UserId& user) {
    std::string out;
    for (const CallView& call : value(store.calls_of({user}))) out += call.id.str() + " ";
    return out;
  };
  CHECK(ids("bob") == "call-1 call-2 ");
  CHECK(ids("carol") == "call-2 ");
  CallChange both = accept(value(store.call("call-2")).value(), 6);
  both.parts[0].after.legs[1].second = false;
  refused(change_alone(store, both), ErrorCode::conflict, "parts.0.after.legs.1.user");
  both.parts.push_back(hang_up(value(store.call("call-1")).value(), 6).parts[0]);
  done(change_alone(store, both));
  CHECK(ids("bob") == "call-2 ");
  CHECK(ids("alice").empty());
  done(change_alone(store, hang_up(value(store.call("call-2")).value(), 7)));
  CHECK(ids("bob").empty());
}

void second_rings_end(Store& store) {
  done(change_alone(store, start("call-1", "alice", "bob", 0)));
  done(change_alone(store, second_ring()));
  within(store, [&] { refused(store.erase_user("bob", "gone"), ErrorCode::invalid_state, "user"); });
  done(change_alone(store, hang_up(value(store.call("call-2")).value(), 7)));
  CHECK(value(store.calls_of({"bob"})).size() == 1);
  CHECK(value(store.calls_of({"bob"})).at(0).id == CallId("call-1"));
}

// ---- outbox ---------------------------------------------------------------------------------------------------------

/// a1 a2 a3 of one order, b1 of another, n1 and n2 of none.
void send_six(Store& store) {
  CallChange change;
  change.outbox = {{"a", "1", at(1), "call-a", "e1"}, {"b", "2", at(2), "call-a", "e2"}, {"c", "3", at(3), "call-a", "e3"},
                   {"d", "4", at(4), "call-b", "e4"}, {"e", "5", at(5), {}, "e5"},       {"f", "6", at(6), {}, "e6"}};
  done(change_alone(store, change));
}

void outbox_orders(Store& store) {
  send_six(store);
  CHECK(value(store.outbox_size(OutboxLane::host)) == 6);
  CHECK(show(store.outbox_next(OutboxLane::host)) == show(at(1)));
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(0), 10))).empty());
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "adef");
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 2))) == "ad");
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(4), 10))) == "ad");
  const OutboxEntry first = value(store.outbox(OutboxLane::host, 1)).at(0);
  CHECK(first.message.order == "call-a");
  CHECK(first.message.id == "e1");
  CHECK_FALSE(value(store.outbox(OutboxLane::host, 2)).at(1).due);
  within(store, [&] { done(store.outbox_done(first.number)); });
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "bdef");
  within(store, [&] { done(store.outbox_done(number_of(store, "c"))); });  // one behind the first: the first stays
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "bdef");
  within(store, [&] {
    done(store.outbox_done(number_of(store, "b")));
    done(store.outbox_done(number_of(store, "d")));
    done(store.outbox_done(987654));
  });
  CHECK(topics(value(store.outbox(OutboxLane::host, 10))) == "ef");
}

/// The same order in both lanes: neither waits for the other, and neither is seen from the other.
void outbox_lanes(Store& store) {
  send_six(store);
  CallChange change;
  change.outbox = {{"p", "7", at(1), "call-a", "e7", OutboxLane::provider},
                   {"q", "8", at(2), "call-a", "e8", OutboxLane::provider}};
  done(change_alone(store, change));
  CHECK(value(store.outbox_size(OutboxLane::host)) == 6);
  CHECK(value(store.outbox_size(OutboxLane::provider)) == 2);
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "adef");
  CHECK(topics(value(store.outbox_due(OutboxLane::provider, at(100), 10))) == "p");
  CHECK(show(store.outbox_next(OutboxLane::provider)) == show(at(1)));
  const auto waiting = value(store.outbox(OutboxLane::provider, 10));
  CHECK(topics(waiting) == "pq");
  CHECK(waiting.at(0).message.lane == OutboxLane::provider);
  within(store, [&] { done(store.outbox_bury(waiting.at(0).number, at(9), "age")); });
  CHECK(topics(value(store.outbox_due(OutboxLane::provider, at(100), 10))) == "q");
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "adef");
  within(store, [&] {
    CHECK(value(store.forget_dead_letters(OutboxLane::host, at(100), 10)) == 0);
    done(store.dead_letter_again(waiting.at(0).number, at(10)));
  });
  CHECK(topics(value(store.outbox(OutboxLane::provider, 10))) == "qp");
  CHECK(topics(value(store.outbox(OutboxLane::host, 10))) == "abcdef");
  CHECK(value(store.dead_letters({})).total == 0);
}

void outbox_retries(Store& store) {
  send_six(store);
  const std::int64_t a = number_of(store, "a");
  within(store, [&] {
    done(store.outbox_retry(a, at(500)));
    refused(store.outbox_retry(number_of(store, "b"), at(500)), ErrorCode::invalid_state, "number");
    refused(store.outbox_retry(987654, at(500)), ErrorCode::not_found, "number");
  });
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(499), 10))) == "def");
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(500), 10))) == "defa");
  CHECK(value(store.outbox(OutboxLane::host, 1)).at(0).attempts == 1);
  const std::string before =
      show(store.outbox(OutboxLane::host, 10)) + show(store.outbox_due(OutboxLane::host, UnixTime::max(), 10));
  done(store.begin());
  done(store.outbox_retry(a, at(900)));
  done(store.outbox_done(a));
  store.rollback();
  CHECK(show(store.outbox(OutboxLane::host, 10)) + show(store.outbox_due(OutboxLane::host, UnixTime::max(), 10)) == before);
}

void dead_letters(Store& store) {
  send_six(store);
  const std::int64_t a = number_of(store, "a"), d = number_of(store, "d");
  refused(store.outbox_bury(a, at(7), "age"), ErrorCode::invalid_state, "");
  within(store, [&] {
    done(store.outbox_retry(a, at(500)));
    done(store.outbox_bury(a, at(7), "attempts: HTTP 500"));
    done(store.outbox_bury(d, at(8), "age"));
    refused(store.outbox_bury(987654, at(7), "age"), ErrorCode::not_found, "number");
    refused(store.outbox_bury(number_of(store, "b"), at(7), std::string(StoreLimits::text_bytes_max + 1, 'r')),
            ErrorCode::out_of_range, "reason");
  });
  CHECK(topics(value(store.outbox_due(OutboxLane::host, at(100), 10))) == "bef");
  const auto page = value(store.dead_letters({}));
  CHECK(page.total == 2);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].entry.number == d);
  CHECK(page.items[1].entry.attempts == 1);
  CHECK(page.items[1].reason == "attempts: HTTP 500");
  CHECK(show(page.items[1].died) == show(at(7)));
  CHECK(value(store.dead_letters({2, 1})).items.at(0).entry.message.id == "e1");
  refused(store.dead_letters({0, 1}), ErrorCode::out_of_range, "page");
  within(store, [&] {
    done(store.dead_letter_again(a, at(50)));
    refused(store.dead_letter_again(a, at(50)), ErrorCode::not_found, "number");
  });
  const OutboxEntry again = value(store.outbox(OutboxLane::host, 10)).back();
  CHECK(again.number > a);
  CHECK(again.attempts == 0);
  CHECK(again.message.id == "e1");
  CHECK_FALSE(again.due);  // b and c of its order stand before it
  within(store, [&] {
    CHECK(value(store.forget_dead_letters(OutboxLane::host, at(8), 10)) == 0);
    CHECK(value(store.forget_dead_letters(OutboxLane::host, at(9), 10)) == 1);
  });
  CHECK(value(store.dead_letters({})).total == 0);
}

// ---- settings -------------------------------------------------------------------------------------------------------

void settings(Store& store) {
  CHECK(value(store.settings("alice")) == PersonSettings{"alice", false, {}});
  refused(store.keep_settings({"alice", true, {}}), ErrorCode::invalid_state, "");
  within(store, [&] {
    done(store.keep_settings({"alice", true, at(50)}));
    refused(store.keep_settings({"", true, {}}), ErrorCode::invalid_argument, "user");
  });
  const PersonSettings kept = value(store.settings("alice"));
  CHECK(kept == PersonSettings{"alice", true, at(50)});
  CHECK(kept.dnd_at(at(49)));
  CHECK_FALSE(kept.dnd_at(at(50)));
  within(store, [&] { done(store.keep_settings({"alice", true, {}})); });
  CHECK(value(store.settings("alice")).dnd_at(UnixTime::max()));
  CHECK_FALSE(value(store.settings("bob")).dnd);
}

void blocks(Store& store) {
  within(store, [&] {
    done(store.block({"alice", "bob", at(1)}));
    done(store.block({"alice", "bob", at(2)}));
    done(store.block({"alice", "carol", at(3)}));
    done(store.block({"bob", "carol", at(3)}));
    refused(store.block({"alice", "alice", at(1)}), ErrorCode::invalid_argument, "blocked");
    refused(store.block({"alice", "", at(1)}), ErrorCode::invalid_argument, "blocked");
  });
  CHECK(value(store.is_blocked("bob", "alice")));
  CHECK_FALSE(value(store.is_blocked("alice", "bob")));
  CHECK(show(store.blocks("alice", {})) == "2 " + show(std::vector<Block>{{"alice", "bob", at(1)}, {"alice", "carol", at(3)}}));
  CHECK(show(store.blocks("alice", {2, 1})) == "2 " + show(std::vector<Block>{{"alice", "carol", at(3)}}));
  within(store, [&] {
    done(store.unblock("alice", "bob"));
    done(store.unblock("alice", "nobody"));
  });
  CHECK_FALSE(value(store.is_blocked("bob", "alice")));
  within(store, [&] {
    for (std::size_t i = 1; i < StoreLimits::blocks_max; ++i)
      done(store.block({"alice", UserId("u" + std::to_string(i)), at(4)}));
    refused(store.block({"alice", "one too many", at(4)}), ErrorCode::limit_exceeded, "blocked");
    done(store.block({"alice", "carol", at(5)}));
  });
  CHECK(value(store.blocks("alice", {})).total == StoreLimits::blocks_max);
}

void missed(Store& store) {
  CallChange change = start("call-1", "alice", "bob", 0);
  change.missed = {{"bob", "call-1", 2, "alice", LegOutcome::no_answer, at(5), {}}};
  CallChange second = start("call-2", "carol", "dave", 0);
  second.missed = {{"bob", "call-2", 2, "carol", LegOutcome::busy, at(9), {}}};
  done(change_alone(store, change));
  done(change_alone(store, second));
  CHECK(value(store.missed_unseen("bob")) == 2);
  CHECK(show(store.missed("bob", {})) == "2 " + show(std::vector{second.missed[0], change.missed[0]}));
  CHECK(value(store.missed("bob", {2, 1})).items.at(0) == change.missed[0]);
  CHECK(value(store.missed("alice", {})).total == 0);
  within(store, [&] {
    CHECK(value(store.mark_missed_seen("bob", at(5), at(20))) == 1);
    CHECK(value(store.mark_missed_seen("bob", at(5), at(21))) == 0);
    CHECK(value(store.mark_missed_seen("alice", at(99), at(21))) == 0);
  });
  CHECK(value(store.missed_unseen("bob")) == 1);
  CHECK(value(store.missed("bob", {})).items.at(1).seen == at(20));
  CallChange wrong = start("call-3", "erin", "frank", 0);
  wrong.missed = {{"frank", "call-9", 2, "erin", LegOutcome::busy, at(9), {}}};
  refused(change_alone(store, wrong), ErrorCode::invalid_argument, "missed.0.call");
  wrong.missed = {{"", "call-3", 2, "erin", LegOutcome::busy, at(9), {}}};
  refused(change_alone(store, wrong), ErrorCode::invalid_argument, "missed.0.user");
  CHECK(show(store.call("call-3")) == "nothing");
}

// ---- rooms ----------------------------------------------------------------------------------------------------------

void room_messages(Store& store) {
  const RoomMessage one{"call-1", 1, "alice", at(1), "hello"}, two{"call-1", 2, "bob", at(2), "good day"},
      nine{"call-1", 9, "alice", at(3), ""};
  done(store.begin());
  refused(store.add_room_message(one), ErrorCode::not_found, "call");
  store.rollback();
  done(change_alone(store, start("call-1", "alice", "bob", 0)));
  done(change_alone(store, start("call-10", "carol", "dave", 0)));
  within(store, [&] {
    for (const RoomMessage& message : {one, two, nine}) done(store.add_room_message(message));
    done(store.add_room_message({"call-10", 4, "carol", at(1), "elsewhere"}));
    refused(store.add_room_message(two), ErrorCode::already_exists, "number");
    refused(store.add_room_message({"call-1", 8, "bob", at(2), "late"}), ErrorCode::already_exists, "number");
    refused(store.add_room_message({"call-1", 0, "bob", at(2), "none"}), ErrorCode::invalid_argument, "number");
    refused(store.add_room_message({"call-1", 10, "bob", at(2), std::string(StoreLimits::room_text_bytes_max + 1, 'x')}),
            ErrorCode::out_of_range, "text");
    refused(store.add_room_message({"call-1", 10, "bob", at(2), "\xFF"}), ErrorCode::bad_utf8, "text");
  });
  CHECK(show(store.room_messages("call-1", 0, 10)) == show(std::vector{one, two, nine}));
  CHECK(show(store.room_messages("call-1", 1, 1)) == show(std::vector{two}));
  CHECK(show(store.room_messages("call-1", ~std::uint64_t{0}, 9)) == "[]");
  CHECK(value(store.last_room_message("call-1")) == 9);
  CHECK(value(store.last_room_message("call-2")) == 0);
  within(store, [&] { done(store.forget_room_messages("call-1", 2)); });
  CHECK(show(store.room_messages("call-1", 0, 10)) == show(std::vector{nine}));
  within(store, [&] { done(store.forget_room_messages("call-1", 100)); });  // the newest keeps the count
  CHECK(value(store.last_room_message("call-1")) == 9);
  CHECK(value(store.last_room_message("call-10")) == 4);
}

void room_reads(Store& store) {
  done(change_alone(store, start("call-1", "alice", "bob", 0)));
  CHECK(value(store.room_read("call-1", "alice")) == 0);
  within(store, [&] {
    done(store.keep_room_read("call-1", "alice", 5));
    done(store.keep_room_read("call-1", "alice", 3));
    done(store.keep_room_read("call-1", "bob", 1));
    refused(store.keep_room_read("call-2", "bob", 1), ErrorCode::not_found, "call");
  });
  CHECK(value(store.room_read("call-1", "alice")) == 5);
  CHECK(value(store.room_read("call-1", "bob")) == 1);
}

void passcodes_and_codes(Store& store) {
  done(change_alone(store, start("call-1", "alice", "bob", 0)));
  CHECK(show(store.passcode("call-1")) == "nothing");
  const JoinCodeRecord code{"digest-1", "call-1", "code-1", at(50)}, other{"digest-2", "call-1", "code-2", at(60)};
  within(store, [&] {
    done(store.keep_passcode({"call-1", 1, "$y$one"}));
    done(store.keep_passcode({"call-1", 2, "$y$two"}));
    refused(store.keep_passcode({"call-2", 1, "$y$"}), ErrorCode::not_found, "call");
    done(store.add_join_code(code));
    done(store.add_join_code(other));
    refused(store.add_join_code(code), ErrorCode::already_exists, "digest");
    refused(store.add_join_code({"", "call-1", "c", at(1)}), ErrorCode::invalid_argument, "digest");
    refused(store.add_join_code({"digest-3", "call-2", "c", at(1)}), ErrorCode::not_found, "call");
  });
  CHECK(value(store.passcode("call-1")) == PasscodeRecord{"call-1", 2, "$y$two"});
  CHECK(value(store.join_code("digest-1")) == code);
  CHECK(show(store.join_code("digest-3")) == "nothing");
  within(store, [&] {
    CHECK(value(store.forget_join_codes(at(49), 9)) == 0);
    CHECK(value(store.forget_join_codes(at(60), 1)) == 1);
  });
  CHECK(show(store.join_code("digest-1")) == "nothing");
  CHECK(value(store.join_code("digest-2")) == other);
}

// ---- forgetting -----------------------------------------------------------------------------------------------------

void forgets_old_calls(Store& store) {
  ended_call(store, "call-1", "alice", "bob", 0);
  ended_call(store, "call-2", "alice", "carol", 10);
  CallChange live = start("call-3", "alice", "bob", 0);
  live.missed = {{"bob", "call-3", 9, "alice", LegOutcome::busy, at(1), {}}};
  done(change_alone(store, live));
  within(store, [&] {
    done(store.add_room_message({"call-1", 1, "alice", at(0), "hello"}));
    done(store.keep_room_read("call-1", "bob", 1));
    done(store.keep_passcode({"call-1", 1, "$y$"}));
    done(store.add_join_code({"digest", "call-1", "code", at(0)}));
  });
  within(store, [&] { CHECK(value(store.forget_calls(at(1), 10)) == 0); });
  within(store, [&] { CHECK(value(store.forget_calls(at(1000), 1)) == 1); });
  CHECK(show(store.call("call-1")) == "nothing");
  CHECK(show(store.events("call-1", Version{})) == "[]");
  CHECK(show(store.room_messages("call-1", 0, 9)) == "[]");
  CHECK(show(store.passcode("call-1")) == "nothing");
  CHECK(show(store.join_code("digest")) == "nothing");
  CHECK(value(store.room_read("call-1", "bob")) == 0);
  CHECK(value(store.history("alice", {})).total == 1);
  CHECK(value(store.history("bob", {})).total == 0);
  within(store, [&] { CHECK(value(store.forget_calls(at(1000), 10)) == 1); });
  CHECK(value(store.calls({})).total == 1);  // the live one stays, however old
  CHECK(value(store.missed("bob", {})).total == 1);
  CHECK(value(store.calls_of({"alice"})).size() == 1);
  done(change_alone(store, start("call-1", "dave", "erin", 0)));  // and its id is free
}

/// Everything that the store says, without the person's own questions.
std::string all_of(Store& store) {
  return dump(store, {"bob", "carol", "gone"}) + show(store.room_messages("call-1", 0, 9)) + show(store.missed("bob", {})) +
         show(store.blocks("bob", {})) + show(store.answer("alice", "c1"));
}

void erases_a_person(Store& store) {
  const CallView before = ended_call(store, "call-1", "alice", "bob", 0);
  CallChange named = start("call-2", "bob", "carol", 20);
  named.parts[0].events.push_back(
      {"call-2", Version(3), at(21), DeviceDismiss{2, "alice", "alices-phone", DeviceOutcome::cancelled}});  // not a leg
  named.parts[0].after.version = Version(3);
  named.outbox.push_back({"call.created", R"({"caller":"bob","to":["alice","malice"]})", at(20)});
  named.missed = {{"bob", "call-2", 1, "alice", LegOutcome::busy, at(21), {}},
                  {"alice", "call-2", 2, "bob", LegOutcome::busy, at(21), {}}};
  named.answer = CommandAnswer{"alice", "c1", "call-2", Version(3), {}, at(700)};
  done(change_alone(store, named));
  within(store, [&] {
    AccountRecord person = account("alice", 0);
    person.id = "alice";
    done(store.add_account(person));
    done(store.add_chat(chat("chat-1", {"alice", "bob"}, 0)));
    done(store.add_room_message({"call-1", 1, "alice", at(0), "this is alice"}));
    done(store.add_room_message({"call-1", 2, "bob", at(0), "hello"}));
    done(store.keep_settings({"alice", true, {}}));
    done(store.block({"alice", "bob", at(1)}));
    done(store.block({"bob", "alice", at(1)}));
    done(store.keep_room_read("call-1", "alice", 1));
  });
  done(store.begin());
  CHECK(value(store.erase_user("alice", "gone")) == 2);
  store.rollback();
  CHECK(all_of(store).find("alice") != std::string::npos);
  within(store, [&] {
    refused(store.erase_user("bob", "gone"), ErrorCode::invalid_state, "user");  // sits in call-2
    refused(store.erase_user("alice", "bob"), ErrorCode::already_exists, "instead");
    refused(store.erase_user("alice", ""), ErrorCode::invalid_argument, "instead");
    CHECK(value(store.erase_user("alice", "gone")) == 2);
    CHECK(value(store.erase_user("alice", "gone-2")) == 0);
  });
  done(store.scrub());
  const std::string after = all_of(store);
  CHECK(after.find("\"alice\"") == std::string::npos);
  CHECK(after.find("this is") == std::string::npos);
  CHECK(after.find("malice") != std::string::npos);  // somebody else
  CHECK(value(store.history("gone", {})).items.at(0).legs.size() == before.legs.size());
  CHECK(value(store.history("alice", {})).total == 0);
  CHECK(value(store.history("bob", {})).items.at(0).caller == UserId("gone"));
  CHECK(show(store.account("alice")) == "nothing");
  CHECK(show(store.account_by_login("alice")) == "nothing");
  CHECK(value(store.chat_of({"bob", "gone"})).value().id == "chat-1");
  CHECK(show(store.chat_of({"alice", "bob"})) == "nothing");
  CHECK(value(store.room_messages("call-1", 0, 9)).size() == 2);
  CHECK(value(store.missed("bob", {})).items.at(0).caller == UserId("gone"));
  within(store, [&] { refused(store.scrub(), ErrorCode::invalid_state, ""); });
}

constexpr ConformanceCase cases_of_ports[] = {
    {"a second ring holds no seat until it is answered", second_rings},
    {"a second ring that ends leaves the first call alone", second_rings_end},
    {"messages of one order leave one after the other", outbox_orders},
    {"a failed attempt waits, and a rollback takes it back", outbox_retries},
    {"the two lanes of the outbox do not see each other", outbox_lanes},
    {"dead letters are listed, sent again and forgotten", dead_letters},
    {"settings have defaults and are replaced", settings},
    {"blocks are a set with a limit", blocks},
    {"missed calls come with their change and keep a seen mark", missed},
    {"room messages keep their numbers and their order", room_messages},
    {"how far somebody has read never goes back", room_reads},
    {"passcodes and join codes belong to a call", passcodes_and_codes},
    {"old calls are forgotten with all that is theirs", forgets_old_calls},
    {"a person is erased and the calls of others stay", erases_a_person},
};

}  // namespace

std::span<const ConformanceCase> port_cases() { return cases_of_ports; }

}  // namespace zegocall::test
