// zegocall: the command line. Every flag is here; what a command does is in its own file.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>

#include "api_flags.hpp"
#include "call_flags.hpp"
#include "commands.hpp"
#include "credential_flags.hpp"
#include "outbox_flags.hpp"
#include "provider_flags.hpp"
#include "sim_flags.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace {

using namespace zegocall::cli;

class CommandLine {
 public:
  CommandLine() : app_("Calls and provider tokens: make, check, look at.", "zegocall") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "zegocall " ZEGOCALL_VERSION);
    CLI::App* token = app_.add_subcommand("token", "provider tokens (Token04)")->require_subcommand(1);
    token->footer(
        "The secret comes from ZEGO_SERVER_SECRET, else ZEGOCLOUD_SERVER_SECRET, or a file (--secret-file, - is standard "
        "input);\n"
        "the app id from --app, ZEGO_APP_ID, else ZEGOCLOUD_APP_ID. Exit 0: yes; 1: no, with the reason; 2: usage.\n"
        "Yes, and ok in JSON, mean that a secret opened the token and everything asked for holds: inspect and explain look at\n"
        "the outside without one, but say no (missing_field, secret).\n"
        "With --batch every line of input gets one line of answer, whatever is wrong with it, and exit 0 says that all were\n"
        "answered; unknown members are passed over, but refused in expect.");
    add_mint(token->add_subcommand("mint", "make a token"));
    add_check(token->add_subcommand("verify", "is this token good?"), verify_, run_token_verify);
    CLI::App* inspect = token->add_subcommand("inspect", "everything that can be said about a token");
    add_check(inspect, inspect_, run_token_inspect);
    inspect->add_flag("--lab", inspect_.lab, "tell wrong key, padding and JSON apart in cbc; for your desk, not for a service");
    inspect->add_flag("--batch", inspect_.batch,
                      R"(a line {"token","secret","now"?,"leeway"?,"expect"?:{"app_id","user_id","room_id"}} in, a verdict out)");
    const auto runs_later = [this](CLI::App* command, std::function<Exit()> function) {
      command->callback([this, function = std::move(function)] { command_ = function; });
    };
    credentials_.add_to(app_, *token, runs_later);
    provider_.add_to(app_, runs_later);
    api_.add_to(app_, runs_later);
    sim_.add_to(app_, runs_later);
    calls_.add_to(app_, runs_later);
    outbox_.add_to(app_, runs_later);
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);
      const bool json = std::any_of(argv, argv + argc, [](std::string_view text) { return text == "--json"; });
      return static_cast<int>(usage_error(told(error), json));
    }
    return static_cast<int>(command_());
  }

 private:
  zegocall::Error told(const CLI::ParseError& error) const {
    switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
      case CLI::ExitCodes::ExtrasError: return {zegocall::ErrorCode::invalid_argument, {}, unexpected_words()};
      case CLI::ExitCodes::ConversionError:
      case CLI::ExitCodes::ValidationError: return misfit(error.what());
      default: return {zegocall::ErrorCode::invalid_argument, {}, error.what()};  // names only
    }
  }

  // The option whose value does not fit, and what would; CLI11's text repeats the value.
  zegocall::Error misfit(const std::string& text) const {
    const CLI::App* command = &app_;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    for (const CLI::Option* option : command->get_options()) {
      const std::string name = option->get_name();
      if (text.rfind(name + ": ", 0) == 0 || text.rfind("Could not convert: " + name + " ", 0) == 0)
        return {zegocall::ErrorCode::invalid_argument, name, fitting(option->get_type_name())};
    }
    return {zegocall::ErrorCode::invalid_argument, {}, "the value of an option does not fit; --help says what does"};
  }

  // CLI11's "UINT:UINT in [1 - 100]" and "TEXT:{gcm,cbc}" as a sentence.
  static std::string fitting(const std::string& type) {
    if (const std::size_t at = type.find(" in ["); at != std::string::npos) {
      std::string range = type.substr(at + 5, type.size() - at - 6);
      if (const std::size_t dash = range.find(" - "); dash != std::string::npos) range.replace(dash, 3, " to ");
      return "must be a number from " + range;
    }
    const std::size_t at = type.find('{');
    if (at != std::string::npos) return "must be one of " + type.substr(at + 1, type.size() - at - 2);
    return type.empty() ? "takes no value" : "must be a number";
  }

  // By name, never by value: it may be a secret, given where none is taken.
  std::string unexpected_words() const {
    std::string names;
    for (const std::string& text : app_.remaining(true)) {
      if (text.size() > 2 && text.substr(0, 2) == "--") names += (names.empty() ? "" : ", ") + text.substr(0, text.find('='));
    }
    return (names.empty() ? "more arguments than this command takes" : names + ": no such option here") +
           "; --help lists them. Secrets come by environment, file or standard input";
  }

  template <class Options>
  void runs(CLI::App* command, Options& options, Exit (*function)(const Options&)) {
    command->add_flag("--json", options.json, "answer as JSON");
    command->callback([this, &options, function] { command_ = [&options, function] { return function(options); }; });
  }

  static void add_key(CLI::App* command, KeyOptions& key) {
    command->add_option("--app", key.app, "app id")->check(CLI::Range(1u, 4294967295u));
    command->add_option("--secret-file", key.secret_file, "file with the ServerSecret; - is standard input");
  }
  static void add_now(CLI::App* command, std::optional<std::int64_t>& now) {
    command->add_option("--now", now, "Unix seconds to take for the present")->check(CLI::Range(std::int64_t{0}, last_second));
  }

  void add_mint(CLI::App* command) {
    add_key(command, mint_.key);
    command->add_option("--user", mint_.user, "whose token; required without --batch");
    command->add_option("--lifetime", mint_.lifetime, "3600, 90min, 12h, 7d; at most 24d")->capture_default_str();
    command->add_option("--room", mint_.room, "bind it to this room");
    command->add_option("--role", mint_.role, "what to do in the room")
        ->check(CLI::IsMember({"host", "co_host", "speaker", "listener"}))
        ->capture_default_str();
    command->add_option("--stream", mint_.streams, "a stream that may be published; may be repeated");
    command->add_option("--payload", mint_.payload, "own text instead of a room");
    command->add_option("--mode", mint_.mode, "encryption")->check(CLI::IsMember({"gcm", "cbc"}))->capture_default_str();
    command->add_flag("--relaxed-ids", mint_.relaxed_ids, "take ids that some clients refuse");
    command->add_flag("--web-kit-streams", mint_.web_kit_streams,
                      "the role may publish only the streams that the web UIKit makes");
    command->add_flag("--token03", mint_.token03, "the older kind; needs --room");
    command->add_flag("--batch", mint_.batch,
                      R"(a line {"app_id","user_id","secret","ttl","payload"?,"mode"?,"now"?} in, {"ok","token"|"error"} out)");
    command->add_flag("--insecure-fixed-randomness", mint_.fixed_randomness,
                      "a line may give iv_hex and nonce, and any ids: for test vectors, never for a token that is used");
    add_now(command, mint_.now);
    runs(command, mint_, run_token_mint);
  }

  void add_check(CLI::App* command, CheckOptions& options, Exit (*function)(const CheckOptions&)) {
    add_key(command, options.key);
    command->add_option("token", options.token, "the token; standard input if it is not given");
    command->add_option("--user", options.user, "it must be this user's");
    command->add_option("--room", options.room, "it must be for this room");
    command->add_flag("--login", options.login, "it must allow logging in");
    command->add_flag("--publish", options.publish, "it must allow publishing");
    command->add_flag("--token03", options.token03, "a Token03 is as good");
    command->add_option("--leeway", options.leeway, "seconds by which clocks may differ")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{86400}))
        ->capture_default_str();
    add_now(command, options.now);
    runs(command, options, function);
  }

  CLI::App app_;
  MintOptions mint_;
  CheckOptions verify_, inspect_;
  CallFlags calls_;
  OutboxFlags outbox_;
  CredentialFlags credentials_;
  ProviderFlags provider_;
  ApiFlags api_;
  SimFlags sim_;
  std::function<Exit()> command_;
};

}  // namespace

int main(int argc, char** argv) { return CommandLine().run(argc, argv); }
