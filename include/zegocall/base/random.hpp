// Randomness is a port: whoever needs bytes is given a ByteSource.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// Bytes that nobody can guess. An implementation is safe to call from several threads at once.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

/// The operating system's generator (getrandom). Any thread; lives as long as the program.
ByteSource& system_bytes();

/// 24 lower-case hex digits: 4 bytes of Unix seconds, 8 random bytes. The shape that all wires of the example servers use.
std::string make_id_text(UnixTime now, ByteSource& bytes);
template <class IdType>
IdType make_id(UnixTime now, ByteSource& bytes) {
  return IdType(std::string_view(make_id_text(now, bytes)));
}
/// True for exactly 24 lower-case hex digits.
bool is_id_text(std::string_view text);

}  // namespace zegocall
