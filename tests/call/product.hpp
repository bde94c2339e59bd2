// The full product: every situation that a call can be in, everybody who can ask, every command, and what the rules
// answer. The rules are asked, nothing is written down here but how one gets into a situation.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "zegocall/call/engine.hpp"
#include "zegocall/testing.hpp"

namespace call_product {

using zegocall::Actor;

/// The people of every situation: who called or made the room, the other one (on two devices), and a stranger.
struct Asker {
  const char* word;
  Actor actor;
};
const std::vector<Asker>& askers();

struct Situation {
  std::string name;
  std::vector<std::pair<std::string, std::vector<std::string>>> answers;  ///< command; what each asker is told
};

/// From, to, and what leads there.
using Transitions = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

struct Product {
  std::vector<Situation> situations{};
  Transitions calls{}, legs{};
  std::size_t pairs = 0;
  std::vector<std::string> wrong{};  ///< a refusal that changed something, an inconsistent call, a situation not reached
};

/// Walks all of it.
Product walk();
/// The page: a table for each situation, the diagrams (Mermaid).
std::string page(const Product& product);

}  // namespace call_product
