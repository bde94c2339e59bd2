// Paths, queries, cookies, origins and files: what a request may say.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "server/conditions.hpp"
#include "server/cors.hpp"
#include "server/files.hpp"
#include "server/url.hpp"

using namespace zegocall;
using namespace zegocall::server_detail;

TEST_CASE("percent signs are undone once, and broken ones refused") {
  CHECK(percent_decode("a%20b+c", false) == "a b+c");
  CHECK(percent_decode("a%20b+c", true) == "a b c");
  CHECK(percent_decode("%252F", false) == "%2F");
  for (const char* broken : {"%", "%2", "%zz", "a%0", "%00"}) CHECK(!percent_decode(broken, false));
}

TEST_CASE("a path is split before it is decoded") {
  CHECK(*path_segments("/a/b%2Fc/") == std::vector<std::string>{"a", "b/c"});
  CHECK(path_segments("/")->empty());
  CHECK(*path_segments("/a//b") == std::vector<std::string>{"a", "", "b"});
  CHECK(!path_segments("a/b"));
  CHECK(!path_segments("/a%"));
  CHECK(!path_segments(""));
}

TEST_CASE("query and cookies") {
  CHECK(query_value("a=1&b=x%26y&a=2", "a") == "1");
  CHECK(query_value("a=1&b=x%26y&c", "b") == "x&y");
  CHECK(query_value("a=1&b&c", "b") == "");
  CHECK(query_value("%61=1", "a") == "1");
  CHECK(!query_value("a=1", "b"));
  CHECK(!query_value("a=%", "a"));
  CHECK(cookie_value("a=1; token=x.y; b=2", "token") == "x.y");
  CHECK(cookie_value("token=\"x\"", "token") == "x");
  CHECK(!cookie_value("xtoken=1", "token"));
}

namespace {
std::string value(const HeaderList& list, std::string_view name) {
  for (const auto& [key, value] : list)
    if (key == name) return value;
  return "-";
}
}  // namespace

TEST_CASE("origins are admitted exactly as configured") {
  const Cors cors = Cors::of({"https://app.example", "http://localhost:3000"}).value();
  CHECK(cors.admits(std::nullopt, "api.example"));
  CHECK(cors.admits("https://app.example", "api.example"));
  CHECK(cors.admits("https://api.example", "api.example"));
  CHECK(!cors.admits("http://app.example", "api.example"));
  CHECK(!cors.admits("https://app.example.evil.example", "api.example"));
  CHECK(!cors.admits("null", "api.example"));
  HeaderList yes, no, preflight;
  cors.add_headers("https://app.example", yes);
  CHECK(value(yes, "Access-Control-Allow-Origin") == "https://app.example");
  CHECK(value(yes, "Access-Control-Allow-Credentials") == "true");
  CHECK(value(yes, "Vary") == "Origin");
  cors.add_headers("https://evil.example", no);
  CHECK(value(no, "Access-Control-Allow-Origin") == "-");
  CHECK(value(no, "Vary") == "Origin");
  cors.add_preflight_headers("https://app.example", "authorization,x-device-id", preflight);
  CHECK(value(preflight, "Access-Control-Allow-Headers") == "authorization,x-device-id");
  CHECK(value(preflight, "Access-Control-Allow-Origin") == "https://app.example");
  HeaderList injected;
  cors.add_preflight_headers("https://app.example", "x\r\nSet-Cookie: a", injected);
  CHECK(value(injected, "Access-Control-Allow-Headers") == "-");
}

TEST_CASE("any origin means without credentials; none means nothing is said") {
  HeaderList any, none;
  Cors::of({"*"}).value().add_headers("https://x.example", any);
  CHECK(value(any, "Access-Control-Allow-Origin") == "*");
  CHECK(value(any, "Access-Control-Allow-Credentials") == "-");
  Cors::of({}).value().add_headers("https://x.example", none);
  CHECK(none.empty());
  for (const char* bad : {"app.example", "https://app.example/", "", "https://"}) {
    const auto refused = Cors::of({"https://fine.example", bad});
    REQUIRE(!refused);
    CHECK(refused.error().field == "allowed_origins.1");
  }
}

namespace {
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-files-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  std::filesystem::path path;
};
}  // namespace

TEST_CASE("files are found by their path, and nothing outside the folder is") {
  const Folder outside, folder;
  outside.write("secret.txt", "no");
  folder.write("index.html", "<p>");
  folder.write("sub/page.js", "1");
  folder.write("sub/index.html", "sub");
  folder.write(".env", "no");
  folder.write(".git/config", "no");
  std::filesystem::create_symlink(outside.path / "secret.txt", folder.path / "leak.txt");
  std::filesystem::create_symlink(folder.path / "index.html", folder.path / "alias.html");
  StaticFiles files;
  REQUIRE(files.add("/", folder.path.string()));
  REQUIRE(files.find("/"));
  CHECK(*files.find("/")->content == "<p>");
  CHECK(files.find("/index.html")->type == "text/html; charset=utf-8");
  CHECK(files.find("/sub/page.js")->type == "text/javascript; charset=utf-8");
  CHECK(files.find("/alias.html"));
  CHECK(files.is_folder("/sub"));
  CHECK(!files.is_folder("/nothing"));
  for (const char* none : {"/.env", "/.git/config", "/leak.txt", "/../secret.txt", "/sub/../index.html", "/sub", "index.html"})
    CHECK(!files.find(none));
  CHECK(!StaticFiles().add("/", (folder.path / "nothing").string()));
}

TEST_CASE("entity tags tell versions apart") {
  const Folder folder;
  folder.write("a", "1");
  folder.write("b", "1");
  folder.write("c", "2");
  StaticFiles files;
  REQUIRE(files.add("/f", folder.path.string()));
  CHECK(files.find("/f/a")->etag == files.find("/f/b")->etag);
  CHECK(files.find("/f/a")->etag != files.find("/f/c")->etag);
  CHECK(etag_matches("W/\"x\", " + files.find("/f/a")->etag, files.find("/f/a")->etag));
  CHECK(etag_matches("*", "\"x\""));
  CHECK(!etag_matches("\"y\"", "\"x\""));
}
