#include "token/cipher.hpp"

#include <cstring>

#include "token/in_bytes.hpp"

namespace zegocall::token_detail {
namespace {

unsigned char* out_bytes(char* data) { return reinterpret_cast<unsigned char*>(data); }

// PKCS#7's last 1 to 16 bytes, each of which is their number; 0 if they are not there. No branch and no index depends on
// the bytes.
std::size_t padding_size(std::string_view plaintext) {
  std::array<unsigned char, block_size> tail;
  std::memcpy(tail.data(), plaintext.data() + plaintext.size() - block_size, block_size);
  const unsigned last = tail.back();
  unsigned wrong = (last - 1) >> 4;  // not 0 beyond 1 to 16
  for (unsigned i = 0; i < block_size; ++i) {
    const unsigned before = (block_size - 1 - i < last ? 1u : 0u) - 1;  // all ones for bytes that are not of the padding
    wrong |= (tail[i] ^ last) & ~before;
  }
  const unsigned mask = ((wrong | (0u - wrong)) >> 31) - 1u;  // all ones where nothing is wrong
  return last & mask;
}

}  // namespace

CipherKey::CipherPool::Owned CipherKey::context(TokenMode mode, Direction direction) const {
  if (auto idle = pool(mode, direction).take()) return idle;
  CipherPool::Owned fresh(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* const cipher = mode == TokenMode::gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
  if (!fresh ||
      EVP_CipherInit_ex(fresh.get(), cipher, nullptr, in_bytes(key_.secret.reveal()), nullptr, static_cast<int>(direction)) != 1)
    return nullptr;
  // Libcrypto would take a padding off too, but say so by an early way out and an entry in its list of errors.
  if (mode == TokenMode::cbc && direction == Direction::decrypt) EVP_CIPHER_CTX_set_padding(fresh.get(), 0);
  return fresh;
}

Result<void> CipherKey::encrypt(TokenMode mode, std::string_view iv, std::string_view plaintext, Scratch& out) const {
  auto owned = context(mode, Direction::encrypt);
  EVP_CIPHER_CTX* const ctx = owned.get();
  unsigned char* const to = out_bytes(out.grow(sealed_size(mode, plaintext.size())));
  int body = 0;
  int tail = 0;
  bool good = ctx != nullptr && EVP_CipherInit_ex(ctx, nullptr, nullptr, nullptr, in_bytes(iv), 1) == 1 &&
              EVP_EncryptUpdate(ctx, to, &body, in_bytes(plaintext), static_cast<int>(plaintext.size())) == 1 &&
              EVP_EncryptFinal_ex(ctx, to + body, &tail) == 1;
  if (good && mode == TokenMode::gcm)
    good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_size), to + body) == 1;
  if (!good) return fail(ErrorCode::internal, "libcrypto could not encrypt");
  pool(mode, Direction::encrypt).give_back(std::move(owned));
  return {};
}

bool CipherKey::decrypt(TokenMode mode, std::string_view iv, std::string_view ciphertext, Scratch& out) const {
  auto owned = context(mode, Direction::decrypt);
  EVP_CIPHER_CTX* const ctx = owned.get();
  if (ctx == nullptr || EVP_CipherInit_ex(ctx, nullptr, nullptr, nullptr, in_bytes(iv), 0) != 1) return false;
  const std::size_t begin = out.size();
  unsigned char* const to = out_bytes(out.grow(ciphertext.size() + block_size));
  bool good = true;
  if (mode == TokenMode::gcm) {
    const std::string_view tag = ciphertext.substr(ciphertext.size() - tag_size);
    ciphertext.remove_suffix(tag_size);
    // The parameter is not const in libcrypto's interface; it is only read.
    good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_size),
                               const_cast<unsigned char*>(in_bytes(tag))) == 1;
  }
  int body = 0;
  int tail = 0;
  good = good && EVP_DecryptUpdate(ctx, to, &body, in_bytes(ciphertext), static_cast<int>(ciphertext.size())) == 1 &&
         EVP_DecryptFinal_ex(ctx, to + body, &tail) == 1;
  pool(mode, Direction::decrypt).give_back(std::move(owned));
  if (!good) return out.shrink(begin), false;
  out.shrink(begin + static_cast<std::size_t>(body + tail));
  if (mode == TokenMode::gcm) return true;
  const std::size_t padding = padding_size(out.view());
  out.shrink(out.size() - padding);
  return padding != 0;
}

bool CipherKey::live(UnixTime now, std::chrono::seconds leeway) const {
  if (key_.active_from && now + leeway < *key_.active_from) return false;
  return !key_.retired_at || now < *key_.retired_at + leeway;
}

const CipherKey* KeySet::to_mint(AppId app, UnixTime now) const {
  if (app == AppId{}) app = keys_.front()->app();
  const CipherKey* best = nullptr;
  for (const auto& key : keys_) {
    // Nothing sorts before every instant.
    if (key->app() == app && key->live(now) && (best == nullptr || key->active_from() > best->active_from())) best = key.get();
  }
  return best;
}

}  // namespace zegocall::token_detail
