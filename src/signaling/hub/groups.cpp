#include <algorithm>

#include "signaling/hub/connection.hpp"

namespace zegocall::hub_detail {

Groups::Groups() { groups_.emplace_back(); }

std::uint32_t Groups::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nobody : found->second;
}

void Groups::add(Conns& conns, std::uint32_t conn, std::uint32_t group) {
  Group& to = groups_[group];
  std::vector<Membership>& mine = conns[conn].groups;
  mine.push_back({group, static_cast<std::uint32_t>(to.members.size())});
  to.members.push_back(conn);
  to.slots.push_back(static_cast<std::uint32_t>(mine.size() - 1));
}

void Groups::remove(Conns& conns, std::uint32_t conn, std::size_t slot) {
  std::vector<Membership>& mine = conns[conn].groups;
  const Membership gone = mine[slot];
  Group& from = groups_[gone.group];
  // The last member takes the place of the one that leaves, in the group and in the connection's own list.
  const std::uint32_t moved = from.members.back();
  from.members[gone.position] = moved;
  from.slots[gone.position] = from.slots.back();
  conns[moved].groups[from.slots.back()].position = gone.position;
  from.members.pop_back();
  from.slots.pop_back();
  mine[slot] = mine.back();
  mine.pop_back();
  if (slot < mine.size()) groups_[mine[slot].group].slots[mine[slot].position] = static_cast<std::uint32_t>(slot);
  if (gone.group == 0 || !from.members.empty()) return;
  by_name_.erase(by_name_.find(*from.name));
  from.name = nullptr;
  free_.push_back(gone.group);
}

bool Groups::holds(const Conns& conns, std::uint32_t conn, std::string_view name) const {
  const std::uint32_t group = find(name);
  const std::vector<Membership>& mine = conns[conn].groups;
  return group != nobody &&
         std::any_of(mine.begin(), mine.end(), [group](const Membership& each) { return each.group == group; });
}

bool Groups::join(Conns& conns, std::uint32_t conn, std::string_view name) {
  std::uint32_t group = find(name);
  if (group == nobody) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(groups_.size()));
      groups_.emplace_back();
    }
    group = free_.back();
    free_.pop_back();
    groups_[group].name = &by_name_.emplace(std::string(name), group).first->first;
  } else {
    for (const Membership& mine : conns[conn].groups)
      if (mine.group == group) return false;
  }
  add(conns, conn, group);
  return true;
}

bool Groups::leave(Conns& conns, std::uint32_t conn, std::string_view name) {
  const std::uint32_t group = find(name);
  if (group == nobody) return false;
  const std::vector<Membership>& mine = conns[conn].groups;
  for (std::size_t slot = 0; slot < mine.size(); ++slot)
    if (mine[slot].group == group) return remove(conns, conn, slot), true;
  return false;
}

void Groups::leave_all(Conns& conns, std::uint32_t conn) {
  while (!conns[conn].groups.empty()) remove(conns, conn, conns[conn].groups.size() - 1);
}

}  // namespace zegocall::hub_detail
