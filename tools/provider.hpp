// The commands about what the provider says: its callbacks and its codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "commands.hpp"

namespace zegocall::cli {

struct CodeOptions {
  std::string code{};  ///< a number of the provider, or a word of ours
  bool json = false;
};
Exit run_explain_code(const CodeOptions& options);

struct CallbackOptions {
  std::string file{};                  ///< empty or "-": standard input
  std::optional<std::uint32_t> app{};  ///< whose it must be; else ZEGO_APP_ID, ZEGOCLOUD_APP_ID; anybody's where none is said
  std::string secret_file{};           ///< else ZEGO_CALLBACK_SECRET, ZEGOCLOUD_CALLBACK_SECRET
  std::string past = "11min";
  bool any_time = false;
  std::optional<std::int64_t> now{};
  bool json = false;
};
/// One body.
Exit run_callback_verify(const CallbackOptions& options);
/// A body per line.
Exit run_callback_replay(const CallbackOptions& options);

}  // namespace zegocall::cli
