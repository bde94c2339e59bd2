#include "net/reply_reader.hpp"

#include <algorithm>
#include <charconv>

#include "base/http_text.hpp"
#include "net/http_reply.hpp"

namespace zegocall::net_detail {
namespace {

constexpr int interim_max = 8;

Unexpected broken(const char* detail) { return fail(ErrorCode::protocol, detail); }

using base_detail::lower_case;
using base_detail::trimmed;

template <class N>
bool number(std::string_view text, int base, N& out) {
  if (text.empty() || text.front() == '-') return false;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

void ReplyReader::reset() {
  step_ = Step::status;
  interim_ = 0;
  line_.clear();
  std::string().swap(body_);
}

Result<std::size_t> ReplyReader::feed(std::string_view bytes) {
  const std::size_t all = bytes.size();
  while (!bytes.empty() && !done()) {
    if (step_ == Step::length || step_ == Step::chunk || step_ == Step::until_end) {
      if (step_ == Step::until_end) {
        if (auto fits = grow(bytes.size()); !fits) return unexpected(std::move(fits).error());
      }
      bytes.remove_prefix(take_body(bytes));
      continue;
    }
    const std::size_t end = bytes.find('\n');
    const std::size_t used = end == std::string_view::npos ? bytes.size() : end + 1;
    line_.append(bytes.substr(0, used));
    bytes.remove_prefix(used);
    head_bytes_ += used;
    if (head_bytes_ > reply_head_max) return broken("the head of the reply is too long");
    if (end == std::string_view::npos) break;
    if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return broken("a line of the reply does not end in CR LF");
    line_.resize(line_.size() - 2);
    auto taken = take_line(line_);
    line_.clear();
    if (!taken) return unexpected(std::move(taken).error());
  }
  return all - bytes.size();
}

bool ReplyReader::end() {
  if (step_ != Step::until_end) return done();
  step_ = Step::done;
  return true;
}

Result<void> ReplyReader::take_line(std::string_view line) {
  switch (step_) {
    case Step::status: return take_status(line);
    case Step::header: return line.empty() ? end_head() : take_header(line);
    case Step::chunk_size: return take_chunk_size(line);
    case Step::chunk_end:
      step_ = Step::chunk_size;
      head_bytes_ = 0;
      if (!line.empty()) return broken("a chunk is longer than it says");
      return {};
    case Step::trailer:
      if (line.empty()) step_ = Step::done;
      return {};
    case Step::length:
    case Step::chunk:
    case Step::until_end:
    case Step::done: break;
  }
  return broken("bytes after the reply");
}

Result<void> ReplyReader::take_status(std::string_view line) {
  const bool one_one = line.starts_with("HTTP/1.1 ");
  if (!one_one && !line.starts_with("HTTP/1.0 ")) return broken("the reply is not HTTP/1");
  if (line.size() < 12 || !number(line.substr(9, 3), 10, status_) || status_ < 100 || (line.size() > 12 && line[12] != ' '))
    return broken("the reply has no status");
  keeps_ = one_one;
  chunked_ = has_length_ = false;
  left_ = 0;
  step_ = Step::header;
  return {};
}

Result<void> ReplyReader::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return broken("the reply has a malformed header");
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "connection" && lower_case(value).find("close") != std::string::npos) keeps_ = false;
  if (name == "transfer-encoding") {
    if (chunked_ || lower_case(value) != "chunked") return broken("the reply's transfer coding is not known");
    chunked_ = true;
  }
  if (name == "content-length") {
    if (has_length_ || !number(value, 10, left_)) return broken("the reply's length is not one number");
    has_length_ = true;
  }
  if (name == "content-encoding" && lower_case(value) != "identity")
    return broken("the reply is encoded, which was not asked for");
  return {};
}

Result<void> ReplyReader::end_head() {
  head_bytes_ = 0;
  if (status_ == 101) return broken("the server changes the protocol unasked");
  if (status_ < 200) {
    step_ = Step::status;
    if (++interim_ > interim_max) return broken("too many interim replies");
    return {};
  }
  if (chunked_ && has_length_) return broken("the reply has both a length and chunks");
  if (status_ == 204 || status_ == 304) {
    step_ = Step::done;
  } else if (chunked_) {
    step_ = Step::chunk_size;
  } else if (has_length_) {
    step_ = left_ == 0 ? Step::done : Step::length;
    return grow(left_);
  } else {
    step_ = Step::until_end;
    keeps_ = false;
  }
  return {};
}

Result<void> ReplyReader::take_chunk_size(std::string_view line) {
  if (!number(trimmed(line.substr(0, line.find(';'))), 16, left_)) return broken("a chunk has no size");
  head_bytes_ = 0;
  step_ = left_ == 0 ? Step::trailer : Step::chunk;
  return grow(left_);
}

Result<void> ReplyReader::grow(std::uint64_t by) const {
  if (by <= body_max_ - body_.size()) return {};
  return fail(ErrorCode::payload_too_large, "the reply has more than " + std::to_string(body_max_) + " bytes");
}

std::size_t ReplyReader::take_body(std::string_view bytes) {
  if (step_ == Step::until_end) {
    body_.append(bytes);
    return bytes.size();
  }
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  body_.append(bytes.substr(0, used));
  left_ -= used;
  if (left_ == 0) step_ = step_ == Step::chunk ? Step::chunk_end : Step::done;
  return used;
}

}  // namespace zegocall::net_detail
