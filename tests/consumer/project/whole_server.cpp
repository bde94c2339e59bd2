// Uses zegocall::net and zegocall::sqlite: opens a store and a hub on a free port, and stops again.
#include <cstdio>

#include "zegocall/hub.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;

int main() {
  auto store = SqliteStore::open({.path = ":memory:"});
  if (!store) return std::fprintf(stderr, "%s\n", to_string(store.error()).c_str()), 1;
  Namespace ns{"/"};
  ns.on("echo", [](const Event& event) -> Result<Args> {
    return event.get<std::string>("0").transform([](const std::string& text) { return Args{text}; });
  });
  auto hub = Hub::open({.port = 0}, {.namespaces = {ns}});
  if (!hub) return std::fprintf(stderr, "%s\n", to_string(hub.error()).c_str()), 1;
  std::printf("a hub on a free port: %s\n", hub->port() != 0 ? "yes" : "no");
  return hub->port() != 0 ? 0 : 1;
}
