// call_model_page FILE: writes the page of the product. call_model_page --check FILE: exit 1 if the file is another one.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "call/product.hpp"

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::strcmp(argv[1], "--check") == 0;
  if (argc != 2 && !check) return std::fputs("usage: call_model_page [--check] FILE\n", stderr), 2;
  const char* const file = argv[argc - 1];
  const auto product = call_product::walk();
  for (const std::string& wrong : product.wrong) std::fprintf(stderr, "%s\n", wrong.c_str());
  const std::string page = call_product::page(product);
  if (check) {
    std::ifstream in(file);
    const std::string there{std::istreambuf_iterator<char>(in), {}};
    if (there != page) std::fprintf(stderr, "%s is stale: run call_model_page %s and look at what changed\n", file, file);
    return there == page && product.wrong.empty() ? 0 : 1;
  }
  std::ofstream out(file);
  out << page;
  return out.flush() && product.wrong.empty() ? 0 : 1;
}
