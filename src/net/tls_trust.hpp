// Whom a client of TLS trusts, and what it shows of itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zegocall/base/result.hpp"

namespace zegocall::net_detail {

struct TlsSettings {
  std::string ca_file{};            ///< PEM instead of the system's authorities; "" for those
  std::string certificate_file{};   ///< PEM, the own certificate and its chain; "": none
  std::string key_file{};           ///< PEM, its key
  std::vector<std::string> pins{};  ///< base64 of SHA-256 of a public key (SPKI); if there are any, one must be in the chain
  /// The server's own key must be pinned, and nothing else is asked of its certificate. Needs pins.
  bool pins_alone = false;
};

/// Any thread, once made.
class TlsTrust {
 public:
  /// io_error or invalid_argument with the field "ca_file", "certificate_file", "key_file" or "pins".
  static Result<TlsTrust> open(const TlsSettings& settings);
  static Result<TlsTrust> open(const std::string& ca_file) { return open(TlsSettings{.ca_file = ca_file}); }
  TlsTrust(TlsTrust&&) noexcept;
  TlsTrust& operator=(TlsTrust&&) noexcept;
  ~TlsTrust();

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit TlsTrust(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
