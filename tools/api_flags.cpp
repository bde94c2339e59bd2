#include "api_flags.hpp"

#include <CLI/CLI.hpp>

namespace zegocall::cli {

void ApiFlags::add_to(CLI::App& app, const Runs& runs) {
  CLI::App* api = app.add_subcommand("api", "ask the provider's server API: zegocall api DescribeUserNum RoomId=a RoomId=b");
  api->footer(
      "Without an action: the names of those whose parameters are checked here; others are sent as they are.\n"
      "The secret comes from ZEGO_SERVER_SECRET, else ZEGOCLOUD_SERVER_SECRET, or a file (--secret-file); a proxy from\n"
      "--proxy, else HTTPS_PROXY. Exit 0: done; 1: the answer is no, with the reason; 2: usage, and nothing was sent.");
  api->add_option("action", options_.action, "as the provider names it");
  api->add_option("parameter", options_.words, "name=value; a list repeats its name");
  api->add_option("--app", options_.key.app, "app id")->check(CLI::Range(1u, 4294967295u));
  api->add_option("--secret-file", options_.key.secret_file, "file with the ServerSecret; - is standard input");
  api->add_option("--body", options_.body_file, "file with a JSON object: makes it a POST");
  api->add_option("--product", options_.product, "rtc, zim, whiteboard, docs, cloudrecord or auth")->capture_default_str();
  api->add_option("--region", options_.regions, "unified, sha, hkg, fra, lax, bom or sgp; may be repeated, for fail-over");
  api->add_option("--origin", options_.origin, "https://host:port instead of a region");
  api->add_option("--ca", options_.ca_file, "PEM file of the authorities to trust instead of the system's");
  api->add_option("--proxy", options_.proxy, "http://host:port, asked to CONNECT");
  api->add_option("--within", options_.within, "time for all of it, waiting and retries included")->capture_default_str();
  api->add_flag("--test", options_.test, "the test environment (IsTest)");
  api->add_flag("--dry-run", options_.dry_run, "print the request with its signature masked; send nothing");
  api->add_option("--now", options_.now, "Unix seconds to take for the present, with --dry-run")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{253402300799}));
  api->add_flag("--json", options_.json, "answer as JSON");
  runs(api, [this] { return options_.action.empty() ? run_api_list(options_.json) : run_api(options_); });
}

}  // namespace zegocall::cli
