// Ids, times and randomness as text.
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

class SystemBytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = getrandom(out.data(), out.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      ZC_ASSERT(got > 0);  // the kernel's generator exists wherever this was built to run
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }
};

}  // namespace

ByteSource& system_bytes() {
  static SystemBytes bytes;
  return bytes;
}

std::string make_id_text(UnixTime now, ByteSource& bytes) {
  std::array<std::byte, 12> raw{};
  const auto seconds =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  for (std::size_t i = 0; i < 4; ++i) raw[i] = static_cast<std::byte>((seconds >> (24 - 8 * i)) & 0xff);
  bytes.fill(std::span(raw).subspan(4));
  std::string out;
  out.reserve(24);
  for (const std::byte b : raw) {
    const auto n = std::to_integer<unsigned>(b);
    out.push_back(hex_digits[n >> 4]);
    out.push_back(hex_digits[n & 15]);
  }
  return out;
}

bool is_id_text(std::string_view text) { return text.size() == 24 && text.find_first_not_of(hex_digits) == text.npos; }

Now system_now() {
  return {std::chrono::time_point_cast<SteadyTime::duration>(std::chrono::steady_clock::now()),
          std::chrono::time_point_cast<UnixTime::duration>(std::chrono::system_clock::now())};
}

std::string iso8601(UnixTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  std::array<char, 48> out{};
  const int size =
      std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()}, unsigned{date.month()},
                    unsigned{date.day()}, static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {out.data(), static_cast<std::size_t>(size)};
}

}  // namespace zegocall
