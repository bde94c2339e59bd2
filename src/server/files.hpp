// The files of a page, in memory.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

struct StaticFile {
  std::shared_ptr<const std::string> content;
  std::string_view type;
  std::string etag;
};

/// By decoded URL path. Nothing is looked up on the disk, so nothing outside the folder can be reached.
class StaticFiles {
 public:
  static constexpr std::size_t bytes_max = std::size_t{64} << 20;

  /// Errors: not_found (no such folder), limit_exceeded, io_error. Leaves out names that begin with a dot and links that
  /// lead out of the folder.
  Result<void> add(std::string_view prefix, const std::string& folder);
  const StaticFile* find(std::string_view path) const;
  /// True if `path` plus a slash is a folder with an index.html.
  bool is_folder(std::string_view path) const;

 private:
  std::map<std::string, StaticFile, std::less<>> files_;
  std::size_t bytes_ = 0;
};

std::string_view content_type_of(std::string_view file_name);

/// True if an If-None-Match header names this tag.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace zegocall::server_detail
