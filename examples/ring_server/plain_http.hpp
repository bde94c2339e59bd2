// One blocking HTTP request over plain TCP, for command line programs that talk to a server of ours.
#pragma once

#include <string>

#include "zegocall/base/json.hpp"

namespace plain_http {

struct Request {
  std::string url{};  ///< http://HOST:PORT
  std::string method{};
  std::string path{};
  std::string bearer{};  ///< empty: none
  std::string device{};  ///< X-Device-Id
  std::string body{};    ///< JSON; empty or "null": none
};
struct Answer {
  int status = 0;
  zegocall::Json body{};
};
/// invalid_argument (the URL), unreachable, timeout, protocol, bad_json.
zegocall::Result<Answer> request(const Request& request);

}  // namespace plain_http
