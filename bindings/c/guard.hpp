// The wall between C++ and C: failures become numbers and a text of the thread, nothing is thrown across.
#pragma once

#include <cstring>
#include <new>
#include <utility>

#include "zegocall/base/result.hpp"
#include "zegocall/zegocall.h"

namespace zegocall::c_detail {

/// Keeps what the thread's last call met. Never throws; where memory is out, a fixed text.
zc_status remember(zc_status status, std::string_view field, std::string_view message) noexcept;
zc_status remember(const Error& error) noexcept;

/// Runs `body`, which returns Result<void>. Every function of the C face that can fail is one call of this.
template <class Body>
zc_status guard(Body&& body) noexcept {
  try {
    const Result<void> done = body();
    return done ? remember(ZC_OK, {}, {}) : remember(done.error());
  } catch (const std::bad_alloc&) {
    return remember(ZC_ERR_NO_MEMORY, {}, "no_memory: out of memory");
  } catch (const std::exception& problem) {
    return remember(ZC_ERR_INTERNAL, {}, problem.what());
  } catch (...) {
    return remember(ZC_ERR_INTERNAL, {}, "internal: unknown exception");
  }
}

inline Unexpected bad_argument(std::string field, std::string detail) {
  return fail_field(ErrorCode::invalid_argument, std::move(field), std::move(detail));
}

inline Result<void> not_null(const void* pointer, const char* name) {
  if (pointer == nullptr) return bad_argument(name, "must not be NULL");
  return {};
}

/// The bytes of a view; NULL with a size is refused.
Result<std::string_view> text_of(zc_view view, const char* name);

/// An option struct as it was given, or the defaults for NULL. A struct of a newer version is taken as long as all that
/// this version does not know is at its default, which is zero.
template <class T>
Result<T> options_of(const T* given, const T& defaults, const char* name) {
  if (given == nullptr) return defaults;
  constexpr std::size_t size_max = 4096;
  const auto field = [name] { return std::string(name) + ".size"; };
  if (given->size < sizeof(T) || given->size > size_max)
    return bad_argument(field(), std::to_string(given->size) + ", must be " + std::to_string(sizeof(T)) + ": use the INIT macro");
  const char* bytes = reinterpret_cast<const char*>(given);
  for (std::size_t at = sizeof(T); at < given->size; ++at)
    if (bytes[at] != 0) return bad_argument(field(), "the struct has options that this version of libzegocall does not know");
  return *given;
}

/// An empty zc_string, not NULL.
Result<void> fillable(const zc_string* out);
/// Fills it. The text is the caller's from then on.
Result<void> fill(zc_string* out, std::string_view text);

}  // namespace zegocall::c_detail
