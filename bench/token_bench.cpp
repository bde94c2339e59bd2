// Tokens: made, checked and looked at, on one core.
#include <benchmark/benchmark.h>

#include "zegocall/token.hpp"

using namespace zegocall;

namespace {

constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
constexpr UnixTime now{std::chrono::seconds(1735689600)};

const Keyring& keys() {
  static const Keyring ring = Keyring::of(AppId{1234567890}, Secret(secret)).value();
  return ring;
}

TokenRequest request(TokenMode mode, bool room) {
  TokenRequest out{.user = "alice", .mode = mode};
  if (room) out.payload = rtc_room(MediaRole::speaker, "room-1001", "alice");
  return out;
}

void mint(benchmark::State& state, TokenMode mode, bool room) {
  const TokenMinter minter(keys(), system_bytes());
  const TokenRequest wanted = request(mode, room);
  for (auto _ : state) benchmark::DoNotOptimize(minter.mint(wanted, now));
  state.SetItemsProcessed(state.iterations());
}

void verify(benchmark::State& state, TokenMode mode, bool room) {
  const std::string token = TokenMinter(keys(), system_bytes()).mint(request(mode, room), now).value();
  const TokenExpectation expectation{.app = AppId{1234567890}, .user = "alice"};
  for (auto _ : state) {
    auto claims = verify_token(token, keys(), expectation, now);
    if (!claims) state.SkipWithError("refused");
    benchmark::DoNotOptimize(claims);
  }
  state.SetItemsProcessed(state.iterations());
}

void inspect_hostile(benchmark::State& state) {
  const std::string text = "04" + std::string(1 << 20, 'A');
  for (auto _ : state) benchmark::DoNotOptimize(inspect_token(text, &keys(), now));
}

void jwt_mint(benchmark::State& state) {
  const JwtMinter minter = JwtMinter::hs256(Secret(secret)).value();
  const JwtRequest wanted{.user = "65f1c0ffee65f1c0ffee65f1", .user_claim = "_id", .texts = {{"email", "a@example.org"}}};
  for (auto _ : state) benchmark::DoNotOptimize(minter.mint(wanted, now));
  state.SetItemsProcessed(state.iterations());
}

void jwt_verify(benchmark::State& state) {
  const JwtRequest wanted{.user = "65f1c0ffee65f1c0ffee65f1", .user_claim = "_id", .texts = {{"email", "a@example.org"}}};
  const std::string token = JwtMinter::hs256(Secret(secret)).value().mint(wanted, now).value();
  const JwtVerifier jwt = JwtVerifier::hs256(Secret(secret)).value();
  for (auto _ : state) {
    auto claims = jwt.verify(token, now);
    if (!claims) state.SkipWithError("refused");
    benchmark::DoNotOptimize(claims);
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

BENCHMARK_CAPTURE(mint, gcm, TokenMode::gcm, false);
BENCHMARK_CAPTURE(mint, gcm_room, TokenMode::gcm, true);
BENCHMARK_CAPTURE(mint, cbc, TokenMode::cbc, false);
BENCHMARK_CAPTURE(mint, gcm_threads, TokenMode::gcm, false)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(verify, gcm, TokenMode::gcm, false);
BENCHMARK_CAPTURE(verify, gcm_room, TokenMode::gcm, true);
BENCHMARK_CAPTURE(verify, cbc, TokenMode::cbc, false);
BENCHMARK(inspect_hostile);
BENCHMARK(jwt_mint);
BENCHMARK(jwt_verify);
