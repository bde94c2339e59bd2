#include <unistd.h>

#include "credentials.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

constexpr std::size_t line_width = 90;   // of the headline
constexpr std::size_t text_width = 94;   // of paragraphs
constexpr std::size_t label_width = 10;  // behind two blanks
constexpr std::size_t value_width = 26;

std::string_view verdict_of(const TokenReport& report) {
  if (!report.problem) return report.opened ? "GOOD" : "NOT OPENED: NO SECRET GIVEN";
  const bool token03 = report.text == TokenText::token03 && report.problem->code != ErrorCode::unsupported_version;
  if (report.text != TokenText::token04 && !token03) return "NOT A TOKEN04";
  if (report.problem->code == ErrorCode::token_expired) return "EXPIRED";
  if (report.problem->code == ErrorCode::not_yet_valid) return "NOT YET VALID";
  if (report.problem->code == ErrorCode::wrong_key_or_tampered) return "CANNOT BE OPENED";
  return report.opened ? "NOT AS IT SHOULD BE" : "DAMAGED";
}

std::string kind_of(const TokenReport& report) {
  switch (report.text) {
    case TokenText::token04:
      if (!report.mode) return "Token04";
      return *report.mode == TokenMode::gcm ? "Token04, AES-256-GCM" : "Token04, AES-256-CBC";
    case TokenText::token03: return "Token03";
    case TokenText::jwt: return report.jwt_algorithm.empty() ? "JWT" : printable(report.jwt_algorithm.substr(0, 20)) + " JWT";
    case TokenText::kit_token: return "Web UIKit kit token";
    case TokenText::other: return "Text";
  }
  return {};
}

std::string headline(const TokenReport& report) {
  const std::string what = kind_of(report) + ", " + std::to_string(report.characters) + " characters";
  const std::string_view verdict = verdict_of(report);
  const std::size_t gap = std::max<std::size_t>(columns(what) + 2, line_width - verdict.size());
  return padded(what, gap) + std::string(verdict) + "\n";
}

std::string line(std::string_view label, std::string value, std::string_view note = {}) {
  std::string out = "  " + padded(std::string(label), label_width);
  out += note.empty() ? std::move(value) : padded(std::move(value), value_width) + std::string(note);
  return out + "\n";
}

std::string compared(std::string_view value, std::string_view expected) {
  if (expected.empty()) return {};
  return value == expected ? "as expected" : "expected " + printable(expected);
}

std::string rights_of(const RtcRoom& room) {
  std::string out = room.login == Allow::yes ? "may log in, " : "may not log in, ";
  if (room.publish == Allow::no) return out + "may not publish";
  out += "may publish, ";
  if (!room.streams) return out + "any stream";
  if (room.streams->empty()) return out + "an empty list of streams";
  out += "only ";
  for (const StreamId& stream : *room.streams) out += (stream == room.streams->front() ? "" : " ") + printable(stream.view());
  return out;
}

// Times as the reader's clock shows them where a person reads; the same everywhere where a program does.
std::string time_words(std::int64_t unix_seconds, bool terminal) {
  return terminal ? local_date_words(unix_seconds) : date_words(unix_seconds);
}

std::string claims_lines(const TokenClaims& claims, const CheckOptions& options, UnixTime now, bool terminal) {
  std::string out = line("app", std::to_string(claims.app.value));
  out += line("user", printable(claims.user.view()), compared(claims.user.view(), options.user));
  out += line("created", time_words(claims.created, terminal), when_words(claims.created, now));
  out += line("expires", time_words(claims.expires, terminal), when_words(claims.expires, now));
  if (const auto* room = std::get_if<RtcRoom>(&claims.payload)) {
    std::string note = rights_of(*room);
    if (!options.room.empty() && room->room.view() != options.room) note += "; expected " + printable(options.room);
    out += line("room", printable(room->room.view()), note);
  } else if (std::holds_alternative<OwnPayload>(claims.payload)) {
    out += line("payload", printable(claims.payload_text.substr(0, 200)) + (claims.payload_text.size() > 200 ? "..." : ""));
  }
  return out;
}

// Every field under its offset:
//   bytes     0          8           10
//             | expire 8 | iv size 2 | ...
std::string drawing(const std::vector<TokenPart>& layout) {
  std::string offsets, fields;
  for (const TokenPart& part : layout) {
    const std::string offset = std::to_string(part.offset);
    const std::string field = "| " + std::string(part.name) + " " + std::to_string(part.size) + " ";
    const std::size_t width = std::max(field.size(), offset.size() + 1);
    offsets += padded(offset, width);
    fields += padded(field, width);
  }
  offsets.erase(offsets.find_last_not_of(' ') + 1);
  return line("bytes", offsets) + line("", fields + "|");
}

std::string layout_line(const std::vector<TokenPart>& layout) {
  std::string parts;
  for (const TokenPart& part : layout) {
    if (!parts.empty()) parts += " | ";
    parts += std::to_string(part.offset) + " " + std::string(part.name) + " " + std::to_string(part.size);
  }
  return line("layout", parts);
}

std::string problem_lines(const TokenReport& report) {
  std::string out;
  const std::size_t indent = label_width + 2;
  if (report.text != TokenText::jwt && report.text != TokenText::kit_token)
    out += line("reason", wrapped(printable(to_string(*report.problem)), indent, text_width));
  const Explanation explanation = explain(*report.problem);
  out += line("why", wrapped(explanation.why, indent, text_width));
  for (std::size_t i = 0; i < explanation.todo.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    out += (i == 0 ? "  do     " : "         ") + number + "  " + wrapped(explanation.todo[i], indent, text_width) + "\n";
  }
  return out;
}

std::string text_of(const Look& look, const CheckOptions& options, bool terminal) {
  const TokenReport& report = look.report;
  std::string out = headline(report);
  if (report.claims)
    out += claims_lines(*report.claims, options, look.now, terminal);
  else if (report.expires)
    out += line("expires", time_words(*report.expires, terminal), when_words(*report.expires, look.now));
  if (!report.layout.empty()) out += terminal ? drawing(report.layout) : layout_line(report.layout);
  for (const std::string& words : report.lab) out += line("lab", words);
  if (report.inner_problem)
    out += line("inside", wrapped(printable(to_string(*report.inner_problem)), label_width + 2, text_width));
  if (report.problem) out += problem_lines(report);
  return out;
}

}  // namespace

Exit run_token_inspect(const CheckOptions& options) {
  if (options.batch) return run_inspect_batch();
  const auto look = look_at_token(options, options.lab);
  if (!look) return usage_error(look.error(), options.json);
  print(options.json ? report_json(look->report).text() + "\n" : text_of(*look, options, isatty(STDOUT_FILENO) == 1));
  return shortcoming(look->report) ? Exit::no : Exit::yes;
}

}  // namespace zegocall::cli
