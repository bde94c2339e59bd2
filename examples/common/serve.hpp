// The life of an example server as a process: configuration, ready line, signals, drain, exit code.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"
#include "zegocall/base/file_log.hpp"
#include "zegocall/hub.hpp"

namespace example {

/// What every server's main has before it wires anything.
struct Start {
  std::string server;
  Settings settings;
  zegocall::HubOptions hub;  ///< host, port, origins, clock, log
  zegocall::DrainOptions drain{};
  std::string db;
  std::unique_ptr<zegocall::AdvancingClock> test_clock;  ///< set by --test-clock; `hub.clock` points to it
  std::optional<zegocall::FileLog> access_log{};         ///< set by --access-log FILE; `hub.access_log` writes to it
};

/// Reads the settings and what is common to all servers, then calls `serve`, whose Result is the exit code. A failure is
/// one line on standard error and exit code 2. --help prints the options. SIGTERM and SIGINT are kept for `run`, so call
/// this before there are threads.
int main_of(std::string_view server, std::vector<Option> own_options, int argc, char** argv,
            const std::function<zegocall::Result<int>(Start&)>& serve);

/// The time that the server goes by, for threads of its own; it refers to `start`.
std::function<zegocall::Now()> clock_of(const Start& start);

/// Adds POST /test/advance {"ms": N} if there is a test clock: answers when what became due has been done.
void add_test_clock(const Start& start, zegocall::Router& http);

/// Opens the hub, prints the ready line, waits for SIGTERM or SIGINT, drains; 0.
zegocall::Result<int> run(Start& start, zegocall::Wiring wiring);

}  // namespace example
