// What the provider answers: the envelope, and each action's data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/json.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall::zego_detail {

/// {"Code", "Message", "RequestId", "Data"}, and whatever stands beside.
struct Envelope {
  std::int64_t code = 0;
  std::string message{};
  std::string request_id{};
  Json whole{};

  JsonView data() const& { return whole.get<std::optional<JsonView>>("Data").value_or(JsonView()).value_or(JsonView()); }
  JsonView data() const&& = delete;
};
/// protocol if it is not that.
Result<Envelope> read_envelope(std::string body);

/// True for a code that is an answer to this action and no failure, beside 0.
bool is_answer(std::string_view action, std::int64_t code);

/// The provider's words for a log: one line, not long.
std::string shown(std::string_view text);

/// The error that a code means, with the provider's number and RequestId in the detail.
Error error_of(std::string_view action, const Envelope& envelope);

// The data of an answer whose code is good. Errors as JsonView::get, with the path below the envelope.
Result<void> fill(const Envelope& in, ApiDone& out);
Result<void> fill(const Envelope& in, ApiData& out);
Result<void> fill(const Envelope& in, ApiMessageSent& out);
Result<void> fill(const Envelope& in, DescribeUserNum::Answer& out);
Result<void> fill(const Envelope& in, DescribeUserList::Answer& out);
Result<void> fill(const Envelope& in, DescribeUsers::Answer& out);
Result<void> fill(const Envelope& in, DescribeSimpleStreamList::Answer& out);
Result<void> fill(const Envelope& in, SendCustomCommand::Answer& out);
Result<void> fill(const Envelope& in, SetForbidUserRule::Answer& out);
Result<void> fill(const Envelope& in, DescribeForbidUserRules::Answer& out);
Result<void> fill(const Envelope& in, DescribeForbidStreamRules::Answer& out);
Result<void> fill(const Envelope& in, DescribeRTCStreamState::Answer& out);
Result<void> fill(const Envelope& in, GetMixTaskInfo::Answer& out);
Result<void> fill(const Envelope& in, GenerateIdentifyToken::Answer& out);
Result<void> fill(const Envelope& in, ApiRequest::Answer& out);

/// The answer, or protocol with the member's path as field: the action was carried out, but its answer cannot be read.
template <class Answer>
Result<Answer> answer_of(const Envelope& in) {
  Answer out;
  out.request_id = in.request_id;
  if (auto good = fill(in, out); !good)
    return fail_field(ErrorCode::protocol, good.error().field, good.error().detail + "; RequestId " + shown(in.request_id));
  return out;
}

}  // namespace zegocall::zego_detail
