// The pool's one promise: nobody ever gets bytes that somebody else got, over threads and processes.
#include "zegocall/token/random_pool.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <set>
#include <thread>

#include "support.hpp"
#include "token/base64.hpp"

using namespace zegocall;
using namespace zegocall::token_test;

namespace {

using Block = std::array<unsigned char, 12>;

Block draw(ByteSource& pool) {
  Block block;
  pool.fill(std::as_writable_bytes(std::span(block)));
  return block;
}

// Blocks that a child of fork() draws.
std::vector<Block> drawn_by_child(ByteSource& pool, std::size_t count) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    bool good = true;
    for (std::size_t i = 0; i < count; ++i) {
      const Block block = draw(pool);
      good = good && write(ends[1], block.data(), block.size()) == static_cast<ssize_t>(block.size());
    }
    _exit(good ? 0 : 1);
  }
  close(ends[1]);
  std::vector<Block> blocks(count);
  std::size_t have = 0;
  auto* const to = reinterpret_cast<char*>(blocks.data());
  for (ssize_t got = 1; got > 0 && have < count * sizeof(Block); have += static_cast<std::size_t>(got))
    got = read(ends[0], to + have, count * sizeof(Block) - have);
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(have == count * sizeof(Block));
  return blocks;
}

std::size_t repeats(std::vector<Block> blocks) {
  std::sort(blocks.begin(), blocks.end());
  std::size_t count = 0;
  for (std::size_t i = 1; i < blocks.size(); ++i) count += blocks[i] == blocks[i - 1];
  return count;
}

Block iv_of(std::string_view token) {
  token_detail::Scratch bytes;
  REQUIRE_FALSE(token_detail::decode_base64(token.substr(2, 32), token_detail::Alphabet::standard, bytes).failed);
  Block iv;
  std::memcpy(iv.data(), bytes.data() + 10, iv.size());
  return iv;
}

}  // namespace

TEST_CASE("a fork in the middle of the pool: parent and children share no bytes") {
  RandomPool pool;
  std::vector<Block> all;
  for (int i = 0; i < 100; ++i) all.push_back(draw(pool));  // part of a page is used, most of it is left
  for (int child = 0; child < 3; ++child) {
    for (const Block& block : drawn_by_child(pool, 400)) all.push_back(block);
    for (int i = 0; i < 50; ++i) all.push_back(draw(pool));
  }
  for (int i = 0; i < 400; ++i) all.push_back(draw(pool));
  CHECK(repeats(all) == 0);
}

TEST_CASE("the test above sees a pool that survives a fork") {
  // What the pool would be without the kernel's help.
  struct Plain final : ByteSource {
    std::vector<std::byte> left;
    void fill(std::span<std::byte> out) override {
      if (left.size() < out.size()) {
        left.resize(4096);
        system_bytes().fill(left);
      }
      std::copy_n(left.end() - static_cast<std::ptrdiff_t>(out.size()), out.size(), out.begin());
      left.resize(left.size() - out.size());
    }
  } plain;
  std::vector<Block> all = {draw(plain)};
  for (const Block& block : drawn_by_child(plain, 10)) all.push_back(block);
  for (int i = 0; i < 10; ++i) all.push_back(draw(plain));
  CHECK(repeats(all) == 10);
}

TEST_CASE("a million mints in one second share no iv, over two threads") {
  const Keyring keys = keyring();
  const TokenMinter minter(keys);
  std::array<std::vector<Block>, 2> ivs;
  const auto mint = [&minter](std::vector<Block>& out) {
    out.reserve(500'000);
    while (out.size() < 500'000) out.push_back(iv_of(minter.mint({.user = "alice"}, start).value()));
  };
  std::thread other([&] { mint(ivs[1]); });
  mint(ivs[0]);
  other.join();
  ivs[0].insert(ivs[0].end(), ivs[1].begin(), ivs[1].end());
  CHECK(ivs[0].size() == 1'000'000);
  CHECK(repeats(std::move(ivs[0])) == 0);
}

TEST_CASE("more threads than pages share no bytes") {
  RandomPool pool;
  std::vector<std::vector<Block>> drawn(12);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&pool, &mine] {
      for (int i = 0; i < 2000; ++i) mine.push_back(draw(pool));
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<Block> all;
  for (const auto& mine : drawn) all.insert(all.end(), mine.begin(), mine.end());
  CHECK(repeats(std::move(all)) == 0);
}

TEST_CASE("sizes: nothing, a page, more than a page") {
  RandomPool pool;
  pool.fill({});
  for (const std::size_t size : {1u, 4088u, 4089u, 20000u}) {
    std::vector<std::byte> bytes(size);
    pool.fill(bytes);
    std::set<std::byte> different(bytes.begin(), bytes.end());
    CHECK(different.size() > (size > 1000 ? 200u : 0u));
  }
}

TEST_CASE("copies of a minter share its pool, which outlives the first") {
  const Keyring keys = keyring();
  auto first = std::make_unique<TokenMinter>(keys);
  const TokenMinter second = *first;
  const std::string token = first->mint({.user = "alice"}, start).value();
  first.reset();
  CHECK(iv_of(second.mint({.user = "alice"}, start).value()) != iv_of(token));
}
