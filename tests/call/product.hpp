// The full product: every situation that a call can be in (product_ways.cpp), everybody who can ask, every command, every
// clock that runs, and what the rules answer. The rules are asked; nothing is written down here but how one gets into a
// situation, what must hold of every answer whatever the rules say (laws in product.cpp), and the prose of a word.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/call/engine.hpp"

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
  std::vector<std::pair<std::string, std::string>> driver;                ///< what the driver says (clocks too); what comes of it
};

/// From, to, and what leads there.
using Transitions = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

struct Product {
  std::vector<Situation> situations{};
  Transitions calls{}, legs{};
  std::map<std::string, std::set<std::string>> clocks{};  ///< of a leg in this state
  std::set<std::string> words{};                          ///< of outcomes, causes and clocks that were met
  std::size_t pairs = 0;
  /// A refusal that changed something, an answer against a law, an inconsistent call, a situation that is not reached.
  std::vector<std::string> wrong{};
};

/// Walks all of it.
Product walk();
/// docs/call-model-table.md: a table for each situation.
std::string page(const Product& product);
/// docs/call-model.md with its generated parts anew; they stand between "<!-- NAME -->" and "<!-- /NAME -->". Parts that the
/// text has no place for go into `missing`.
std::string with_parts(std::string text, const Product& product, std::vector<std::string>& missing);
/// Words of the vocabulary (outcomes, causes, clocks, states) that no situation meets.
std::vector<std::string> never_met(const Product& product);

}  // namespace call_product
