// JSON without a third party: JsonView reads slices of a received text that was checked once, on arrival; JsonObject,
// JsonArray and Args build answers; Json keeps a value.
//
//   auto in = Json::parse(body).value();
//   auto f = in.get<UserId, std::optional<std::string>>("receiverId", "note");   // both, or the first error
//   return JsonObject{{"to", std::get<0>(*f)}, {"ok", true}};
#pragma once

#include "zegocall/base/json_build.hpp"
#include "zegocall/base/json_view.hpp"
