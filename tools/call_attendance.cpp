#include "call_words.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/call/attendance.hpp"

namespace zegocall::cli {
namespace {

Result<AttendanceRules> rules_of(const CallOptions& options) {
  AttendanceRules rules;
  const std::pair<const char*, std::pair<const std::string*, std::chrono::milliseconds*>> spans[] = {
      {"--late-after", {&options.late_after, &rules.late_after}},
      {"--early-before", {&options.early_before, &rules.early_before}},
      {"--minimum", {&options.minimum, &rules.minimum}}};
  for (const auto& [flag, span] : spans) {
    const auto read = read_span(*span.first);
    if (!read) return fail_field(read.error().code, flag, read.error().detail);
    *span.second = *read;
  }
  return rules;
}

std::string optional_words(const std::optional<std::chrono::milliseconds>& span) { return span ? exact_span_words(*span) : "-"; }
std::string optional_words(const std::optional<UnixTime>& time) { return time ? date_words(*time) : "-"; }

std::string text_of(const Attendance& report) {
  std::vector<std::vector<std::string>> rows{{"user", "first", "last", "in", "times", "late", "early", ""}};
  for (const MemberAttendance& member : report.members)
    rows.push_back({printable(member.user.view()), optional_words(member.first), optional_words(member.last),
                    member.first ? exact_span_words(member.total) : "-", std::to_string(member.intervals.size()),
                    optional_words(member.late), optional_words(member.early),
                    !member.first   ? "never in"
                    : member.enough ? ""
                                    : "not enough"});
  return aligned(rows) + std::to_string(report.peak) + " at most at once, " + exact_span_words(report.person_time) +
         " together\n";
}

std::string intervals_text(const Attendance& report) {
  std::vector<std::vector<std::string>> rows{{"user", "device", "from", "to", "in", ""}};
  for (const MemberAttendance& member : report.members)
    for (const AttendanceInterval& i : member.intervals)
      rows.push_back({printable(member.user.view()), printable(i.device.view()), date_words(i.from), date_words(i.to),
                      exact_span_words(i.length()), i.presence == Presence::over ? "" : std::string(name(i.presence))});
  return aligned(rows);
}

JsonObject json_of(const Attendance& report) {
  return {{"call", report.call},
          {"starts", report.starts ? std::optional(iso8601(*report.starts)) : std::nullopt},
          {"ends", report.ends ? std::optional(iso8601(*report.ends)) : std::nullopt},
          {"peak", report.peak},
          {"person_ms", report.person_time.count()},
          {"members", to_json(member_table(report))},
          {"intervals", to_json(interval_table(report))}};
}

}  // namespace

Exit run_call_attendance(const CallOptions& options) {
  const auto store = open_store(options.db);
  if (!store) return usage_error(store.error(), options.json);
  const auto call = load_call(**store, options.call);
  if (!call) return refusal(call.error(), options.json);
  const auto rules = rules_of(options);
  if (!rules) return usage_error(rules.error(), options.json);
  const auto log = (*store)->events(call->id, Version{});
  if (!log) return refusal(log.error(), options.json);
  const auto report = attendance(*log, *rules, system_now().wall);
  if (!report) return refusal(report.error(), options.json);
  if (options.json)
    print(json_of(*report).text()), print("\n");
  else if (options.csv)
    print(to_csv(options.intervals ? interval_table(*report) : member_table(*report)));
  else
    print(options.intervals ? intervals_text(*report) : text_of(*report));
  return Exit::yes;
}

}  // namespace zegocall::cli
