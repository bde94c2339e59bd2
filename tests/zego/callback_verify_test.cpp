// Reading and verifying: the golden data, every way in which a body can be wrong, windows, replays.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "callback_support.hpp"

using namespace zegocall;
using namespace zegocall::callback_test;
using namespace std::chrono_literals;

namespace {

Json vectors() {
  std::ifstream file(ZEGOCALL_TEST_VECTORS "/callback_signature.json", std::ios::binary);
  REQUIRE(file.good());
  return Json::parse({std::istreambuf_iterator<char>(file), {}}).value();
}

Error read_error(std::string_view body) {
  const auto read = read_callback(body);
  REQUIRE_FALSE(read);
  return read.error();
}

CallbackEnvelope envelope(std::string nonce = "350176", std::string timestamp = "1735689600") {
  return read_callback(signed_body("room_close", {{"room_id", "r"}}, nonce, timestamp)).value();
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ')
      out += '+';
    else if (std::isalnum(byte) != 0)
      out += c;
    else
      out.append({'%', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  }
  return out;
}

}  // namespace

TEST_CASE("every golden signature verifies, and no other") {
  const Json file = vectors();
  int count = 0;
  for (const JsonView v : file.get<JsonView>("signatures").value().elements()) {
    const auto id = v.get<std::string>("id").value();
    CAPTURE(id);
    CallbackEnvelope e{v.get<std::string>("signature").value(), std::string(v.get<JsonView>("timestamp").value().text()),
                       v.get<std::string>("nonce").value(), Json(JsonObject{})};
    const Secret key(v.get<std::string>("callback_secret").value());
    CHECK(verify_callback(e, key, *make_seen_once(), start));
    for (char& c : e.signature) {
      const char right = c;
      c = c == '0' ? '1' : '0';
      CHECK(verify_callback(e, key, *make_seen_once(), start).error().code == ErrorCode::unauthenticated);
      c = right;
    }
    ++count;
  }
  CHECK(count == 7);
}

TEST_CASE("every golden body is read, and verifies exactly when it says so") {
  const Json file = vectors();
  int count = 0;
  for (const JsonView v : file.get<JsonView>("bodies").value().elements()) {
    const auto id = v.get<std::string>("id").value();
    CAPTURE(id);
    const auto callback = verified(v.get<std::string>("body").value());
    CHECK(callback.has_value() == v.get<bool>("valid").value());
    if (callback) CHECK(interpret_callback(*callback));
    ++count;
  }
  CHECK(count == 9);
}

TEST_CASE("the three spellings of one body say the same") {
  const Json file = vectors();
  std::vector<RoomLoggedIn> logins;
  for (const JsonView v : file.get<JsonView>("bodies").value().elements()) {
    const auto [id, body] = v.get<std::string, std::string>("id", "body").value();
    if (id != "room_login-json" && id != "room_login-percent-encoded" && id != "room_login-form") continue;
    logins.push_back(std::get<RoomLoggedIn>(interpreted(body).value()));
  }
  REQUIRE(logins.size() == 3);
  for (const RoomLoggedIn& login : logins) {
    CHECK(login.user == UserId("alice"));
    CHECK(login.user_name == "Alice \xd0\x90.");
    CHECK(login.session.value == 6085791336856668982u);
    CHECK(login.at == start + 27ms);
    CHECK(login.head.key == logins[0].head.key);
    CHECK(login.head.rest.text() == "{}");
  }
}

TEST_CASE("percent-encoded JSON may write a blank as a plus") {
  const std::string body = signed_body("room_login", {{"room_id", "a+b c"}});
  const auto e = read_callback(percent_encoded(body)).value();
  CHECK(e.body.get<std::string>("room_id").value() == "a+b c");
}

TEST_CASE("a body that is none says what is wrong") {
  CHECK(read_error("").code == ErrorCode::protocol);
  CHECK(read_error(" \r\n").detail == "the body is empty");
  CHECK(read_error("null").detail == "neither JSON nor a form of name=value pairs");
  CHECK(read_error("[1]").detail == "the body must be an object");
  CHECK(read_error("\"x\"").detail == "the body must be an object");
  CHECK(read_error("{\"a\":1,\"a\":2}").code == ErrorCode::protocol);
  CHECK(read_error("{\"a\":\"\\ud800\"}").code == ErrorCode::protocol);
  CHECK(read_error("{\"a\":\"\xff\"}").code == ErrorCode::protocol);
  CHECK(read_error("%7B%22a%2").detail == "a bad percent escape at byte 7");
  CHECK(read_error("a=%zz").detail == "a bad percent escape at byte 0");
  CHECK(read_error("a=%ff").detail == "the form holds a text that is not UTF-8");
  CHECK(read_error("nonce=1&nonce=2") == Error{ErrorCode::protocol, "nonce", "comes twice in the form"});
  CHECK(read_error("n[]=1&n=2").field == "n");
  CHECK(read_error(std::string(callback_bytes_max + 1, ' ')).code == ErrorCode::payload_too_large);
  CHECK(read_error(std::string(callback_bytes_max, '{')).code == ErrorCode::protocol);
  std::string form = "a0=";
  for (std::size_t i = 1; i <= callback_fields_max; ++i) form += "&a" + std::to_string(i) + "=";
  CHECK(read_error(form).detail == "more than 256 fields in the form");
  std::string deep = "{}";
  for (int i = 0; i < 20; ++i) deep = "{\"a\":" + deep + "}";
  CHECK(read_error(deep).code == ErrorCode::protocol);
}

TEST_CASE("the three fields are asked for by name") {
  const JsonObject good{{"signature", "s"}, {"timestamp", "1735689600"}, {"nonce", "1"}};
  CHECK(read_callback(good.text()));
  for (const char* name : {"signature", "timestamp", "nonce"}) {
    CAPTURE(name);
    JsonObject without;
    for (const auto& [key, value] : good.view().members()) {
      if (key != name) without.add(key, value);
    }
    CHECK(read_error(without.text()) == Error{ErrorCode::protocol, name, "is missing"});
    for (const Json& bad : {Json::of(nullptr), Json::of(true), Json(JsonArray{}), Json(JsonObject{})})
      CHECK(read_error(JsonObject(without).add(name, bad).text()) ==
            Error{ErrorCode::protocol, name, "must be a text or a number"});
    std::string capital = name;
    capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
    CHECK(read_error(JsonObject(good).add(capital, "1").text()).detail == "comes twice, in two spellings");
  }
  for (const char* timestamp : {"", "-1", "1.0", "1e9", "0x1", " 1", "99999999999999999999"})
    CHECK(read_error(JsonObject(good).add("timestamp", timestamp).text()).field == "timestamp");
  CHECK(read_error(JsonObject(good).add("timestamp", 1.5).text()).field == "timestamp");
  CHECK(read_error(JsonObject(good).add("timestamp", -1).text()).field == "timestamp");
  CHECK(read_error(JsonObject(good).add("nonce", "").text()).field == "nonce");
  CHECK(read_error(JsonObject(good).add("nonce", std::string(129, '1')).text()).field == "nonce");
}

TEST_CASE("numbers are hashed as their text") {
  JsonObject body{{"timestamp", 1735689600}, {"nonce", 350176}};
  body.add("signature", signature_of("350176", "1735689600"));
  CHECK(verified(body.text()));
}

TEST_CASE("the window, to the millisecond") {
  const auto check = [](UnixTime now) { return verify_callback(envelope(), secret(), *make_seen_once(), now, {60s, 30s}); };
  CHECK(check(start + 60s));
  CHECK(check(start + 60s + 1ms).error() == Error{ErrorCode::expired, "timestamp", "sent 61 s ago, at most 60 s are allowed"});
  CHECK(check(start - 30s));
  CHECK(check(start - 30s - 1ms).error().code == ErrorCode::expired);
  CHECK(check(UnixTime{}).error().code == ErrorCode::expired);
  const auto far = envelope("1", "9999999999999999999");
  CHECK(verify_callback(far, secret(), *make_seen_once(), start).error() ==
        Error{ErrorCode::protocol, "timestamp", "must be Unix seconds, 0 to 253402300799"});
}

TEST_CASE("an empty secret never skips the check") {
  CHECK(verify_callback(envelope(), Secret{}, *make_seen_once(), start).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("no error holds the secret or the right signature") {
  CallbackEnvelope e = envelope();
  const std::string right = e.signature;
  e.signature = "0";
  const std::string said = to_string(verify_callback(e, secret(), *make_seen_once(), start).error());
  CHECK(said.find(secret_text) == std::string::npos);
  CHECK(said.find(right) == std::string::npos);
}

TEST_CASE("a signature is good for one body, once") {
  const auto seen = make_seen_once();
  const CallbackEnvelope e = envelope();
  const auto first = verify_callback(e, secret(), *seen, start);
  REQUIRE(first);
  CHECK(verify_callback(e, secret(), *seen, start).error().field == "nonce");
  CallbackEnvelope forged = e;
  forged.body = JsonObject{{"room_id", "other"}};
  const Error refused = verify_callback(forged, secret(), *seen, start).error();
  CHECK(refused.code == ErrorCode::replayed);
  CHECK(refused.field == "body");
  // A host whose database was away asks for the next try.
  release_callback(*first, *seen);
  CHECK(verify_callback(e, secret(), *seen, start));
}

TEST_CASE("moving the border between nonce and timestamp is a replay") {
  // 1111 and 1735689600 are hashed as 11111735689600, and so are 11111 and 735689600.
  const auto seen = make_seen_once();
  const CallbackEnvelope e = envelope("1111", "1735689600");
  REQUIRE(verify_callback(e, secret(), *seen, start));
  CallbackEnvelope moved = e;
  moved.nonce = "11111", moved.timestamp = "735689600";
  CHECK(verify_callback(moved, secret(), *seen, start, {std::chrono::hours(24 * 365 * 60), 1min}).error().code ==
        ErrorCode::replayed);
}

TEST_CASE("what failed the check is not remembered") {
  const auto seen = make_seen_once();
  CallbackEnvelope e = envelope();
  CHECK_FALSE(verify_callback(e, secret(), *seen, start + 1h));
  CHECK_FALSE(verify_callback(e, Secret("another"), *seen, start));
  CHECK(verify_callback(e, secret(), *seen, start));
}

TEST_CASE("the memory is bounded, and time makes room") {
  const auto seen = make_seen_once(2);
  CHECK(seen->claim("a", "1", start + 10s, start).value() == SeenOnce::Seen::first);
  CHECK(seen->claim("b", "1", start + 5s, start).value() == SeenOnce::Seen::first);
  CHECK(seen->claim("c", "1", start + 10s, start).error().code == ErrorCode::rate_limited);
  CHECK(seen->claim("a", "1", start + 10s, start).value() == SeenOnce::Seen::same_content);
  CHECK(seen->claim("a", "2", start + 10s, start).value() == SeenOnce::Seen::other_content);
  CHECK(seen->claim("c", "1", start + 10s, start + 5001ms).value() == SeenOnce::Seen::first);
  seen->release("c");
  seen->release("never there");
  CHECK(seen->claim("b", "2", start + 10s, start + 6s).value() == SeenOnce::Seen::first);
}

TEST_CASE("of several threads one is the first") {
  const auto seen = make_seen_once();
  std::atomic<int> firsts = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        if (seen->claim(std::to_string(i), "", start, start).value() == SeenOnce::Seen::first) ++firsts;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(firsts == 1000);
}

TEST_CASE("every prefix and every flipped bit of a callback is refused or reads well") {
  const std::string body = signed_body("room_close", {{"room_id", "r"}, {"room_session_id", 1}});
  for (std::size_t i = 0; i < body.size(); ++i) CHECK_FALSE(verified(body.substr(0, i)));
  for (const char fill : {'\0', '"', '\\', '{', '%', '&', '=', '+', '\xff'})
    for (const std::string_view before : {"", "{\"nonce\":\"", "%7B", "nonce="})
      CHECK_FALSE(verified(std::string(before) + std::string(1 << 20, fill)));
  for (std::size_t i = 0; i < body.size() * 8; ++i) {
    std::string flipped = body;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    const auto event = interpreted(flipped);
    if (!event) CHECK(event.error().code != ErrorCode::internal);
  }
}
