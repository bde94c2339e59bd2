// Answers of the server API that are almost right, cut off, turned around, or nothing but noise.
#include "zego/api_support.hpp"

using namespace zegocall;
using namespace zegocall::zego_test;

namespace {

constexpr std::string_view good =
    R"({"Code":0,"Message":"success","RequestId":"8000000000000000001","Data":{"Marker":"m","UserList":[{"UserId":"a","UserName":"A","UserRole":2}]}})";

// "good", or "code field".
std::string verdict(std::string body) {
  World world;
  world.answers(std::move(body));
  const auto answer = world.open({.attempts_max = 1}).call(DescribeUserList{.room = "r"}, world.now());
  return answer ? "good" : std::string(name(answer.error().code)) + " " + answer.error().field;
}

std::string changed(std::string_view from, std::string_view to) {
  std::string body(good);
  const std::size_t at = body.find(from);
  REQUIRE(at != std::string::npos);
  return verdict(body.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("every prefix of an answer is refused, every flipped bit ends in an answer or a reason") {
  REQUIRE(verdict(std::string(good)) == "good");
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(verdict(std::string(good.substr(0, size))).starts_with("protocol"));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string flipped(good);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    CHECK_FALSE(verdict(flipped).starts_with("internal"));
  }
}

TEST_CASE("an answer that is almost right") {
  CHECK(changed("\"Code\":0", "\"Code\":0,\"Code\":0").starts_with("protocol"));
  CHECK(changed("\"Code\":0", "\"Code\":\"0\"").starts_with("protocol"));
  CHECK(changed("\"Code\":0", "\"Code\":9223372036854775808").starts_with("protocol"));
  CHECK(changed("\"Code\":0", "\"Code\":9223372036854775807") == "provider_refused ");
  CHECK(changed("\"Code\":0", "\"Code\":-9223372036854775808") == "provider_refused ");
  CHECK(changed("\"a\"", "\"\\ud83d\"").starts_with("protocol"));
  CHECK(changed("\"a\"", "\"\xff\"").starts_with("protocol"));
  CHECK(changed("\"a\"", std::string_view("\"a\0b\"", 5)).starts_with("protocol"));
  CHECK(changed("\"a\"", "7").starts_with("protocol"));
  CHECK(changed("\"UserRole\":2", "\"UserRole\":9223372036854775808").starts_with("protocol"));
  CHECK(changed("\"UserRole\":2", "\"UserRole\":-9223372036854775808") == "good");
  CHECK(changed("[{", "{\"x\":[{").starts_with("protocol"));
}

TEST_CASE("a megabyte of anything is no answer") {
  const auto begin = std::chrono::steady_clock::now();
  for (const char fill : {'\0', '"', '\\', '{', '[', ' ', '0', '\xff'}) {
    const std::string noise(1 << 20, fill);
    for (const std::string_view before : {"", "{\"Code\":0,\"Data\":", "{\"Code\":0,\"Message\":\""})
      CHECK(verdict(std::string(before) + noise).starts_with("p"));  // protocol, payload_too_large
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}
