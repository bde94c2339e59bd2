// The commands of `zegocall`: what each is told, and the function that does it. Flags are in main.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zegocall::cli {

/// What a command ends with. no: done, and the answer is no (the reason was printed). usage: it could not be tried.
enum class Exit : int { yes = 0, no = 1, usage = 2 };

/// Where a token's key comes from; never an argument.
struct KeyOptions {
  std::optional<std::uint32_t> app{};  ///< else ZEGO_APP_ID, ZEGOCLOUD_APP_ID
  std::string secret_file{};           ///< "-" is standard input; else ZEGO_SERVER_SECRET, ZEGOCLOUD_SERVER_SECRET
};

struct MintOptions {
  KeyOptions key{};
  std::string user{};
  std::string lifetime = "1h";
  std::string room{};
  std::string role = "speaker";
  std::vector<std::string> streams{};
  std::optional<std::string> payload{};
  std::string mode = "gcm";
  bool relaxed_ids = false;
  bool web_kit_streams = false;
  bool token03 = false;
  bool batch = false;
  bool fixed_randomness = false;
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_token_mint(const MintOptions& options);

struct CheckOptions {
  KeyOptions key{};
  std::string token{};  ///< empty: standard input
  std::string user{};
  std::string room{};
  bool login = false;
  bool publish = false;
  bool token03 = false;
  bool lab = false;    ///< inspect only
  bool batch = false;  ///< inspect only
  std::int64_t leeway = 30;
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_token_verify(const CheckOptions& options);
Exit run_token_inspect(const CheckOptions& options);

struct CallOptions {
  std::string db{};
  std::string call{};
  std::uint32_t page = 1;
  std::uint32_t size = 20;
  bool diagram = false;                                                    ///< timeline only: as a sequence diagram
  bool svg = false;                                                        ///< timeline only: as a picture
  bool csv = false;                                                        ///< attendance and stats
  bool intervals = false;                                                  ///< attendance only
  std::string late_after = "1min", early_before = "1min", minimum = "0s";  ///< attendance only
  std::string window = "1h";                                               ///< stats only
  bool json = false;
};
Exit run_call_list(const CallOptions& options);
Exit run_call_show(const CallOptions& options);
Exit run_call_timeline(const CallOptions& options);
Exit run_call_attendance(const CallOptions& options);
Exit run_call_stats(const CallOptions& options);

struct OutboxOptions {
  std::string db{};
  std::vector<std::int64_t> numbers{};  ///< replay only
  bool all = false;                     ///< replay only: every dead letter
  std::uint32_t page = 1;
  std::uint32_t size = 20;
  bool json = false;
};
Exit run_outbox_list(const OutboxOptions& options);
Exit run_outbox_dead(const OutboxOptions& options);
Exit run_outbox_replay(const OutboxOptions& options);

}  // namespace zegocall::cli
