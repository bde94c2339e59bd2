// The stored vectors of the server API's signature and query.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "zego/api_sign.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/zego/api.hpp"

using namespace zegocall;
using namespace zegocall::zego_detail;

namespace {

Json vectors() {
  std::ifstream file(ZEGOCALL_TEST_VECTORS "/server_api_signature.json");
  REQUIRE(file);
  return Json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value();
}

}  // namespace

TEST_CASE("every stored signature, byte for byte") {
  const Json all = vectors();
  const auto cases = all.get<std::vector<Json>>("signatures").value();
  REQUIRE(cases.size() >= 6);
  for (const Json& one : cases) {
    CAPTURE(one.get<std::string>("id").value());
    const auto signature =
        sign_request(AppId(one.get<std::uint32_t>("app_id").value()), one.get<std::string>("signature_nonce").value(),
                     Secret(one.get<std::string>("server_secret").value()), one.get<std::int64_t>("timestamp").value());
    CHECK(signature.value() == one.get<std::string>("signature").value());
  }
}

TEST_CASE("the documented skews of the clock are this library's") {
  const auto cases = vectors().get<std::vector<Json>>("skew_cases").value();
  CHECK(cases.size() == 7);
  CHECK(vectors().get<std::int64_t>("clock_skew_seconds").value() == api_clock_skew_max.count());
  for (const Json& one : cases) {
    const auto apart = std::abs(one.get<std::int64_t>("timestamp").value() - one.get<std::int64_t>("server_now").value());
    const auto documented = one.get<std::string>("documented").value();
    CAPTURE(documented);
    if (documented == "accepted")
      CHECK(apart < api_clock_skew_max.count());
    else if (documented == "refused: 100000004")
      CHECK(apart > api_clock_skew_max.count());
    else
      CHECK((documented == "boundary, undocumented" && apart == api_clock_skew_max.count()));
  }
  CHECK(api_code("CloseRoom", 100000004).error == ErrorCode::expired);
}

// A section that nobody here knows would be passed over in silence.
TEST_CASE("every section of the stored vectors is taken up by a test") {
  const std::pair<std::string, std::set<std::string>> files[] = {
      {"server_api_signature.json", {"about", "signatures", "requests", "clock_skew_seconds", "skew_cases"}},
      {"kit_token.json", {"about", "production", "parse", "test_helper"}},
      {"callback_signature.json", {"about", "signatures", "bodies_callback_secret", "bodies"}},
  };
  for (const auto& [path, known] : files) {
    const std::string& name = path;  // clang 14 lets no lambda, and so no CAPTURE, have a structured binding
    CAPTURE(name);
    std::ifstream file(ZEGOCALL_TEST_VECTORS "/" + name);
    const Json json = Json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value();
    std::set<std::string> there;
    for (const JsonEntry& section : json.view().members()) there.insert(section.key);
    CHECK(there == known);
  }
}

TEST_CASE("every stored query, byte for byte") {
  const auto cases = vectors().get<std::vector<Json>>("requests").value();
  REQUIRE(cases.size() >= 5);
  for (const Json& one : cases) {
    CAPTURE(one.get<std::string>("id").value());
    std::string query;
    const auto pairs = one.get<std::vector<std::vector<std::string>>>("query_pairs").value();
    for (const auto& pair : pairs) add_to_query(query, pair[0], pair[1]);
    CHECK(query == one.get<std::string>("query").value());
  }
}
