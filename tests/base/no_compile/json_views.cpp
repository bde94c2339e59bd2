// Views of what is gone at the end of the line, and texts that have no view.
#include "zegocall/base/json.hpp"
using namespace zegocall;

struct Unhooked {};
Json made();

void use(const Json& kept, const Args& args) {
  JsonView view = kept;
  (void)view.get<std::string>("a");
  (void)made().get<std::string>("a");
  (void)args.get<JsonView>("0");
#if BAD == 1
  (void)view.get<std::string_view>("a");
#elif BAD == 2
  JsonView gone = made();
#elif BAD == 3
  (void)made().view();
#elif BAD == 4
  (void)made().get<JsonView>("a");
#elif BAD == 5
  (void)Args{1}[0];
#elif BAD == 6
  (void)view.get<Unhooked>("a");
#elif BAD == 7
  (void)JsonView::check(std::string("{}"));
#endif
}
