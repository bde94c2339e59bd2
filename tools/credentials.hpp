// kit-token, turn, jwt, token explain and the batches: what they are told. Their flags are in credential_flags.cpp.
#pragma once

#include "commands.hpp"

namespace zegocall::cli {

struct KitOptions {
  KeyOptions key{};
  std::string token{};  ///< to wrap; empty: one is minted
  std::string user{};
  std::string room{};
  std::string name{};
  std::string lifetime = "1h";
  std::string mode = "gcm";
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_kit_make(const KitOptions& options);

struct KitParseOptions {
  KeyOptions key{};
  std::string text{};  ///< empty: standard input
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_kit_parse(const KitParseOptions& options);

struct TurnOptions {
  std::string secret_file{};  ///< else TURN_SHARED_SECRET, TURN_SECRET
  std::string user{};
  std::string lifetime = "1h";
  std::vector<std::string> urls{};
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_turn(const TurnOptions& options);

struct JwtMintOptions {
  std::string secret_file{};  ///< else JWT_ACCESS_SECRET, JWT_SECRET
  std::string user{};
  std::string lifetime = "1h";
  std::string user_claim = "sub";
  std::vector<std::string> claims{};  ///< name=value
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_jwt_mint(const JwtMintOptions& options);

struct JwtVerifyOptions {
  std::string secret_file{};
  std::string key_file{};  ///< public key, PEM
  std::string algorithm = "hs256";
  std::string token{};  ///< empty: standard input
  std::int64_t leeway = 30;
  std::optional<std::int64_t> now{};
  bool json = false;
};
Exit run_jwt_verify(const JwtVerifyOptions& options);

struct ExplainOptions {
  CheckOptions check{};
  std::string code{};  ///< explain this word, and no token
  bool json = false;
};
Exit run_token_explain(const ExplainOptions& options);

struct DoctorOptions {
  std::string clock_host{};  ///< host or host:port; "none" asks nobody
  bool json = false;
};
Exit run_doctor(const DoctorOptions& options);

/// One JSON object per line of standard input, one verdict per line of standard output.
Exit run_inspect_batch();
Exit run_mint_batch(bool fixed_randomness, bool relaxed_ids);

}  // namespace zegocall::cli
