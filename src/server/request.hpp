// What stands behind HttpRequest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/cors.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/net/http.hpp"

namespace zegocall::server_detail {

/// One request, owning all of its text.
struct RequestState {
  Method method = Method::get;
  bool head_only = false;  ///< came as HEAD
  bool secure = false;
  std::string target, query, body, address, id;
  HeaderList fields;  ///< names in lower case
  HeaderList path_values;
  Now now{};
  bool origin_admitted = true;
  Identity identity;
  /// How wait_service reaches the service thread; without one (tests) the work runs inline.
  std::function<Result<void>(const std::function<void(Now)>&)> on_service;

  // Made when first asked for.
  std::optional<Result<JsonView>> json;
  CommandId command;

  std::optional<std::string> header(std::string_view lower_case_name) const;
};

/// Names requests: 32 bytes of text, each another one.
class RequestIds {
 public:
  explicit RequestIds(ByteSource& bytes);
  std::string next();

 private:
  std::uint64_t prefix_ = 0, state_ = 0;
};

/// True for what a client may name its request.
bool is_request_id(std::string_view text);

std::optional<Method> method_of(std::string_view word);

/// {"error": {"code", "field", "message"}}
JsonObject error_object(const Error& error);

}  // namespace zegocall::server_detail
