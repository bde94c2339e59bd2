// An action that keeps every rule and is ready to be signed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zego/api_limits.hpp"
#include "zego/api_table.hpp"

namespace zegocall::zego_detail {

struct Prepared {
  ActionLimits limits{};  ///< with the action's name, which lives as long as the action
  ApiProduct product = ApiProduct::rtc;
  bool sequenced = false;
  bool repeatable = true;
  std::vector<ApiParameter> parameters{};
  std::string_view body{};  ///< not empty: a POST
  std::string room{};       ///< the room that a limit is counted for

  std::string_view action() const { return limits.action; }
};

Prepared prepare_typed(const Route& route, std::vector<ApiParameter> parameters, bool test);
Result<Prepared> prepare(const ApiRequest& request, bool test);

template <class Action>
Result<Prepared> prepare(const Action& action, bool test) {
  auto parameters = parameters_of(action);
  if (!parameters) return unexpected(std::move(parameters).error());
  return prepare_typed(Spec<Action>::route, *std::move(parameters), test);
}

}  // namespace zegocall::zego_detail
