#include "secret_look.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace zegocall::cli {
namespace {

constexpr std::array<std::string_view, 15> invented = {"your_",     "your-",       "yoursecret",  "yourserver", "changeme",
                                                       "change_me", "change-me",   "placeholder", "replace_me", "replace-me",
                                                       "replaceme", "secret_here", "secret-here", "xxxx",       "example"};

// Small letters; a template's <...> and ${...} stand for something that was never put in.
bool is_named_so(std::string_view value) {
  std::string small(value);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool brackets = small.size() > 2 && ((small.front() == '<' && small.back() == '>') || small.substr(0, 2) == "${");
  return brackets || std::any_of(invented.begin(), invented.end(),
                                 [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

// One block again and again: the text is found in itself, shifted by less than half of it.
bool is_repeated(std::string_view value) {
  for (std::size_t block = 1; block <= value.size() / 2; ++block) {
    if (value.substr(block) == value.substr(0, value.size() - block)) return true;
  }
  return false;
}

// Mostly a, b, c or 3, 2, 1.
bool is_a_run(std::string_view value) {
  std::size_t steps = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    const int step = value[i] - value[i - 1];
    if (step == 1 || step == -1) ++steps;
  }
  return value.size() >= 4 && steps * 4 >= (value.size() - 1) * 3;
}

}  // namespace

bool is_placeholder(std::string_view value) { return is_named_so(value) || is_repeated(value) || is_a_run(value); }

bool is_of_one_class(std::string_view value) {
  const auto all = [&](char first, char last) {
    return std::all_of(value.begin(), value.end(), [=](char c) { return c >= first && c <= last; });
  };
  return !value.empty() && (all('0', '9') || all('a', 'z') || all('A', 'Z'));
}

}  // namespace zegocall::cli
