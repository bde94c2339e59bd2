// zegocall outbox: what waits, what is dead, and sending it again.
#include <algorithm>

#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

constexpr OutboxLane lanes[] = {OutboxLane::host, OutboxLane::provider};

JsonObject entry_json(const OutboxEntry& entry) {
  JsonObject out{{"number", entry.number},    {"lane", name(entry.message.lane)}, {"topic", entry.message.topic},
                 {"id", entry.message.id},    {"order", entry.message.order},     {"at", iso8601(entry.message.at)},
                 {"attempts", entry.attempts}};
  if (entry.due) out.add("due", iso8601(*entry.due));
  return out;
}

Json letter_json(const DeadLetter& letter) {
  return entry_json(letter.entry).add("died", iso8601(letter.died)).add("reason", letter.reason);
}

std::vector<std::string> row_of(const OutboxEntry& entry) {
  return {std::to_string(entry.number), std::string(name(entry.message.lane)), printable(entry.message.topic),
          printable(entry.message.id),  date_words(entry.message.at),          std::to_string(entry.attempts) + " attempts"};
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many) + "\n";
}

/// Every dead letter's number, the oldest first: so they come in the order in which they died.
Result<std::vector<std::int64_t>> all_letters(Store& store) {
  std::vector<std::int64_t> numbers;
  for (std::uint32_t page = 1;; ++page) {
    auto letters = store.dead_letters({.page = page, .size = StoreLimits::page_size_max});
    if (!letters) return unexpected(std::move(letters).error());
    for (const DeadLetter& letter : letters->items) numbers.push_back(letter.entry.number);
    if (letters->items.size() < StoreLimits::page_size_max) break;
  }
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

/// All or none.
Result<std::size_t> replay(Store& store, const OutboxOptions& options) {
  if (auto begun = store.begin(); !begun) return unexpected(std::move(begun).error());
  auto numbers = options.all ? all_letters(store) : Result<std::vector<std::int64_t>>(options.numbers);
  Result<void> done = numbers ? Result<void>{} : Result<void>(unexpected(numbers.error()));
  for (std::size_t i = 0; done && i < numbers->size(); ++i) {
    done = store.dead_letter_again((*numbers)[i], system_now().wall);
    if (!done && done.error().code == ErrorCode::not_found)
      done = fail_field(ErrorCode::not_found, "number", "there is no dead letter " + std::to_string((*numbers)[i]));
  }
  if (done) done = store.commit();
  if (!done && store.in_transaction()) store.rollback();
  if (!done) return unexpected(std::move(done).error());
  return numbers->size();
}

}  // namespace

Exit run_outbox_list(const OutboxOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  std::vector<OutboxEntry> waiting;
  std::uint64_t total = 0;
  for (const OutboxLane lane : lanes) {
    auto entries = (*store)->outbox(lane, options.size);
    if (!entries) return refusal(entries.error(), options.json);
    std::move(entries->begin(), entries->end(), std::back_inserter(waiting));
    total += (*store)->outbox_size(lane).value_or(0);
  }
  if (options.json) {
    const Json rows = JsonArray::of(waiting, [](const OutboxEntry& entry) { return Json(entry_json(entry)); });
    print(JsonObject{{"waiting", rows}, {"total", total}}.text() + "\n");
    return Exit::yes;
  }
  std::vector<std::vector<std::string>> rows;
  for (const OutboxEntry& entry : waiting) {
    rows.push_back(row_of(entry));
    rows.back().push_back(entry.due ? "due " + date_words(*entry.due) : "behind another of its call");
  }
  print(aligned(rows) + counted(total, "message waits", "messages wait"));
  return Exit::yes;
}

Exit run_outbox_dead(const OutboxOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto page = (*store)->dead_letters({.page = options.page, .size = options.size});
  if (!page) return refusal(page.error(), options.json);
  if (options.json) {
    print(JsonObject{{"dead", JsonArray::of(page->items, letter_json)}, {"total", page->total}, {"page", options.page}}.text() +
          "\n");
    return Exit::yes;
  }
  std::vector<std::vector<std::string>> rows;
  for (const DeadLetter& letter : page->items) {
    rows.push_back(row_of(letter.entry));
    rows.back().push_back(printable(letter.reason));
  }
  print(aligned(rows) + counted(page->total, "dead letter", "dead letters"));
  return Exit::yes;
}

Exit run_outbox_replay(const OutboxOptions& options) {
  if (options.numbers.empty() && !options.all)
    return usage_error({ErrorCode::missing_field, "number", "say which, or --all"}, options.json);
  const auto store = open_store(options.db, StoreUse::write);
  if (!store) return usage_error(store.error(), options.json);
  const auto again = replay(**store, options);
  if (!again) return refusal(again.error(), options.json);
  print(options.json ? JsonObject{{"replayed", *again}}.text() + "\n"
                     : counted(*again, "message waits again", "messages wait again"));
  return Exit::yes;
}

}  // namespace zegocall::cli
