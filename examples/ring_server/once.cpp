// ring_once --url http://HOST:PORT: two headless clients make one whole call through a running ring_server and hang up.
// Prints the call's id. Exit 0 only if both saw the same end.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "plain_http.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/client.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;  // for anything that the server is to say
constexpr auto talk = 1200ms;   // how long the two stay in the call

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "ring_once: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) give_up(std::string(what) + ": " + to_string(result.error()));
  return *std::move(result);
}

/// What one client was told, in order; filled on its loop, read by the main thread.
class Heard {
 public:
  void add(std::string_view word, const Message& message) {
    std::scoped_lock lock(mutex_);
    events_.emplace_back(std::string(word), Args::copy_of(message.args));
    changed_.notify_all();
  }
  /// The first `word` of this call, waited for.
  Args wait(std::string_view word, const CallId& call) {
    std::unique_lock lock(mutex_);
    Args found;
    const auto there = [&] {
      for (const auto& [name, args] : events_)
        if (name == word && args.get<CallId>("0.callId").value_or(CallId{}) == call) return found = args, true;
      return false;
    };
    if (!changed_.wait_for(lock, patience, there)) give_up("nobody said " + std::string(word));
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::string, Args>> events_;
};

/// One person with one device: an account, a socket, and the REST half.
struct Person {
  std::string url, name, device, token;
  UserId id{};
  Heard heard{};
  std::optional<Client> client{};

  Json rest(std::string_view method, const std::string& path, const Json& body) const {
    auto answer = must(plain_http::request({url, std::string(method), "/api/v1" + path, token, device, std::string(body.text())}),
                       path.c_str());
    if (answer.status >= 300)
      give_up(path + ": status " + std::to_string(answer.status) + " " + answer.body.get<std::string>("message").value_or(""));
    return must(answer.body.get<Json>("data"), path.c_str());
  }
  void sign_up() {
    const std::string password = make_id_text(system_now().wall, system_bytes());
    Json data = rest("POST", "/users/register",
                     JsonObject{{"fullName", name},
                                {"username", name},
                                {"email", name + "@example.test"},
                                {"password", password},
                                {"confirmPassword", password}});
    data = rest("POST", "/users/login", JsonObject{{"username", name}, {"password", password}});
    token = must(data.get<std::string>("accessToken"), "accessToken");
    id = must(data.get<UserId>("user._id"), "user");
  }
  void connect() {
    ClientWiring wiring;
    wiring.credentials = [this](std::uint32_t) -> Result<Json> { return Json(JsonObject{{"token", token}, {"device", device}}); };
    for (const char* word : {"incoming_call", "call_accepted", "call_ended", "webrtc_offer", "webrtc_answer"})
      wiring.on.emplace_back(word, [this, word](const Message& m) -> Result<Args> { return heard.add(word, m), Args{}; });
    client.emplace(must(Client::open({.url = url}, std::move(wiring)), "connect"));
    // An answered word shows that the socket is up and signed in.
    must(client->ask_future("set_online_status", {"online"}, {.timeout = patience}).get(), "the socket");
  }
  void say(std::string_view word, const Args& args) {
    if (auto sent = client->emit(word, args); !sent) give_up(std::string(word) + ": " + to_string(sent.error()));
  }
};

void expect_same(const Json& a, const Json& b, std::string_view field) {
  const auto left = a.get<Json>("calls.0." + std::string(field)), right = b.get<Json>("calls.0." + std::string(field));
  if (!left || !right || left->text() != right->text()) give_up("the two histories differ in " + std::string(field));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--url")
    return std::fputs("usage: ring_once --url http://HOST:PORT\n", stderr), 2;
  const std::string url = argv[2], run = make_id_text(system_now().wall, system_bytes()).substr(8);
  Person alice{url, "alice_" + run, "alice-" + run, {}}, bob{url, "bob_" + run, "bob-" + run, {}};
  for (Person* person : {&alice, &bob}) person->sign_up(), person->connect();

  const Json chat =
      alice.rest("POST", "/chats", JsonObject{{"participants", JsonArray::list({alice.id, bob.id})}, {"chatType", "direct"}});
  const Json started = alice.rest(
      "POST", "/calls/initiate",
      JsonObject{{"receiverId", bob.id}, {"chatId", must(chat.get<std::string>("_id"), "chat")}, {"callType", "video"}});
  const CallId call = must(started.get<CallId>("_id"), "call");
  bob.heard.wait("incoming_call", call);
  bob.say("call_status_update",
          {JsonObject{{"callId", call}, {"participants", JsonArray::list({alice.id})}, {"status", "ringing"}}});
  bob.rest("PATCH", "/calls/" + call.str() + "/accept", JsonObject{});
  alice.heard.wait("call_accepted", call);
  alice.say("webrtc_offer",
            {JsonObject{{"callId", call}, {"receiverId", bob.id}, {"offer", JsonObject{{"type", "offer"}, {"sdp", "v=0\r\n"}}}}});
  bob.heard.wait("webrtc_offer", call);
  bob.say("webrtc_answer",
          {JsonObject{{"callId", call}, {"callerId", alice.id}, {"answer", JsonObject{{"type", "answer"}, {"sdp", "v=0\r\n"}}}}});
  alice.heard.wait("webrtc_answer", call);
  std::this_thread::sleep_for(talk);  // the call itself
  alice.say("call_end", {JsonObject{{"callId", call}, {"participants", JsonArray::list({bob.id})}}});
  const Args ended = bob.heard.wait("call_ended", call);
  if (ended.get<std::string>("0.endReason").value_or("") != "normal") give_up("the call did not end as it was ended");

  const Json mine = alice.rest("GET", "/calls/history", Json{}), theirs = bob.rest("GET", "/calls/history", Json{});
  for (const char* field : {"_id", "status", "endReason", "duration", "endedBy"}) expect_same(mine, theirs, field);
  if (mine.get<std::int64_t>("calls.0.duration").value_or(0) < 1) give_up("the call lasted less than a second");
  for (Person* person : {&alice, &bob})
    if (auto closed = person->client->close(2s); !closed) give_up("close: " + to_string(closed.error()));
  std::puts(call.str().c_str());
  return 0;
}
