#include "server/files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
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

std::uint32_t crc32(std::string_view content) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : content) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1u) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
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
    const std::string name = it->path().lexically_relative(root).generic_string();
    if (auto done = read(it->path().string(), base + name, it->path().filename() == "index.html"); !done) return done;
  }
  pair_up(base);
  return {};
}

Result<void> StaticFiles::read(const std::string& path, const std::string& url, bool is_index) {
  std::ifstream in(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  struct stat about {};
  if (!in || ::stat(path.c_str(), &about) != 0) return fail(ErrorCode::io_error, "cannot read " + path);
  bytes_ += content.size();
  if (bytes_ > bytes_max) return fail(ErrorCode::limit_exceeded, "more than 64 MiB of files, with " + path);
  StaticFile file{nullptr, content_type_of(url), make_etag(content)};
  const auto now = std::chrono::floor<std::chrono::seconds>(system_now().wall);
  file.modified = std::min<UnixTime>(now, UnixTime(std::chrono::seconds(about.st_mtime)));
  file.content = std::make_shared<const std::string>(std::move(content));
  if (is_index) files_[url.substr(0, url.size() - std::string_view("index.html").size())] = file;
  files_[url] = std::move(file);
  return {};
}

void StaticFiles::pair_up(const std::string& base) {
  for (auto& [url, file] : files_) {
    if (!url.starts_with(base) || file.gzip) continue;
    const auto packed = files_.find((url.ends_with('/') ? url + "index.html" : url) + ".gz");
    if (packed == files_.end() || !packs(*packed->second.content, *file.content)) continue;
    file.gzip = packed->second.content;
    file.gzip_etag = packed->second.etag;
  }
  std::erase_if(files_, [&](const auto& entry) {
    const std::string& url = entry.first;
    return url.ends_with(".gz") && url.starts_with(base) && files_.contains(std::string_view(url).substr(0, url.size() - 3));
  });
}

bool packs(std::string_view gzip, std::string_view content) {
  if (gzip.size() < 18 || gzip[0] != '\x1f' || gzip[1] != '\x8b' || content.size() > 0xffffffffu) return false;
  const auto number_at = [&](std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = 4; i-- > 0;) out = out << 8 | static_cast<unsigned char>(gzip[at + i]);
    return out;
  };
  return number_at(gzip.size() - 4) == content.size() && number_at(gzip.size() - 8) == crc32(content);
}

const StaticFile* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool StaticFiles::is_folder(std::string_view path) const { return find(std::string(path) + "/") != nullptr; }

}  // namespace zegocall::server_detail
