#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

std::vector<std::string> row_of(const CallView& call) {
  const auto talked = talk_time(call);
  return {printable(call.id.view()), date_words(call.created_at), std::string(name(call.media)),
          people_words(call),        outcome_words(call),         talked ? exact_span_words(*talked) : "-"};
}

std::string table(const Page<CallView>& page, const CallOptions& options) {
  std::vector<std::vector<std::string>> rows;
  for (const CallView& call : page.items) rows.push_back(row_of(call));
  std::string out = aligned(rows);
  const std::uint64_t pages = (page.total + options.size - 1) / options.size;
  if (pages > 1) out += "page " + std::to_string(options.page) + " of " + std::to_string(pages) + ", ";
  return out + std::to_string(page.total) + (page.total == 1 ? " call\n" : " calls\n");
}

}  // namespace

Exit run_call_list(const CallOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto page = (*store)->calls({.page = options.page, .size = options.size});
  if (!page) return refusal(page.error(), options.json);
  if (options.json) {
    print(JsonObject{{"calls", JsonArray::of(page->items, call_json)}, {"total", page->total}, {"page", options.page}}.text() +
          "\n");
  } else {
    print(table(*page, options));
  }
  return Exit::yes;
}

}  // namespace zegocall::cli
