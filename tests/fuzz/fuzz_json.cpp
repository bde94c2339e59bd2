// The JSON scanner, reader and writer against the oracle: any disagreement is a crash.
#include <cstdio>
#include <cstdlib>

#include "base/json_oracle.hpp"
#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

/// Writing a checked value again gives a checked value, with and without attachments.
void rewrite(JsonView view) {
  static const std::vector<std::string> attachments{"a", "b"};
  JsonObject out{{"echo", view}, {"text", view.text()}};
  if (const auto with = view.with_attachments(attachments)) out.add("with", *with);
  for (const auto& [key, value] : view.members()) out.add(key, value);
  if (!JsonView::check(out.text(), {.depth_max = 512})) give_up("written text is refused: " + std::string(out.text()));
  const ArgsView tail(view, 1);
  const Args kept = Args::copy_of(tail);
  if (kept.size() != tail.size()) give_up("arguments are lost");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto difference = json_disagreement(text)) give_up(*difference);
  if (const auto view = JsonView::check(text, {.depth_max = 500})) rewrite(*view);
  // Any bytes as a string: what is written is read back, except where it was not UTF-8.
  const Json written = Json::of(text);
  if (!JsonView::check(written.text(), {.bytes_max = 16'000'000})) give_up("a written string is refused");
  return 0;
}
