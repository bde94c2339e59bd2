// Recorded callbacks, a body per line, through everything that a server does with them: verified, interpreted, ordered.
#include <fstream>
#include <iostream>
#include <unordered_set>

#include "callback_words.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/zego/room_order.hpp"

namespace zegocall::cli {
namespace {

/// What became of one line.
struct Line {
  std::size_t number = 0;
  std::string event{};  ///< "refused" where it was
  std::vector<std::string> notes{};
  std::optional<Error> error{};
};

std::string question_words(const RoomQuestion& question) {
  return std::string(question.streams ? "DescribeSimpleStreamList" : "DescribeUserList") + " " + printable(question.room.view()) +
         "  " + std::string(name(question.why));
}

class Replay {
 public:
  Replay(Secret secret, std::optional<AppId> app) : secret_(std::move(secret)), app_(app) {}

  void hear(std::size_t number, const std::string& body) {
    lines.push_back({.number = number});
    Line& line = lines.back();
    const auto event = read_callback(body)
                           .and_then([&](const CallbackEnvelope& e) {  // each at its own time
                             return verify_callback(e, secret_, *seen_, time_to_judge(e, true, now_));
                           })
                           .and_then(interpret_callback);
    if (!event) return refuse(line, event.error());
    if (const auto other = app_mismatch(*event, app_)) return refuse(line, *other);
    line.event = head_of(*event).event;
    now_ = std::max(now_, head_of(*event).sent);
    if (!keys_.insert(head_of(*event).key).second) line.notes.emplace_back("repeated");
    order.on_deadline(now_);
    order.handle(*event, now_);
    collect(line.notes);
    if (line.notes.empty()) line.notes.emplace_back(order.parked() > parked_ ? "waits for its room_create" : "nothing new");
    parked_ = order.parked();
  }
  /// What a server would do when nothing comes any more.
  void finish() {
    while (order.parked() > 0 && order.deadline()) order.on_deadline(*order.deadline());
    collect(after);
    while (const auto question = order.poll_question()) questions.push_back(*question);
  }

  std::vector<Line> lines;
  std::vector<std::string> after;
  std::vector<RoomQuestion> questions;
  std::size_t refused = 0;
  RoomOrder order;

 private:
  void refuse(Line& line, const Error& error) {
    const bool repeated = error.code == ErrorCode::replayed && error.field == "nonce";
    line.event = repeated ? "repeated" : "refused";
    line.notes.push_back(repeated ? "the same callback once more" : to_string(error));
    if (repeated) return;
    line.error = error;
    ++refused;
  }
  void collect(std::vector<std::string>& into) {
    while (const auto change = order.poll()) into.push_back(to_string(*change));
  }

  Secret secret_;
  std::optional<AppId> app_;
  std::unique_ptr<SeenOnce> seen_ = make_seen_once();
  std::unordered_set<std::string> keys_;
  UnixTime now_{};
  std::size_t parked_ = 0;
};

std::string rooms_text(const std::vector<KnownRoom>& rooms) {
  std::string out = rooms.empty() ? "no room is open\n" : "open rooms\n";
  for (const KnownRoom& room : rooms) {
    std::string line = "  " + printable(room.room.view()) + "  users";
    for (const KnownUser& user : room.users) line += " " + printable(user.user.view());
    if (room.users.empty()) line += " none";
    if (!room.streams.empty()) line += "  streams";
    for (const KnownStream& stream : room.streams) line += " " + printable(stream.stream.view());
    out += line + "\n";
  }
  return out;
}

void print_text(const Replay& replay) {
  std::vector<std::vector<std::string>> rows;
  for (const Line& line : replay.lines) {
    for (const std::string& note : line.notes)
      rows.push_back({&note == line.notes.data() ? "line " + std::to_string(line.number) : "",
                      &note == line.notes.data() ? printable(line.event) : "", printable(note)});
  }
  for (const std::string& note : replay.after) rows.push_back({"after", "", printable(note)});
  std::string out = aligned(rows) + rooms_text(replay.order.rooms());
  for (const RoomQuestion& question : replay.questions) out += "ask  " + question_words(question) + "\n";
  print(out);
}

JsonObject room_json(const KnownRoom& room) {
  return {{"room_id", room.room},
          {"session_id", room.session},
          {"created_at", iso8601(room.created)},
          {"users", JsonArray::of(room.users,
                                  [](const KnownUser& user) {
                                    return JsonObject{{"user_id", user.user}, {"at", iso8601(user.at)}};
                                  })},
          {"streams", JsonArray::of(room.streams, [](const KnownStream& stream) {
             return JsonObject{{"stream_id", stream.stream}, {"user_id", stream.user}};
           })}};
}

void print_json(const Replay& replay) {
  const auto line_json = [](const Line& line) {
    JsonObject out{{"line", line.number}, {"event", line.event}, {"notes", line.notes}};
    if (line.error) out.add("error", name(line.error->code)).add("field", line.error->field);
    return out;
  };
  print(JsonObject{{"ok", replay.refused == 0},
                   {"lines", JsonArray::of(replay.lines, line_json)},
                   {"after", replay.after},
                   {"rooms", JsonArray::of(replay.order.rooms(), room_json)},
                   {"ask", JsonArray::of(replay.questions,
                                         [](const RoomQuestion& question) {
                                           return JsonObject{
                                               {"action", question.streams ? "DescribeSimpleStreamList" : "DescribeUserList"},
                                               {"room_id", question.room},
                                               {"why", name(question.why)}};
                                         })}}
            .text() +
        "\n");
}

}  // namespace

Exit run_callback_replay(const CallbackOptions& options) {
  auto secret = find_callback_secret(options);
  if (!secret) return usage_error(secret.error(), options.json);
  const auto app = find_callback_app(options);
  if (!app) return usage_error(app.error(), options.json);
  const bool from_file = !options.file.empty() && options.file != "-";
  std::ifstream file;
  if (from_file) file.open(options.file, std::ios::binary);
  if (from_file && !file) return usage_error({ErrorCode::io_error, "FILE", "the file cannot be opened"}, options.json);
  std::istream& in = from_file ? static_cast<std::istream&>(file) : std::cin;
  Replay replay(*std::move(secret), *app);
  std::string body;
  for (std::size_t number = 1; std::getline(in, body); ++number) {
    if (body.find_first_not_of(" \t\r") != std::string::npos) replay.hear(number, body);
  }
  replay.finish();
  options.json ? print_json(replay) : print_text(replay);
  return replay.refused == 0 ? Exit::yes : Exit::no;
}

}  // namespace zegocall::cli
