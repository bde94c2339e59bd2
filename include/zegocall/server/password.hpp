// Passwords through the system's crypt library (libxcrypt).
#pragma once

#include <memory>

#include "zegocall/base/password.hpp"
#include "zegocall/base/random.hpp"

namespace zegocall {

/// Writes yescrypt, reads whatever the library reads (yescrypt, bcrypt $2a$/$2b$/$2y$, SHA-512). A password that holds a NUL
/// byte or more than 512 bytes is refused: invalid_argument. Any thread; takes tens of milliseconds: use it on a worker.
/// `salt` must outlive the hasher.
std::unique_ptr<PasswordHasher> make_crypt_hasher(ByteSource& salt = system_bytes());

}  // namespace zegocall
