// AES-256 in the two modes of Token04, with contexts that keep their key schedule.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "token/pool.hpp"
#include "token/scratch.hpp"
#include "zegocall/token.hpp"

namespace zegocall::token_detail {

inline constexpr std::size_t secret_size = 32;
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t block_size = 16;
constexpr std::size_t iv_size(TokenMode mode) { return mode == TokenMode::gcm ? 12 : 16; }
/// Of the ciphertext, the tag or the padding included.
constexpr std::size_t sealed_size(TokenMode mode, std::size_t plaintext) {
  return mode == TokenMode::gcm ? plaintext + tag_size : plaintext / block_size * block_size + block_size;
}

/// One secret, ready for use. Any thread, several at once.
class CipherKey {
 public:
  explicit CipherKey(AppKey key) : key_(std::move(key)) {}

  AppId app() const { return key_.app; }
  const Secret& secret() const { return key_.secret; }
  std::optional<UnixTime> active_from() const { return key_.active_from; }
  std::optional<UnixTime> retired_at() const { return key_.retired_at; }
  /// In its time, or within the leeway of it.
  bool live(UnixTime now, std::chrono::seconds leeway = {}) const;
  /// Appends the ciphertext (in gcm with its tag) of a plaintext that is not in `out`. internal if libcrypto fails.
  Result<void> encrypt(TokenMode mode, std::string_view iv, std::string_view plaintext, Scratch& out) const;
  /// Appends the plaintext; false if the key is another or the text is damaged. In cbc what a wrong key makes of it is
  /// appended all the same, padding and all: whether the padding fits is neither seen in the time this takes nor in what a
  /// caller does who goes on as if it did.
  bool decrypt(TokenMode mode, std::string_view iv, std::string_view ciphertext, Scratch& out) const;

 private:
  using CipherPool = Pool<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
  enum class Direction : int { decrypt = 0, encrypt = 1 };
  CipherPool::Owned context(TokenMode mode, Direction direction) const;
  CipherPool& pool(TokenMode mode, Direction direction) const {
    return pools_[static_cast<std::size_t>(mode) * 2 + static_cast<std::size_t>(direction)];
  }

  AppKey key_;
  mutable std::array<CipherPool, 4> pools_;
};

/// A Keyring's inside. Keys stay where they are.
class KeySet {
 public:
  std::size_t size() const { return keys_.size(); }
  const CipherKey& operator[](std::size_t i) const { return *keys_[i]; }
  /// The key that makes this project's tokens now (the first key's project, for app 0), or null.
  const CipherKey* to_mint(AppId app, UnixTime now) const;
  void add(AppKey key) { keys_.push_back(std::make_unique<CipherKey>(std::move(key))); }

 private:
  std::vector<std::unique_ptr<CipherKey>> keys_;
};

}  // namespace zegocall::token_detail
