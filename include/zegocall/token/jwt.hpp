// JSON Web Tokens for the host's own users: made with HS256, checked with HS256, RS256, ES256 and EdDSA. Not provider
// tokens: those are in token.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// What a JWT says about one of the host's users.
struct JwtClaims {
  UserId user{};  ///< "sub", else "_id"
  UnixTime expires{};
  std::optional<UnixTime> issued_at{};
  std::vector<std::pair<std::string, std::string>> texts{};  ///< every other member that is a string, in the token's order
  /// The member's value, or nothing.
  const std::string* text(std::string_view name) const;
};

struct JwtOptions {
  std::chrono::seconds leeway{30};
  std::size_t secret_bytes_min = 32;  ///< RFC 7518 asks for 32; less only to keep an existing secret
};

/// Checks signed tokens. The algorithm is the verifier's: a token whose header names another is refused. `exp` is required.
/// Move-only; verify from several threads at once.
class JwtVerifier {
 public:
  /// secret_length with field "secret"; invalid_argument for a PEM text, which is a key of the other algorithms.
  static Result<JwtVerifier> hs256(Secret secret, JwtOptions options = {});
  /// With a public key as PEM ("BEGIN PUBLIC KEY"): RSA of 2048 bits or more; a point on P-256; Ed25519. invalid_argument
  /// with field "key": no PEM, a private key, another kind of key.
  static Result<JwtVerifier> rs256(std::string_view pem, JwtOptions options = {});
  static Result<JwtVerifier> es256(std::string_view pem, JwtOptions options = {});
  static Result<JwtVerifier> eddsa(std::string_view pem, JwtOptions options = {});
  /// unauthenticated (shape, algorithm, signature, claims; the field says which), expired, not_yet_valid.
  Result<JwtClaims> verify(std::string_view text, UnixTime now) const;

  JwtVerifier(JwtVerifier&&) noexcept;
  JwtVerifier& operator=(JwtVerifier&&) noexcept;
  ~JwtVerifier();

 private:
  struct Impl;
  explicit JwtVerifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What a JWT is to say.
struct JwtRequest {
  UserId user{};
  std::chrono::seconds lifetime{std::chrono::hours(1)};
  std::string user_claim = "sub";                            ///< the member that names the user; "_id" for existing systems
  std::vector<std::pair<std::string, std::string>> texts{};  ///< further members, in this order; not iat, nbf, exp
};

/// Makes HS256 tokens. Move-only; mint from several threads at once.
class JwtMinter {
 public:
  /// secret_length with field "secret".
  static Result<JwtMinter> hs256(Secret secret, JwtOptions options = {});
  /// The members in this order: the user, `texts`, iat, exp. invalid_argument or out_of_range with the field.
  Result<std::string> mint(const JwtRequest& request, UnixTime now) const;

  JwtMinter(JwtMinter&&) noexcept;
  JwtMinter& operator=(JwtMinter&&) noexcept;
  ~JwtMinter();

 private:
  struct Impl;
  explicit JwtMinter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
