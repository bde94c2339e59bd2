#include "server/files.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace zegocall::server_detail {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> types{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".wasm", "application/wasm"},
    {".woff2", "font/woff2"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".wav", "audio/wav"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
}};

/// FNV-1a; tells versions of a file apart, and protects nothing.
std::string make_etag(std::string_view content) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[(hash >> shift) & 15]);
  return out + "-" + std::to_string(content.size()) + "\"";
}

bool below(const fs::path& file, const fs::path& folder) {
  std::error_code failed;
  const fs::path real = fs::canonical(file, failed);
  if (failed) return false;
  const fs::path relative = real.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot != std::string_view::npos)
    for (const auto& [ending, type] : types)
      if (file_name.substr(dot) == ending) return type;
  return "application/octet-stream";
}

Result<void> StaticFiles::add(std::string_view prefix, const std::string& folder) {
  std::error_code failed;
  const fs::path root = fs::canonical(folder, failed);
  if (failed || !fs::is_directory(root)) return fail(ErrorCode::not_found, folder + " is not a folder");
  std::string base(prefix);
  if (base.empty() || base.back() != '/') base.push_back('/');
  for (auto it = fs::recursive_directory_iterator(root, failed); it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (failed) return fail(ErrorCode::io_error, "cannot read the folder " + folder);
    if (it->path().filename().string().front() == '.') {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file(failed) || (it->is_symlink(failed) && !below(it->path(), root))) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in) return fail(ErrorCode::io_error, "cannot read " + it->path().string());
    bytes_ += content.size();
    if (bytes_ > bytes_max) return fail(ErrorCode::limit_exceeded, "more than 64 MiB of files, with " + it->path().string());
    const std::string name = it->path().lexically_relative(root).generic_string();
    StaticFile file{nullptr, content_type_of(name), make_etag(content)};
    file.content = std::make_shared<const std::string>(std::move(content));
    if (it->path().filename() == "index.html") files_[base + name.substr(0, name.size() - 10)] = file;
    files_[base + name] = std::move(file);
  }
  return {};
}

const StaticFile* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool StaticFiles::is_folder(std::string_view path) const { return find(std::string(path) + "/") != nullptr; }

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace zegocall::server_detail
