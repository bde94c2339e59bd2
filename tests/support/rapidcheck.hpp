// The only place that includes rapidcheck: a property is a doctest assertion. Link zegocall_rapidcheck.
//
//   TEST_CASE("reversing twice") {
//     check_property("is the identity", [](const std::vector<int>& v) { RC_ASSERT(reversed(reversed(v)) == v); });
//   }
//
// A failure prints the shrunk example and the seed; run it again with RC_PARAMS="seed=...".
#pragma once

#include <doctest/doctest.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <rapidcheck.h>
#pragma GCC diagnostic pop

#include <string>

/// Runs `property` on generated arguments (100 cases unless RC_PARAMS says otherwise).
template <class Property>
void check_property(const std::string& name, Property&& property) {
  const bool held = rc::check(name, std::forward<Property>(property));
  CHECK_MESSAGE(held, name);
}
