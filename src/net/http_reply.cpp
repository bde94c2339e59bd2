#include "net/http_reply.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/http_text.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t chunk_line_max = 4096;
constexpr int interim_max = 8;

Unexpected broken(std::string detail) { return fail(ErrorCode::protocol, std::move(detail)); }

using base_detail::is_token;
using base_detail::lower_case;
using base_detail::trimmed;

bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), base_detail::is_control); }

template <class N>
std::optional<N> number(std::string_view text, int base) {
  N out = 0;
  if (text.empty() || text[0] == '-') return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

struct Head {
  int status = 0;
  bool keep_alive = false;
  HttpHeaders headers;
};

class Reader {
 public:
  Reader(const ReadMore& more) : more_(more) {}

  /// Up to and without the next "\r\n".
  Result<std::string> line(std::size_t max) {
    for (;;) {
      const std::size_t end = in_.find("\r\n", at_);
      if (end != std::string::npos && end - at_ <= max) {
        std::string out = in_.substr(at_, end - at_);
        at_ = end + 2;
        return out;
      }
      if (end != std::string::npos || in_.size() - at_ > max + 1) return broken("a line of the reply is too long");
      if (auto good = fetch("inside a line"); !good) return unexpected(std::move(good).error());
    }
  }

  /// Appends exactly `size` bytes to `out`.
  Result<void> bytes(std::uint64_t size, std::string& out) {
    while (size > 0) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(size, in_.size() - at_));
      out.append(in_, at_, take);
      at_ += take;
      size -= take;
      if (size == 0) break;
      if (auto good = fetch("inside the body"); !good) return good;
    }
    return {};
  }

  Result<void> until_end(std::size_t max, std::string& out) {
    for (;;) {
      out.append(in_, at_);
      in_.clear();
      at_ = 0;
      if (out.size() > max)
        return fail(ErrorCode::payload_too_large, "the reply has more than " + std::to_string(max) + " bytes");
      auto more = more_(in_);
      if (!more) return unexpected(std::move(more).error());
      if (!*more) return {};
    }
  }

  bool drained() const { return at_ == in_.size(); }

 private:
  Result<void> fetch(std::string_view where) {
    in_.erase(0, at_);
    at_ = 0;
    auto more = more_(in_);
    if (!more) return unexpected(std::move(more).error());
    if (!*more) return fail(ErrorCode::closed, "the server closed the connection " + std::string(where));
    return {};
  }

  const ReadMore& more_;
  std::string in_;
  std::size_t at_ = 0;
};

Result<void> read_status(std::string_view line, Head& head) {
  const bool one_one = line.starts_with("HTTP/1.1 ");
  if (!one_one && !line.starts_with("HTTP/1.0 ")) return broken("the reply is not HTTP/1");
  const auto status = number<int>(line.substr(9, 3), 10);
  if (line.size() < 12 || !status || *status < 100 || (line.size() > 12 && line[12] != ' '))
    return broken("the reply has no status");
  head.status = *status;
  head.keep_alive = one_one;
  return {};
}

Result<void> read_headers(Reader& in, std::size_t budget, HttpHeaders& out) {
  for (;;) {
    auto line = in.line(budget);
    if (!line) return unexpected(std::move(line).error());
    if (line->empty()) return {};
    budget -= std::min(budget, line->size() + 2);
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos || !is_token(std::string_view(*line).substr(0, colon)) || has_control(*line))
      return broken("the reply has a malformed header");
    out.emplace_back(lower_case(std::string_view(*line).substr(0, colon)), trimmed(std::string_view(*line).substr(colon + 1)));
  }
}

Result<Head> read_head(Reader& in) {
  Head head;
  auto line = in.line(reply_head_max);
  if (!line) return unexpected(std::move(line).error());
  auto good = read_status(*line, head);
  if (good) good = read_headers(in, reply_head_max, head.headers);
  if (!good) return unexpected(std::move(good).error());
  for (const auto& [name, value] : head.headers)
    if (name == "connection" && lower_case(value).find("close") != std::string::npos) head.keep_alive = false;
  return head;
}

/// The values of a header, all of them.
std::vector<std::string_view> all(const HttpHeaders& headers, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : headers)
    if (key == name) out.push_back(value);
  return out;
}

Unexpected too_large(std::size_t max) {
  return fail(ErrorCode::payload_too_large, "the reply has more than " + std::to_string(max) + " bytes");
}

Result<void> read_chunks(Reader& in, std::size_t max, std::string& out) {
  for (;;) {
    auto line = in.line(chunk_line_max);
    if (!line) return unexpected(std::move(line).error());
    const auto size = number<std::uint64_t>(trimmed(std::string_view(*line).substr(0, line->find(';'))), 16);
    if (!size) return broken("a chunk has no size");
    if (*size > max - out.size()) return too_large(max);
    if (*size == 0) break;
    auto good = in.bytes(*size, out);
    if (!good) return good;
    auto end = in.line(0);
    if (!end) return unexpected(std::move(end).error());
  }
  HttpHeaders trailers;
  return read_headers(in, reply_head_max, trailers);
}

/// True if the body had an end of its own.
Result<bool> read_body(Reader& in, std::string_view method, const Head& head, std::size_t max, std::string& out) {
  const auto codings = all(head.headers, "transfer-encoding");
  const auto lengths = all(head.headers, "content-length");
  if (method == "HEAD" || head.status == 204 || head.status == 304) return true;
  if (!codings.empty()) {
    if (codings.size() > 1 || lower_case(codings[0]) != "chunked" || !lengths.empty())
      return broken("the reply's transfer coding is not known");
    return read_chunks(in, max, out).transform([] { return true; });
  }
  if (lengths.empty()) return in.until_end(max, out).transform([] { return false; });
  const auto length = number<std::uint64_t>(lengths[0], 10);
  if (!length || lengths.size() > 1) return broken("the reply's length is not one number");
  if (*length > max) return too_large(max);
  return in.bytes(*length, out).transform([] { return true; });
}

}  // namespace

Result<ReadReply> read_reply(std::string_view method, std::size_t body_max, const ReadMore& more) {
  Reader in(more);
  for (int i = 0; i <= interim_max; ++i) {
    auto head = read_head(in);
    if (!head) return unexpected(std::move(head).error());
    if (head->status == 101) return broken("the server changes the protocol unasked");
    if (head->status < 200) continue;
    ReadReply out;
    const auto delimited = read_body(in, method, *head, body_max, out.reply.body);
    if (!delimited) return unexpected(delimited.error());
    out.reply.status = head->status;
    out.reply.headers = std::move(head->headers);
    out.reusable = *delimited && head->keep_alive && in.drained();
    return out;
  }
  return broken("too many interim replies");
}

Result<int> read_connect_reply(const ReadMore& more) {
  Reader in(more);
  auto head = read_head(in);
  if (!head) return unexpected(std::move(head).error());
  if (head->status < 300 && !in.drained()) return broken("the proxy speaks before it is spoken to");
  return head->status;
}

}  // namespace zegocall::net_detail
