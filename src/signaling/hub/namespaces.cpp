// The namespaces of a hub: those that were named at the start, and those that a pattern lets come and go.
#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

NamespaceIndex HubCore::Impl::ns_index(std::string_view name) const {
  for (std::size_t i = 0; i < named; ++i)
    if (namespaces[i].name == name) return static_cast<NamespaceIndex>(i);
  if (dynamic.empty()) return no_namespace;
  const auto found = dynamic.find(name);
  return found == dynamic.end() ? no_namespace : found->second;
}

NamespaceIndex HubCore::Impl::ns_for_connect(std::string_view name) {
  if (const NamespaceIndex known = ns_index(name); known != no_namespace) return known;
  if (name.size() > settings.limits.group_name_bytes) return no_namespace;
  const auto pattern = host.pattern_of(name);
  if (!pattern) return no_namespace;
  if (dynamic.size() >= settings.limits.namespaces) {
    ++engine.counters().limit_dynamic;
    return no_namespace;
  }
  return make_namespace(name, *pattern);
}

NamespaceIndex HubCore::Impl::make_namespace(std::string_view name, std::uint16_t pattern) {
  if (free_namespaces.empty()) {
    if (namespaces.size() + 1 >= no_namespace) return no_namespace;
    free_namespaces.push_back(static_cast<NamespaceIndex>(namespaces.size()));
    namespaces.emplace_back();
  }
  const NamespaceIndex index = free_namespaces.back();
  free_namespaces.pop_back();
  Namespace& made = namespaces[index];
  made.name = name;
  made.pattern = pattern;
  if (recovers()) made.log = std::make_unique<PacketLog>(settings.recovery);
  dynamic.emplace(made.name, index);
  return index;
}

void HubCore::Impl::stop_using(NamespaceIndex ns) {
  Namespace& used = namespaces[ns];
  if (--used.users > 0 || !used.pattern) return;
  dynamic.erase(used.name);
  used = Namespace{};
  free_namespaces.push_back(ns);
}

std::optional<NamespaceIndex> HubCore::find_namespace(std::string_view name) const {
  const NamespaceIndex found = impl_->ns_index(name);
  return found == Impl::no_namespace ? std::nullopt : std::optional(found);
}
void HubCore::namespaces(std::vector<NamespaceIndex>& out) const {
  for (std::size_t i = 0; i < impl_->named; ++i) out.push_back(static_cast<NamespaceIndex>(i));
  for (const auto& [name, index] : impl_->dynamic) out.push_back(index);
}
std::string_view HubCore::name_of(NamespaceIndex ns) const { return impl_->namespaces[ns].name; }
std::optional<std::uint16_t> HubCore::pattern_of(NamespaceIndex ns) const { return impl_->namespaces[ns].pattern; }

}  // namespace zegocall::hub_detail
