#include "signaling/hub/recovery.hpp"

#include <algorithm>
#include <charconv>

namespace zegocall::hub_detail {

namespace {

bool share_a_name(std::span<const std::string> a, std::span<const std::string> b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) { return std::find(b.begin(), b.end(), name) != b.end(); });
}

std::string_view text_of(const EngineSession::Sid& sid) { return {sid.data(), sid.size()}; }

}  // namespace

bool LoggedTarget::concerns(std::span<const std::string> groups) const {
  return (to.empty() || share_a_name(to, groups)) && !share_a_name(except, groups);
}

std::size_t PacketLog::Packet::bytes() const {
  std::size_t sum = sizeof(Packet) + text.size();
  for (const std::string& part : attachments) sum += part.size();
  for (const std::string& name : target.to) sum += name.size();
  for (const std::string& name : target.except) sum += name.size();
  return sum;
}

void PacketLog::add(std::string_view text, std::span<const std::string> attachments, LoggedTarget target, SteadyTime now,
                    std::uint64_t event) {
  packets_.push_back({next_++, now, std::string(text), {attachments.begin(), attachments.end()}, std::move(target), event});
  bytes_ += packets_.back().bytes();
  forget(now);
}

void PacketLog::forget(SteadyTime now) {
  while (!packets_.empty()) {
    const bool old = packets_.front().at + settings_.keep < now;
    if (!old && packets_.size() <= settings_.packets && bytes_ <= settings_.bytes) return;
    bytes_ -= packets_.front().bytes();
    packets_.pop_front();
  }
}

std::span<const PacketLog::Packet* const> PacketLog::after(std::uint64_t number) {
  found_.clear();
  const auto begin = std::partition_point(packets_.begin(), packets_.end(), [&](const Packet& p) { return p.number <= number; });
  for (auto it = begin; it != packets_.end(); ++it) found_.push_back(&*it);
  return found_;
}

std::optional<std::size_t> Carried::seen(std::string_view offset) const {
  if (offset == from) return 0;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].offset == offset) return i + 1;
  return std::nullopt;
}

bool Carried::is_twice(std::uint64_t event) const {
  return event != 0 && std::find(twice.begin(), twice.end(), event) != twice.end();
}

std::optional<SavedConnection> SavedConnections::put(SavedConnection saved, SteadyTime now) {
  const std::uint64_t age = next_age_++;
  const auto entry = by_age_.emplace(age, Entry{now + settings_.keep, std::move(saved)}).first;
  by_pid_.emplace(text_of(entry->second.saved.pid), age);
  if (by_age_.size() <= settings_.connections) return std::nullopt;
  return remove(by_age_.begin()->first);
}

SavedConnection SavedConnections::remove(std::uint64_t age) {
  const auto entry = by_age_.find(age);
  by_pid_.erase(text_of(entry->second.saved.pid));
  SavedConnection out = std::move(entry->second.saved);
  by_age_.erase(entry);
  return out;
}

const SavedConnection* SavedConnections::find(std::string_view pid) const {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? nullptr : &by_age_.find(found->second)->second.saved;
}

SavedConnection SavedConnections::take(std::string_view pid) { return remove(by_pid_.find(pid)->second); }

std::optional<SteadyTime> SavedConnections::deadline() const {
  if (by_age_.empty()) return std::nullopt;
  return by_age_.begin()->second.until;
}

std::optional<SavedConnection> SavedConnections::take_due(SteadyTime now) {
  if (by_age_.empty() || by_age_.begin()->second.until > now) return std::nullopt;
  return remove(by_age_.begin()->first);
}

std::string offset_text(std::string_view run, std::uint64_t number) {
  std::string out(run);
  out.push_back('.');
  return out.append(std::to_string(number));
}

std::optional<std::uint64_t> offset_number(std::string_view run, std::string_view text) {
  if (text.empty()) return 0;
  if (text.size() <= run.size() + 1 || !text.starts_with(run) || text[run.size()] != '.') return std::nullopt;
  text.remove_prefix(run.size() + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace zegocall::hub_detail
