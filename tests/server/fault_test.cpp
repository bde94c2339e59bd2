// Built with the planted fault ZEGOCALL_FAULT_SEND_BEFORE_COMMIT: the check of service_thread_test must notice it.
#include <doctest/doctest.h>

#include "server/group_order.hpp"

using namespace zegocall::server_test;

TEST_CASE("a server that answers before it has committed is caught") {
  CHECK(!nothing_leaves_before_the_commit(false));
  CHECK(!nothing_leaves_before_the_commit(true));
}
