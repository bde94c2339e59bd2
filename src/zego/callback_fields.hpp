// Reading a callback's members, leniently where the provider is: numbers come as numbers or as texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::zego_detail {

/// A cursor over the members of one body. The first thing that is wrong stays in error(); reading goes on with defaults.
/// What was never read is rest().
class Fields {
 public:
  explicit Fields(JsonView body);

  /// A text, "" where there is none. A number or boolean counts as its own text, null as none.
  std::string text(std::string_view name);
  /// The same, but there must be one.
  std::string required(std::string_view name);
  template <class IdType>
  IdType id(std::string_view name) {
    return IdType(std::string_view(text(name)));
  }
  template <class IdType>
  IdType required_id(std::string_view name) {
    return IdType(std::string_view(required(name)));
  }
  /// A whole number or its decimal text; nothing where there is none.
  std::optional<std::uint64_t> natural(std::string_view name);
  std::uint64_t required_natural(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name);
  /// An enum of the provider's numbers; `otherwise` where there is none.
  template <class Enum>
  Enum number_of(std::string_view name, Enum otherwise) {
    return static_cast<Enum>(small(name).value_or(static_cast<int>(otherwise)));
  }
  int small_or_zero(std::string_view name) { return small(name).value_or(0); }
  bool flag(std::string_view name) { return small(name).value_or(0) != 0; }
  /// Unix milliseconds or seconds; nothing where there is none, and for 0.
  std::optional<UnixTime> milliseconds(std::string_view name);
  std::optional<UnixTime> seconds(std::string_view name);
  /// A list of texts; a single text counts as a list of one, and a text that is a JSON list as that list (forms).
  std::vector<std::string> texts(std::string_view name);
  std::vector<UserId> required_users(std::string_view name);
  /// Whatever it is; null where there is none.
  Json any(std::string_view name);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Something is missing that must be there.
  void missing(std::string_view name);
  void refuse(std::string_view name, std::string_view detail);
  /// protocol, with the member's name.
  const std::optional<Error>& error() const { return error_; }
  Json rest() const;

 private:
  struct Member {
    std::string name;
    JsonView value;
    bool read = false;
  };
  const Member* find(std::string_view name) const;
  std::optional<JsonView> take(std::string_view name);
  std::optional<int> small(std::string_view name);
  bool add_texts(JsonView list, std::vector<std::string>& out);

  std::vector<Member> members_;
  std::optional<Error> error_;
};

}  // namespace zegocall::zego_detail
