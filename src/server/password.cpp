#include "zegocall/server/password.hpp"

#include <crypt.h>

#include <array>
#include <string>

namespace zegocall {
namespace {

constexpr std::size_t password_max = CRYPT_MAX_PASSPHRASE_SIZE - 1;
constexpr const char* method_to_write = "$y$";  // yescrypt

/// The library's scratch space, which holds parts of the password: wiped at the end.
struct Scratch {
  crypt_data data{};
  ~Scratch() { wipe(&data, sizeof data); }
};

class CryptHasher final : public PasswordHasher {
 public:
  explicit CryptHasher(ByteSource& salt) : salt_(salt) {}

  Result<std::string> hash(const Secret& password) override {
    if (auto fine = check(password); !fine) return unexpected(std::move(fine).error());
    std::array<std::byte, 16> random{};
    salt_.fill(random);
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    if (!crypt_gensalt_rn(method_to_write, 0, reinterpret_cast<const char*>(random.data()), static_cast<int>(random.size()),
                          setting.data(), static_cast<int>(setting.size())))
      return fail(ErrorCode::internal, "the crypt library makes no salt for yescrypt");
    std::string out = run(password, setting.data());
    if (out.empty()) return fail(ErrorCode::internal, "the crypt library makes no hash");
    return out;
  }

  bool verify(const Secret& password, std::string_view hash) override {
    if (!check(password) || hash.empty() || hash.size() >= CRYPT_OUTPUT_SIZE) return false;
    const std::string made = run(password, std::string(hash).c_str());
    return !made.empty() && equal_constant_time(made, hash);
  }

 private:
  static Result<void> check(const Secret& password) {
    const std::string_view text = password.reveal();
    if (text.size() > password_max)
      return fail_field(ErrorCode::invalid_argument, "password", "must have at most " + std::to_string(password_max) + " bytes");
    if (text.find('\0') != std::string_view::npos)
      return fail_field(ErrorCode::invalid_argument, "password", "must not hold a NUL byte");
    return {};
  }

  /// Empty if the setting is not one that the library reads.
  static std::string run(const Secret& password, const char* setting) {
    Scratch scratch;
    std::array<char, password_max + 1> text{};
    const std::string_view bytes = password.reveal();
    std::copy(bytes.begin(), bytes.end(), text.begin());
    const char* out = crypt_rn(text.data(), setting, &scratch.data, sizeof scratch.data);
    wipe(text.data(), text.size());
    return out && out[0] != '*' ? std::string(out) : std::string();
  }

  ByteSource& salt_;
};

}  // namespace

std::unique_ptr<PasswordHasher> make_crypt_hasher(ByteSource& salt) { return std::make_unique<CryptHasher>(salt); }

}  // namespace zegocall
