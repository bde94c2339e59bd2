// The stored vectors of the server API's signature and query.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "zego/api_sign.hpp"
#include "zegocall/base/json.hpp"

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
