// The files of a page, in memory.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::server_detail {

struct StaticFile {
  std::shared_ptr<const std::string> content;
  std::string_view type;
  std::string etag;
  UnixTime modified{};                        ///< to the second, and not after it was read
  std::shared_ptr<const std::string> gzip{};  ///< the same, packed when the page was built; may be null
  std::string gzip_etag{};
};

/// By decoded URL path. Nothing is looked up on the disk, so nothing outside the folder can be reached.
class StaticFiles {
 public:
  static constexpr std::size_t bytes_max = std::size_t{64} << 20;

  /// Errors: not_found (no such folder), limit_exceeded, io_error. Leaves out names that begin with a dot and links that
  /// lead out of the folder. "NAME.gz" becomes a part of NAME if it says that it holds the same bytes; one that does not
  /// (NAME was changed since) is left out.
  Result<void> add(std::string_view prefix, const std::string& folder);
  const StaticFile* find(std::string_view path) const;
  /// True if `path` plus a slash is a folder with an index.html.
  bool is_folder(std::string_view path) const;

 private:
  Result<void> read(const std::string& path, const std::string& url, bool is_index);
  void pair_up(const std::string& base);
  std::map<std::string, StaticFile, std::less<>> files_;
  std::size_t bytes_ = 0;
};

std::string_view content_type_of(std::string_view file_name);

/// True if this is a gzip file whose trailer tells of this content (RFC 1952: CRC-32 and length).
bool packs(std::string_view gzip, std::string_view content);

}  // namespace zegocall::server_detail
