#include "credential_flags.hpp"

#include <CLI/CLI.hpp>

#include "words.hpp"

namespace zegocall::cli {
namespace {

void add_key(CLI::App* command, KeyOptions& key) {
  command->add_option("--app", key.app, "app id")->check(CLI::Range(1u, 4294967295u));
  command->add_option("--secret-file", key.secret_file, "file with the ServerSecret; - is standard input");
}

void add_now(CLI::App* command, std::optional<std::int64_t>& now) {
  command->add_option("--now", now, "Unix seconds to take for the present")->check(CLI::Range(std::int64_t{0}, last_second));
}

void add_leeway(CLI::App* command, std::int64_t& leeway) {
  command->add_option("--leeway", leeway, "seconds by which clocks may differ")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86400}))
      ->capture_default_str();
}

template <class Options>
void runs_with(CLI::App* command, Options& options, Exit (*function)(const Options&), const CredentialFlags::Runs& runs) {
  command->add_flag("--json", options.json, "answer as JSON");
  runs(command, [&options, function] { return function(options); });
}

}  // namespace

void CredentialFlags::add_to(CLI::App& app, CLI::App& token, const Runs& runs) {
  add_kit(app, runs);
  add_turn(app, runs);
  add_jwt(app, runs);
  add_rest(app, token, runs);
}

void CredentialFlags::add_kit(CLI::App& app, const Runs& runs) {
  CLI::App* const kit = app.add_subcommand("kit-token", "kit tokens, which the web UIKit takes")->require_subcommand(1);
  CLI::App* const make = kit->add_subcommand("make", "wrap a token, or a new one, with the names of room and user");
  add_key(make, kit_make_.key);
  make->add_option("token", kit_make_.token, "the token to wrap; without it one is minted");
  make->add_option("--user", kit_make_.user, "user id")->required();
  make->add_option("--room", kit_make_.room, "room id");
  make->add_option("--name", kit_make_.name, "the name that others see");
  make->add_option("--lifetime", kit_make_.lifetime, "of a minted token: 3600, 90min, 12h; at most 24d")->capture_default_str();
  make->add_option("--mode", kit_make_.mode, "of a minted token")->check(CLI::IsMember({"gcm", "cbc"}))->capture_default_str();
  add_now(make, kit_make_.now);
  runs_with(make, kit_make_, run_kit_make, runs);
  CLI::App* const parse = kit->add_subcommand("parse", "what is in it; with a secret, whether the token inside is good");
  add_key(parse, kit_parse_.key);
  parse->add_option("text", kit_parse_.text, "the kit token; standard input if it is not given");
  add_now(parse, kit_parse_.now);
  runs_with(parse, kit_parse_, run_kit_parse, runs);
}

void CredentialFlags::add_turn(CLI::App& app, const Runs& runs) {
  CLI::App* const turn = app.add_subcommand("turn", "credentials for a TURN server with a shared secret (coturn)");
  turn->footer("The secret comes from TURN_SHARED_SECRET, else TURN_SECRET, or a file.");
  turn->add_option("--secret-file", turn_.secret_file, "file with the shared secret; - is standard input");
  turn->add_option("--user", turn_.user, "whose")->required();
  turn->add_option("--lifetime", turn_.lifetime, "3600, 90min, 12h; at most 24d")->capture_default_str();
  turn->add_option("--url", turn_.urls, "turn:host:3478, carried into the JSON; may be repeated");
  add_now(turn, turn_.now);
  runs_with(turn, turn_, run_turn, runs);
}

void CredentialFlags::add_jwt(CLI::App& app, const Runs& runs) {
  CLI::App* const jwt = app.add_subcommand("jwt", "JSON Web Tokens for your own users")->require_subcommand(1);
  jwt->footer("The secret comes from JWT_ACCESS_SECRET, else JWT_SECRET, or a file.");
  CLI::App* const mint = jwt->add_subcommand("mint", "make a token with HS256");
  mint->add_option("--secret-file", jwt_mint_.secret_file, "file with the secret; - is standard input");
  mint->add_option("--user", jwt_mint_.user, "whose token")->required();
  mint->add_option("--lifetime", jwt_mint_.lifetime, "15min, 12h, 7d")->capture_default_str();
  mint->add_option("--user-claim", jwt_mint_.user_claim, "the member that names the user")
      ->check(CLI::IsMember({"sub", "_id"}))
      ->capture_default_str();
  mint->add_option("--claim", jwt_mint_.claims, "name=value, a further member; may be repeated");
  add_now(mint, jwt_mint_.now);
  runs_with(mint, jwt_mint_, run_jwt_mint, runs);
  CLI::App* const verify = jwt->add_subcommand("verify", "is this token good?");
  verify->add_option("token", jwt_verify_.token, "the token; standard input if it is not given");
  verify->add_option("--algorithm", jwt_verify_.algorithm, "the only one that is taken, whatever the token says")
      ->check(CLI::IsMember({"hs256", "rs256", "es256", "eddsa"}))
      ->capture_default_str();
  verify->add_option("--secret-file", jwt_verify_.secret_file, "hs256: file with the secret; - is standard input");
  verify->add_option("--key-file", jwt_verify_.key_file, "the others: public key as PEM");
  add_leeway(verify, jwt_verify_.leeway);
  add_now(verify, jwt_verify_.now);
  runs_with(verify, jwt_verify_, run_jwt_verify, runs);
}

void CredentialFlags::add_rest(CLI::App& app, CLI::App& token, const Runs& runs) {
  CLI::App* const explain = token.add_subcommand("explain", "what is wrong with a token, and what to do, in plain words");
  add_key(explain, explain_.check.key);
  explain->add_option("token", explain_.check.token, "the token; standard input if it is not given");
  explain->add_option("--code", explain_.code, "explain this word, for example expire_mismatch, and no token");
  explain->add_option("--user", explain_.check.user, "it must be this user's");
  explain->add_option("--room", explain_.check.room, "it must be for this room");
  add_leeway(explain, explain_.check.leeway);
  add_now(explain, explain_.check.now);
  runs_with(explain, explain_, run_token_explain, runs);
  CLI::App* const doctor = app.add_subcommand("doctor", "is the environment fit for a server? Never prints a secret");
  doctor->add_option("--clock-host", doctor_.clock_host,
                     "compare the clock with this HTTP server, host or host:port, waiting three seconds at most (default\n"
                     "rtc-api.zego.im); none asks nobody");
  runs_with(doctor, doctor_, run_doctor, runs);
}

}  // namespace zegocall::cli
