// The compiled half of the Python package; zegocall/*.py is its public face and checks the arguments' types, so that no
// message of pybind11 ever repeats a secret. The interpreter lock is released while the library works.
#include <pybind11/pybind11.h>

#include <mutex>
#include <shared_mutex>

#include "../common/shapes.hpp"
#include "zegocall/zego/codes.hpp"

namespace py = pybind11;
using namespace zegocall;
using namespace zegocall::bindings;

namespace {

struct Failure : std::exception {
  explicit Failure(Error problem) : error(in_their_words(std::move(problem))) {}
  Error error;
};

template <class T>
T taken(Result<T> result) {
  if (!result) throw Failure(std::move(result).error());
  return *std::move(result);
}

/// A keyring that Python threads share: without the interpreter lock, adding must wait for those who read.
class Keys {
 public:
  Keys(std::uint32_t app, std::string_view secret) : ring_(taken(Keyring::of(AppId(app), Secret(secret)))), minter_(ring_) {}

  void add(std::uint32_t app, std::string_view secret) {
    const std::unique_lock lock(mutex_);
    const auto added = ring_.add({.app = AppId(app), .secret = Secret(secret)});
    if (!added) throw Failure(added.error());
  }
  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return ring_.size();
  }
  std::uint32_t app() const { return ring_.app().value; }
  std::string mint(std::string_view user, std::int64_t lifetime, std::string_view room, int role, std::string_view payload,
                   bool cbc, std::uint32_t app, bool relaxed, std::int64_t now_ms) const {
    TokenRequest request{.user = UserId(user), .lifetime = taken(span_of(lifetime, "lifetime"))};
    request.payload = taken(payload_of(room, role, payload, request.user));
    request.mode = cbc ? TokenMode::cbc : TokenMode::gcm;
    request.app = AppId(app);
    request.ids = relaxed ? IdPolicy::relaxed : IdPolicy::strict;
    const std::shared_lock lock(mutex_);
    return taken(minter_.mint(request, taken(time_of(now_ms, "now"))));
  }
  std::string verify(std::string_view token, const TokenExpectation& expectation, std::int64_t now_ms) const {
    const std::shared_lock lock(mutex_);
    return claims_json(taken(verify_token(token, ring_, expectation, taken(time_of(now_ms, "now"))))).text();
  }
  std::string inspect(std::string_view token, const TokenExpectation& expectation, std::int64_t now_ms) const {
    const std::shared_lock lock(mutex_);
    return report_json(inspect_token(token, &ring_, expectation, taken(time_of(now_ms, "now")))).text();
  }

 private:
  mutable std::shared_mutex mutex_;
  Keyring ring_;
  TokenMinter minter_;
};

class Callbacks {
 public:
  Callbacks(std::string_view secret, std::int64_t past, std::int64_t future)
      : secret_(secret), window_{taken(span_of(past, "past")), taken(span_of(future, "future"))}, seen_(make_seen_once()) {
    if (secret.empty()) throw Failure({ErrorCode::invalid_argument, "secret", "must not be empty"});
  }
  std::string verify(std::string_view body, std::int64_t now_ms) {
    return taken(take_callback(body, secret_, *seen_, taken(time_of(now_ms, "now")), window_)).text();
  }
  void release(std::string_view seen_as) { seen_->release(seen_as); }

 private:
  Secret secret_;
  CallbackWindow window_;
  std::unique_ptr<SeenOnce> seen_;
};

TokenExpectation expectation_of(std::string_view user, std::string_view room, std::string_view stream, std::uint32_t app,
                                bool login, bool publish, bool token03, std::int64_t leeway) {
  const auto allow = [](bool flag) { return flag ? Allow::yes : Allow::no; };
  return {.app = AppId(app),
          .user = UserId(user),
          .room = RoomId(room),
          .login = allow(login),
          .publish = allow(publish),
          .stream = StreamId(stream),
          .token03 = allow(token03),
          .leeway = taken(span_of(leeway, "leeway"))};
}

std::string explain_word(const std::string& word, const std::string& field, const std::string& detail) {
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info)
    if (info->name == word) return to_string(explain(Error{info->code, field, detail}));
  throw Failure({ErrorCode::invalid_argument, "code", "is no error's word"});
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const Failure& failure) {
    const Error& error = failure.error;
    const py::object made =
        py::module_::import("zegocall.errors")
            .attr("error_of")(static_cast<int>(error.code), std::string(name(error.code)), error.field, error.detail);
    PyErr_SetObject(py::type::of(made).ptr(), made.ptr());
  }
}

}  // namespace

PYBIND11_MODULE(_native, module) {
  using Free = py::call_guard<py::gil_scoped_release>;
  py::register_exception_translator(&translate);
  py::class_<TokenExpectation>(module, "Expectation").def(py::init(&expectation_of));
  py::class_<Keys>(module, "Keys")
      .def(py::init<std::uint32_t, std::string_view>())
      .def("add", &Keys::add, Free())
      .def("size", &Keys::size, Free())
      .def("app", &Keys::app)
      .def("mint", &Keys::mint, Free())
      .def("verify", &Keys::verify, Free())
      .def("inspect", &Keys::inspect, Free());
  py::class_<Callbacks>(module, "Callbacks")
      .def(py::init<std::string_view, std::int64_t, std::int64_t>())
      .def("verify", &Callbacks::verify, Free())
      .def("release", &Callbacks::release, Free());
  module.def(
      "inspect",
      [](std::string_view token, const TokenExpectation& expectation, std::int64_t now_ms) {
        return report_json(inspect_token(token, nullptr, expectation, taken(time_of(now_ms, "now")))).text();
      },
      Free());
  module.def(
      "explain_code", [](std::int64_t code) { return to_string(explain_code(code)); }, Free());
  module.def("explain_word", &explain_word);
}
