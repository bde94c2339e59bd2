#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

std::string row(const CallView& call) {
  const auto talked = talk_time(call);
  return padded(printable(call.id.view()), 26) + padded(date_words(call.created_at), 25) +
         padded(std::string(name(call.media)), 7) + padded(people_words(call), 56) + "  " + padded(outcome_words(call), 24) +
         (talked ? exact_span_words(*talked) : "-") + "\n";
}

std::string table(const Page<CallView>& page, const CallOptions& options) {
  std::string out;
  for (const CallView& call : page.items) out += row(call);
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
