#!/usr/bin/env bash
# setup.sh demo|test: installs what the demo or the tests need and is not there yet; does nothing when all is there.
# Asks for commands and headers, not for package names, so that another Node.js than Debian's is as good.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-demo}
case $what in demo | test) ;; *) echo "usage: scripts/setup.sh demo|test" >&2; exit 2 ;; esac

missing=()
command_or() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
file_or() { compgen -G "$1" >/dev/null || missing+=("$2"); }

command_or g++ g++
command_or cmake cmake
command_or ninja ninja-build
command_or pkg-config pkg-config
command_or ccache ccache
command_or node nodejs
command_or npm npm
file_or /usr/include/openssl/evp.h libssl-dev
file_or /usr/include/libwebsockets.h libwebsockets-dev
file_or '/usr/lib/*/libwebsockets-evlib_uv.so' libwebsockets-evlib-uv
file_or /usr/include/uv.h libuv1-dev
file_or /usr/include/sqlite3.h libsqlite3-dev
file_or /usr/include/crypt.h libcrypt-dev
file_or '/usr/include/CLI/CLI.hpp' libcli11-dev
if [ "$what" = test ]; then
  command_or python3 python3
  command_or git git
  command_or openssl openssl
  command_or clang++-14 clang-14
  command_or clang-format-14 clang-format-14
  command_or clang-tidy-14 clang-tidy-14
  command_or chromium chromium
  command_or ip iproute2
  command_or unshare util-linux
  command_or turnserver coturn
  file_or '/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a' libclang-rt-14-dev
  file_or /usr/include/doctest/doctest.h doctest-dev
  file_or /usr/include/rapidcheck.h librapidcheck-dev
  file_or /usr/include/nlohmann/json.hpp nlohmann-json3-dev
  file_or /usr/include/benchmark/benchmark.h libbenchmark-dev
  file_or /usr/include/jwt.h libjwt-dev
  file_or '/usr/include/python3*/Python.h' python3-dev
  file_or /usr/include/pybind11/pybind11.h pybind11-dev
  file_or /usr/lib/python3/dist-packages/socketio/__init__.py python3-socketio
  file_or /usr/lib/python3/dist-packages/aiohttp/__init__.py python3-aiohttp
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing ${missing[*]}"
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "setup: not root, and no sudo: please install ${missing[*]}" >&2; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# The stock Socket.IO client for the page; the tests also want the browser driver
# and the stock server.
modules=(socket.io-client)
npm_flags=(--omit=dev)
if [ "$what" = test ]; then modules+=(playwright-core socket.io socket.io-client-2 ws) npm_flags=(); fi
for module in "${modules[@]}"; do
  if [ ! -f "node_modules/$module/package.json" ]; then
    echo "setup: installing the npm packages of package-lock.json"
    npm ci --silent "${npm_flags[@]}"
    break
  fi
done
