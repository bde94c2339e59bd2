// One HTTP/1 reply after another out of bytes as they come. Pure; for polling, which wants a status and a body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::net_detail {

class ReplyReader {
 public:
  explicit ReplyReader(std::size_t body_max) : body_max_(body_max) {}

  /// Takes what belongs to the reply, and tells how much that was. Errors: protocol, payload_too_large; then no more.
  Result<std::size_t> feed(std::string_view bytes);
  /// The stream has ended: true if that ends the reply in good order.
  bool end();
  /// The reply is whole: status, body and whether the connection may carry another. Until reset().
  bool done() const { return step_ == Step::done; }
  /// Nothing of it has been seen.
  bool untouched() const { return step_ == Step::status && line_.empty(); }
  int status() const { return status_; }
  std::string_view body() const { return body_; }
  bool keeps() const { return keeps_; }
  void reset();

 private:
  enum class Step : std::uint8_t { status, header, length, chunk_size, chunk, chunk_end, trailer, until_end, done };

  Result<void> take_line(std::string_view line);
  Result<void> take_status(std::string_view line);
  Result<void> take_header(std::string_view line);
  Result<void> end_head();
  Result<void> take_chunk_size(std::string_view line);
  std::size_t take_body(std::string_view bytes);
  Result<void> grow(std::uint64_t by) const;

  std::size_t body_max_;
  Step step_ = Step::status;
  int status_ = 0;
  int interim_ = 0;
  bool keeps_ = false, chunked_ = false, has_length_ = false;
  std::uint64_t left_ = 0;  // of the body or the chunk
  std::size_t head_bytes_ = 0;
  std::string line_, body_;
};

}  // namespace zegocall::net_detail
