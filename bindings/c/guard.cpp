#include "guard.hpp"

#include <cstdlib>

namespace zegocall::c_detail {
namespace {

struct LastError {
  std::string field, message;
  bool without_memory = false;
};
thread_local LastError last_error;

const char* text_or_fixed(const std::string& text, const char* fixed) { return last_error.without_memory ? fixed : text.c_str(); }

}  // namespace

zc_status remember(zc_status status, std::string_view field, std::string_view message) noexcept {
  try {
    last_error.field.assign(field);
    last_error.message.assign(message);
    last_error.without_memory = false;
  } catch (...) {
    last_error.without_memory = true;
  }
  return status;
}

zc_status remember(const Error& error) noexcept {
  const zc_status status = -static_cast<zc_status>(error.code);
  try {
    return remember(status, error.field, to_string(error));
  } catch (...) {
    last_error.without_memory = true;
    return status;
  }
}

Result<std::string_view> text_of(zc_view view, const char* name) {
  if (view.data == nullptr && view.size != 0) return bad_argument(name, "NULL with a size");
  return view.data == nullptr ? std::string_view() : std::string_view(view.data, view.size);
}

Result<void> fillable(const zc_string* out) {
  if (out == nullptr) return bad_argument("out", "must not be NULL");
  if (out->data != nullptr) return bad_argument("out", "already filled: free it first, or start with ZC_STRING_INIT");
  return {};
}

Result<void> fill(zc_string* out, std::string_view text) {
  char* data = static_cast<char*>(std::malloc(text.size() + 1));
  if (data == nullptr) throw std::bad_alloc();
  std::memcpy(data, text.data(), text.size());
  data[text.size()] = '\0';
  *out = {data, text.size()};
  return {};
}

}  // namespace zegocall::c_detail

using namespace zegocall;
using namespace zegocall::c_detail;

const char* zc_last_error_message() noexcept { return text_or_fixed(last_error.message, "no_memory: out of memory"); }
const char* zc_last_error_field() noexcept { return text_or_fixed(last_error.field, ""); }

const char* zc_status_name(zc_status status) noexcept {
  if (status == ZC_OK) return "ok";
  if (status == ZC_ERR_NO_MEMORY) return "no_memory";
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info)
    if (-static_cast<zc_status>(info->code) == status) return info->name.data();  // the table holds literals
  return "unknown";
}

void zc_string_free(zc_string* text) noexcept {
  if (text == nullptr) return;
  std::free(text->data);
  *text = ZC_STRING_INIT;
}
