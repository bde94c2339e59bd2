#include <doctest/doctest.h>

#include "service/failing_store.hpp"
#include "zegocall/service.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

/// Quick and reversible: for tests only.
struct PlainHasher final : PasswordHasher {
  Result<std::string> hash(const Secret& password) override { return "plain:" + std::string(password.reveal()); }
  bool verify(const Secret& password, std::string_view hash) override {
    return hash == "plain:" + std::string(password.reveal());
  }
};

struct People {
  ManualClock clock;
  CountingBytes bytes;
  PlainHasher hasher;
  std::unique_ptr<Store> store = make_memory_store();
  AccountService accounts = AccountService::open(*store, hasher, bytes, Secret{"zegocall-test-jwt-secret-for-access"},
                                                 Secret{"zegocall-test-jwt-secret-for-refresh"}, {.access_lifetime = 1h})
                                .value();
  AccountRecord add(std::string name) {
    auto ready =
        accounts.prepare({.name = name, .email = name + "@example.com", .display_name = "", .password = Secret{"password1"}});
    return accounts.add(ready.value(), clock.now()).value();
  }
};

}  // namespace

TEST_CASE("register, log in, verify, refresh") {
  People p;
  const AccountRecord alice = p.add("alice");
  CHECK(is_id_text(alice.id.view()));
  CHECK(p.accounts.by_login("ALICE@example.com").value().id == alice.id);
  CHECK(p.accounts.fits(alice, Secret{"password1"}));
  CHECK_FALSE(p.accounts.fits(alice, Secret{"password2"}));
  auto session = p.accounts.sign_in(alice, p.clock.now()).value();
  auto claims = p.accounts.verify(session.access_token, p.clock.now().wall).value();
  CHECK(claims.user == alice.id);
  CHECK(*claims.text("username") == "alice");
  CHECK(*claims.text("email") == "alice@example.com");
  CHECK(*claims.text("fullName") == "alice");
  CHECK(p.accounts.verify(session.refresh_token, p.clock.now().wall).error().code == ErrorCode::unauthenticated);
  CHECK(p.accounts.refresh(session.access_token, p.clock.now()).error().code == ErrorCode::unauthenticated);
  p.clock.advance(61min);
  CHECK(p.accounts.verify(session.access_token, p.clock.now().wall).error().code == ErrorCode::expired);
  auto fresh = p.accounts.refresh(session.refresh_token, p.clock.now()).value();
  CHECK(p.accounts.verify(fresh.access_token, p.clock.now().wall));
}

TEST_CASE("a token of an account that is gone verifies, and is no good") {
  People p;
  const AccountRecord alice = p.add("alice"), bob = p.add("bob");
  const std::string hers = p.accounts.sign_in(alice, p.clock.now()).value().access_token;
  const std::string his = p.accounts.sign_in(bob, p.clock.now()).value().access_token;
  CHECK(p.accounts.authenticate(hers, p.clock.now().wall).value().user == alice.id);
  REQUIRE(p.store->begin());
  REQUIRE(p.store->erase_user(alice.id, UserId("erased-1")));
  REQUIRE(p.store->commit());
  CHECK(p.accounts.verify(hers, p.clock.now().wall));
  const auto refused = p.accounts.authenticate(hers, p.clock.now().wall);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unauthenticated);
  CHECK(refused.error().field == "user");
  CHECK(p.accounts.authenticate(his, p.clock.now().wall));
  p.clock.advance(61min);
  CHECK(p.accounts.authenticate(his, p.clock.now().wall).error().code == ErrorCode::expired);
}

TEST_CASE("one secret for both kinds of token still keeps them apart") {
  People p;
  const Secret secret{"zegocall-test-jwt-secret-for-everything"};
  auto accounts = AccountService::open(*p.store, p.hasher, p.bytes, secret.clone(), secret.clone()).value();
  auto session = accounts.sign_in(p.add("alice"), p.clock.now()).value();
  CHECK(accounts.verify(session.access_token, p.clock.now().wall));
  CHECK_FALSE(accounts.verify(session.refresh_token, p.clock.now().wall));
  CHECK_FALSE(accounts.refresh(session.access_token, p.clock.now()));
}

TEST_CASE("a bad registration names its field") {
  People p;
  const auto field = [&](std::string name, std::string email, std::string shown, std::string_view password) {
    auto made = p.accounts.prepare({.name = name, .email = email, .display_name = shown, .password = Secret{password}});
    return made ? std::string() : made.error().field;
  };
  CHECK(field("alice", "", "", "password1") == "");
  CHECK(field("", "", "", "password1") == "name");
  CHECK(field("a b", "", "", "password1") == "name");
  CHECK(field(std::string(100, 'a'), "", "", "password1") == "");
  CHECK(field(std::string(101, 'a'), "", "", "password1") == "name");
  CHECK(field("alice", "alice", "", "password1") == "email");
  CHECK(field("alice", std::string(250, 'a') + "@b.c", "", "password1") == "");
  CHECK(field("alice", std::string(251, 'a') + "@b.c", "", "password1") == "email");
  CHECK(field("alice", "", std::string(101, 'a'), "password1") == "display_name");
  CHECK(field("alice", "", "a\nb", "password1") == "display_name");
  CHECK(field("alice", "", "", "") == "password");
  CHECK(field("alice", "", "", "1234567") == "password");
  CHECK(field("alice", "", "", "12345678") == "");
  CHECK(field("alice", "", "", std::string(512, 'p')) == "");
  CHECK(field("alice", "", "", std::string(513, 'p')) == "password");
}

TEST_CASE("a name or an address is taken once") {
  People p;
  p.add("alice");
  auto name = p.accounts.add({"ALICE", "other@example.com", "A", "h"}, p.clock.now());
  CHECK(name.error().code == ErrorCode::already_exists);
  CHECK(name.error().field == "name");
  auto email = p.accounts.add({"other", "Alice@Example.com", "A", "h"}, p.clock.now());
  CHECK(email.error().code == ErrorCode::already_exists);
  CHECK(email.error().field == "email");
}

TEST_CASE("a short signing secret is refused by its name, without a part of it") {
  People p;
  auto short_access =
      AccountService::open(*p.store, p.hasher, p.bytes, Secret{"too-short"}, Secret{"zegocall-test-jwt-secret-for-refresh"});
  REQUIRE_FALSE(short_access);
  CHECK(short_access.error().field == "access");
  CHECK(to_string(short_access.error()).find("too-short") == std::string::npos);
}

TEST_CASE("a chat of two is made once, and knows its neighbours") {
  People p;
  ChatService chats(*p.store, p.bytes);
  const UserId alice = p.add("alice").id, bob = p.add("bob").id, carol = p.add("carol").id;
  auto first = chats.open_direct(alice, bob, p.clock.now()).value();
  CHECK(first.created);
  auto second = chats.open_direct(bob, alice, p.clock.now()).value();
  CHECK_FALSE(second.created);
  CHECK(second.chat.id == first.chat.id);
  CHECK(has_member(first.chat, alice));
  CHECK_FALSE(has_member(first.chat, carol));
  CHECK(chats.find(first.chat.id).value().members == first.chat.members);
  CHECK(chats.find("none").error().code == ErrorCode::not_found);
  CHECK(chats.open_direct(alice, alice, p.clock.now()).error().field == "participants.1");
  CHECK(chats.open_direct(alice, UserId{"nobody"}, p.clock.now()).error().code == ErrorCode::not_found);
  CHECK(chats.open_direct(alice, carol, p.clock.now()).value().created);
  CHECK(chats.neighbours(alice).value().size() == 2);
  CHECK(chats.neighbours(bob).value() == std::vector<UserId>{alice});
  CHECK(chats.of(alice, {.page = 1, .size = 1}).value().total == 2);
}
