#include <algorithm>
#include <array>

#include "token/cipher.hpp"
#include "zegocall/token.hpp"

namespace zegocall {
namespace {

using token_detail::KeySet;
using token_detail::secret_size;

// Printed in the provider's own samples and copied from there into many programs: known to everybody.
constexpr std::array<std::string_view, 2> published_samples = {"fa94dd0f974cf2e293728a526b028271",
                                                               "12345678900987654321123456789012"};

bool is_sample(std::string_view secret) {
  if (std::find(published_samples.begin(), published_samples.end(), secret) != published_samples.end()) return true;
  return std::all_of(secret.begin(), secret.end(), [&](char c) { return c == secret.front(); });
}

Result<void> check(const AppKey& key) {
  if (key.app == AppId{}) return fail_field(ErrorCode::out_of_range, "app", "0, must be 1 to 4294967295");
  if (key.secret.size() != secret_size)
    return fail_field(ErrorCode::secret_length, "secret", std::to_string(key.secret.size()) + " bytes, must be 32");
  if (is_sample(key.secret.reveal()))
    return fail_field(ErrorCode::sample_secret, "secret", "a published sample or a placeholder, known to everybody");
  if (key.active_from && key.retired_at && *key.retired_at <= *key.active_from)
    return fail_field(ErrorCode::invalid_argument, "retired_at", "must be after active_from");
  return {};
}

}  // namespace

Keyring::Keyring(std::unique_ptr<KeySet> keys) : keys_(std::move(keys)) {}
Keyring::Keyring(Keyring&&) noexcept = default;
Keyring& Keyring::operator=(Keyring&&) noexcept = default;
Keyring::~Keyring() = default;

Result<Keyring> Keyring::of(AppId app, Secret secret) {
  Keyring ring(std::make_unique<KeySet>());
  if (auto added = ring.add({app, std::move(secret)}); !added) return unexpected(std::move(added).error());
  return ring;
}

Result<void> Keyring::add(AppKey key) {
  if (auto good = check(key); !good) return good;
  if (size() == keys_max)
    return fail_field(ErrorCode::limit_exceeded, "keys", "a keyring holds at most " + std::to_string(keys_max) + " keys");
  for (std::size_t i = 0; i < size(); ++i) {
    const auto& present = (*keys_)[i];
    if (present.app() == key.app && present.secret() == key.secret)
      return fail_field(ErrorCode::already_exists, "secret", "this key is in the keyring already");
  }
  keys_->add(std::move(key));
  return {};
}

std::size_t Keyring::size() const { return keys_->size(); }
AppId Keyring::app() const { return (*keys_)[0].app(); }

}  // namespace zegocall
