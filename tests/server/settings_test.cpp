// What the example servers are told, and in which order it counts.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "settings.hpp"

using namespace zegocall;
using example::Kind;
using example::Settings;

namespace {

std::vector<example::Option> options() {
  auto out = example::common_options("ring_server");
  out.push_back({"ring", "seconds", {"RING_SERVER_RING", "RING"}, "60"});
  out.push_back({"jwt-secret", "key", {"JWT_ACCESS_SECRET", "JWT_SECRET"}, {}, Kind::secret});
  out.push_back({"safe", "be so", {"SAFE"}, {}, Kind::toggle});
  return out;
}

Result<Settings> read(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
  return Settings::read(options(), arguments, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

/// A configuration file for the time of a test.
struct File {
  explicit File(const std::string& text) {
    std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-config-XXXXXX").string();
    const int handle = mkstemp(pattern.data());
    REQUIRE(handle >= 0);
    path = pattern;
    std::ofstream(path) << text;
  }
  ~File() { std::filesystem::remove(path); }
  std::string path;
};

}  // namespace

TEST_CASE("a flag wins over the specific variable, that over the general one, that over the file, that over the default") {
  const File file(R"({"ring": 5, "allowed-origins": ["https://a.example", "https://b.example"], "test-clock": true})");
  const std::string config = "--config=" + file.path;
  CHECK(read({})->number("ring", 0, 100).value() == 60);
  CHECK(read({config})->number("ring", 0, 100).value() == 5);
  CHECK(read({config}, {{"RING", "6"}})->number("ring", 0, 100).value() == 6);
  CHECK(read({config}, {{"RING", "6"}, {"RING_SERVER_RING", "7"}})->number("ring", 0, 100).value() == 7);
  CHECK(read({config, "--ring", "8"}, {{"RING", "6"}, {"RING_SERVER_RING", "7"}})->number("ring", 0, 100).value() == 8);
  CHECK(read({}, {{"RING", ""}})->number("ring", 0, 100).value() == 60);
  CHECK(read({config})->list("allowed-origins") == std::vector<std::string>{"https://a.example", "https://b.example"});
  CHECK(read({config})->on("test-clock"));
  CHECK(read({}, {{"PORT", "81"}})->text("port") == "81");
  CHECK(read({"--allowed-origins", " a , ,b"})->list("allowed-origins") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an error names what the person wrote") {
  const auto field = [](const auto& result) { return result ? std::string("no error") : result.error().field; };
  CHECK(field(read({"--nothing", "1"})) == "--nothing");
  CHECK(field(read({"stray"})) == "stray");
  CHECK(field(read({"--port"})) == "--port");
  CHECK(field(read({"--ring=soon"})->number("ring", 0, 100)) == "--ring");
  CHECK(field(read({}, {{"RING", "101"}})->number("ring", 0, 100)) == "RING");
  CHECK(read({}, {{"RING", "101"}})->number("ring", 0, 100).error().detail == "must be a number from 0 to 100");
  const File file(R"({"ring": 101})"), unknown(R"({"rong": 1})"), broken("{"), list("[]"), mistyped(R"({"ring": {}})");
  CHECK(field(read({"--config", file.path})->number("ring", 0, 100)) == file.path + ": ring");
  CHECK(field(read({"--config", unknown.path})) == unknown.path + ": rong");
  CHECK(field(read({"--config", mistyped.path})) == mistyped.path + ": ring");
  CHECK(read({"--config", broken.path}).error().code == ErrorCode::bad_json);
  CHECK(field(read({"--config", broken.path})) == "--config");
  CHECK(field(read({"--config", list.path})) == "--config");
  CHECK(read({"--config", "/nothing/here"}).error().code == ErrorCode::not_found);
}

TEST_CASE("a toggle takes a word for yes or no, from wherever it comes, and no other") {
  const auto on = [](std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
    const auto settings = read(std::move(arguments), std::move(environment));
    return settings ? std::string(settings->on("safe") ? "on" : "off") : to_string(settings.error());
  };
  CHECK(on({}) == "off");
  CHECK(on({"--safe"}) == "on");
  for (const std::string word : {"true", "yes", "on", "1"}) CHECK(on({"--safe=" + word}, {{"SAFE", "no"}}) == "on");
  for (const std::string word : {"false", "no", "off", "0"}) CHECK(on({"--safe=" + word}, {{"SAFE", "yes"}}) == "off");
  const std::string why = " must be true or false (or yes, no, on, off, 1, 0)";
  for (const std::string word : {"", "maybe", "2", "TRUE"}) CHECK(on({"--safe=" + word}) == "invalid_argument: --safe:" + why);
  CHECK(on({}, {{"SAFE", "perhaps"}}) == "invalid_argument: SAFE:" + why);
  CHECK(on({"--safe", "--safe=false"}) == "off");
  const File yes(R"({"safe": true})"), no(R"({"safe": false})"), odd(R"({"safe": 3})");
  CHECK(on({"--config", yes.path}) == "on");
  CHECK(on({"--config", no.path}) == "off");
  CHECK(on({"--config", odd.path}) == "invalid_argument: " + odd.path + ": safe:" + why);
}

TEST_CASE("a secret comes by the environment or the file, never as an argument, and no error repeats it") {
  const std::string secret = "zegocall-test-secret-0123456789a";
  const auto refused = read({"--jwt-secret", secret});
  REQUIRE(!refused);
  CHECK(to_string(refused.error()).find(secret) == std::string::npos);
  const auto joined = read({"--jwt-secret=" + secret});
  REQUIRE(!joined);
  CHECK(to_string(joined.error()).find(secret) == std::string::npos);
  const auto settings = read({}, {{"JWT_SECRET", secret}});
  CHECK(settings->secret("jwt-secret").reveal() == secret);
  CHECK(settings->source("jwt-secret") == "JWT_SECRET");
  CHECK(read({})->source("jwt-secret") == "JWT_ACCESS_SECRET");
  CHECK(settings->usage("ring_server").find(secret) == std::string::npos);
}
