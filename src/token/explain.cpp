#include <algorithm>
#include <array>

#include "zegocall/token.hpp"

namespace zegocall {
namespace {

struct Entry {
  ErrorCode code;
  std::string_view why;
  std::array<std::string_view, 3> todo;
};

// One row per reason, in the order of the codes. Written for somebody whose login was just refused.
constexpr Entry entries[] = {
    {ErrorCode::missing_field,
     "the token opens, but a claim is missing inside. The provider asks for app_id, user_id, nonce, ctime and expire; only "
     "payload may be "
     "absent",
     {"mint with `zegocall token mint` or TokenMinter::mint, which write all of them"}},
    {ErrorCode::mistyped_field,
     "the token opens, but a claim has the wrong JSON type: app_id, nonce, ctime and expire are numbers, user_id and payload are "
     "texts (the "
     "payload is JSON inside a text)",
     {"do not quote the numbers; write the payload with the JSON writer's help as a string",
      "in JavaScript, a lifetime read from a form is a text: \"3600\" + now makes a text of digits"}},
    {ErrorCode::out_of_range,
     "a value is outside its limits; the error's field names it",
     {"times are Unix seconds: thirteen digits are milliseconds"}},
    {ErrorCode::empty,
     "there is no text at all. Usually the answer's member was read under the wrong name, or the token was asked for before it "
     "was there",
     {"look at the server's answer: is the member called token or zegoToken?", "wait for the answer before the room login"}},
    {ErrorCode::bad_prefix,
     "a Token04 begins with the two characters 04. This text is something else: an app sign, an id, quotation marks or \"Bearer "
     "\" in front",
     {"print the first ten characters on both sides and compare", "pass the token alone, without quotes and without a scheme"}},
    {ErrorCode::unsupported_version,
     "the first two characters name another version of the format. Token03 is the old kind with a room inside; "
     "what asks for a Token04 refuses it",
     {"mint a Token04; its payload carries the room", "native SDKs take Token04 from 2.17.0 on"}},
    {ErrorCode::jwt_instead_of_token,
     "a JWT is signed; the provider must decrypt",
     {"mint with `zegocall token mint` or TokenMinter::mint", "keep the JWT for your own users' login, where it is right"}},
    {ErrorCode::kit_token_instead_of_token,
     "this is a web UIKit kit token: a Token04, a # and the names of the room and the user. The SDKs and the server want the "
     "part before "
     "the #",
     {"give the whole text to ZegoUIKitPrebuilt.create, and nothing else", "cut at the # for everything else"}},
    {ErrorCode::plus_turned_into_space,
     "a + became a blank on the way: the token went through a query or a form without being encoded",
     {"send it in JSON", "where it must be a query, encode it (encodeURIComponent)"}},
    {ErrorCode::url_encoded,
     "the text still holds percent escapes such as %2B: it was encoded for a URL and not decoded again",
     {"decode it once where it arrives, or send it in JSON", "not twice: then the + turns into a blank"}},
    {ErrorCode::bad_base64,
     "what follows the 04 is not standard base64: damaged, cut off, wrapped into lines, or written with the URL alphabet",
     {"compare its length on both sides: a column or a log that cuts?", "use + / and = padding, no line breaks"}},
    {ErrorCode::too_short,
     "the text is too short to hold the fields of a token: it was cut off, or it never was one",
     {"compare its length on both sides", "mint one with `zegocall token mint` and send that"}},
    {ErrorCode::length_mismatch,
     "a length inside the token does not fit what is there: it was cut off, or its ciphertext was longer than the 16-bit length "
     "can say and "
     "the generator did not notice",
     {"compare its length on both sides", "keep the payload short: more than 65,519 bytes in all cannot be written"}},
    {ErrorCode::bad_iv_length,
     "the iv has neither 12 bytes (GCM) nor 16 (CBC). Either the text is no token although it begins with 04, or its generator "
     "mixes the modes",
     {"take the iv length of the mode: 12 for GCM with a mode byte 1 at the end, 16 for CBC without one"}},
    {ErrorCode::trailing_bytes,
     "something follows the ciphertext that does not belong there: two texts were glued together, or the generator adds fields",
     {"pass the token alone"}},
    {ErrorCode::unknown_mode,
     "the last byte names a mode that does not exist: 1 is GCM, 0 or none is CBC. One damaged byte is enough",
     {"compare the token on both sides, byte for byte"}},
    {ErrorCode::wrong_key_or_tampered,
     "no key opens it: it was made with another project's secret, or changed on the way",
     {"compare app id and ServerSecret with the console: all 32 characters, of the same project (AppSign and CallbackSecret are "
      "others)",
      "use the 32 characters as they are; they look like hex, but are not decoded",
      "compare the token on both sides, byte for byte"}},
    {ErrorCode::expire_mismatch,
     "the expiry outside differs from the one inside. No generator does that: somebody changed the token to make it look younger",
     {"refuse it, and find out where it came from"}},
    {ErrorCode::token_expired,
     "the token's time is over; whoever is in the room stays, but the next login or publish is refused",
     {"ask for a new one in time: 30 s before the end the SDK says onRoomTokenWillExpire, then renewToken",
      "compare the server's clock with the true time", "the lifetime is in seconds, not in minutes"}},
    {ErrorCode::not_yet_valid,
     "the token begins in the future: the clock of the machine that made it is ahead",
     {"compare both clocks with the true time; run an NTP client", "Unix seconds, not milliseconds"}},
    {ErrorCode::wrong_app,
     "the token is for another project than the one that is logged in to",
     {"use one app id in the client and on the server", "test and production are two projects: are they mixed?"}},
    {ErrorCode::wrong_user,
     "the token is for another user id than the one that logs in. They must be equal to the byte: case and blanks count",
     {"pass the same id to the token and to loginRoom", "do not trim or lower-case on one side only"}},
    {ErrorCode::wrong_room,
     "the token is not bound to this room",
     {"mint with the room of this call in its payload", "one token per room: ask again when the room changes"}},
    {ErrorCode::privilege_missing,
     "the token does not allow what was asked for",
     {"mint with the privilege: \"1\" is login, \"2\" is publish",
      "a listener's token cannot publish: ask for a new one when the role changes"}},
    {ErrorCode::lifetime_too_long,
     "the token lives longer than the provider's 24 days. Nobody can call it back: a kicked user with such a token comes in "
     "again",
     {"minutes to a few hours are enough, with renewToken before the end"}},
    {ErrorCode::bad_json,
     "the token opens, but what is inside is not JSON: the generator built it by hand, or cut a text at a NUL",
     {"write the claims with a JSON writer"}},
    {ErrorCode::secret_length,
     "a ServerSecret has exactly 32 characters. One less was lost when copied; 64 are the AppSign, which is another thing",
     {"copy it again from the console, without quotes, blanks or a line end"}},
    {ErrorCode::sample_secret,
     "this secret is printed in public samples: everybody can make tokens with it",
     {"take the project's own from the console", "if it was in use, change it there"}},
};

// Some codes also tell of what was never a token: a variable that is not set, an option, another kind of secret.
bool about_a_token(const Error& error) {
  constexpr std::array<std::string_view, 9> claims = {"app_id",  "user_id",     "nonce",       "ctime",  "expire",
                                                      "payload", "create_time", "expire_time", "room_id"};
  if (error.code == ErrorCode::missing_field || error.code == ErrorCode::mistyped_field)
    return error.field.empty() || error.field.substr(0, 8) == "payload." || error.field.substr(0, 10) == "privilege." ||
           std::find(claims.begin(), claims.end(), error.field) != claims.end();
  if (error.code == ErrorCode::bad_json) return error.field.empty();
  if (error.code == ErrorCode::secret_length)
    return error.detail.find("at least") == std::string::npos && error.detail != "is empty";
  return true;
}

// What the provider makes of this very text belongs into the sentence.
std::string seen_by_provider(const Error& error) {
  constexpr std::string_view start = "the provider reads ";
  if (error.code != ErrorCode::jwt_instead_of_token || error.detail.substr(0, start.size()) != start) return {};
  return ". It reads this one as " + error.detail.substr(start.size()) + ", and answers 20014 or 50119";
}

// Appends `text` broken into lines; those after the first begin with `indent`.
void append_wrapped(std::string_view text, std::size_t column, std::string_view indent, std::string& out) {
  constexpr std::size_t width = 90;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column + end > width && column > indent.size()) {
      out.back() = '\n';
      out += indent;
      column = indent.size();
    }
    out.append(text.substr(0, end)).push_back(' ');
    column += end + 1;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.back() = '\n';
}

}  // namespace

Explanation explain(const Error& error) {
  // Two codes have the word expired, and whoever knows only the word may come with the other one. With a field of its own it
  // is a callback's or a JWT's.
  const bool word = error.field.empty() && error.detail.empty();
  if ((word || error.field == "expire") && error.code == ErrorCode::expired) return explain({ErrorCode::token_expired, {}, {}});
  for (const Entry& entry : entries) {
    if (entry.code != error.code || !about_a_token(error)) continue;
    Explanation explanation{std::string(entry.why) + seen_by_provider(error), {}};
    for (const std::string_view step : entry.todo) {
      if (!step.empty()) explanation.todo.emplace_back(step);
    }
    return explanation;
  }
  return {error.detail.empty() ? std::string(name(error.code)) : error.detail, {}};
}

std::string to_string(const Explanation& explanation) {
  std::string out;
  if (!explanation.why.empty()) append_wrapped(explanation.why, 0, "", out);
  for (std::size_t i = 0; i < explanation.todo.size(); ++i) {
    const std::string number = "  " + std::to_string(i + 1) + "  ";
    out += number;
    append_wrapped(explanation.todo[i], number.size(), std::string(number.size(), ' '), out);
  }
  return out;
}

}  // namespace zegocall
