// call_model_page TABLE MODEL: writes the page of the product, and the generated parts of the model's page.
// call_model_page --check TABLE MODEL: exit 1 if one of them is another one.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "call/product.hpp"

namespace {

std::string read(const char* file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_stale(const char* file, const std::string& fresh) {
  if (read(file) == fresh) return false;
  std::fprintf(stderr, "%s is stale: run call_model_page and look at what changed\n", file);
  return true;
}

bool write(const char* file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  return static_cast<bool>(out.flush());
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 4 && std::strcmp(argv[1], "--check") == 0;
  if (argc != 3 && !check) return std::fputs("usage: call_model_page [--check] TABLE MODEL\n", stderr), 2;
  const char *const table = argv[argc - 2], *const model = argv[argc - 1];
  auto product = call_product::walk();
  std::vector<std::string> missing;
  const std::string table_text = call_product::page(product);
  const std::string model_text = call_product::with_parts(read(model), product, missing);
  for (const std::string& wrong : product.wrong) std::fprintf(stderr, "%s\n", wrong.c_str());
  for (const std::string& part : missing) std::fprintf(stderr, "%s has no place for the part '%s'\n", model, part.c_str());
  bool good = product.wrong.empty() && missing.empty();
  if (check) {
    if (is_stale(table, table_text)) good = false;
    if (is_stale(model, model_text)) good = false;
  } else {
    good = write(table, table_text) && write(model, model_text) && good;
  }
  return good ? 0 : 1;
}
