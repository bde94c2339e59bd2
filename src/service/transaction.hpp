// One way to change a store: inside the group's transaction where there is one, else in a transaction of one's own.
#pragma once

#include <type_traits>

#include "base/planted_fault.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::service_detail {

/// True for what the store itself reports; everything else is an answer, and answers are kept.
inline bool is_store_failure(const Error& error) {
  return error.code == ErrorCode::store_unavailable || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::store_corrupt;
}

/// What a caller is told of a store's failure; never a driver's own words for another code than these.
inline Unexpected store_failed(const Error& error) {
  return error.code == ErrorCode::conflict ? fail(ErrorCode::store_unavailable, "too many writers at once, try again")
                                           : unexpected(error);
}

/// Runs `work`, which returns a Result. A refusal is committed like a success (its answer may have been remembered);
/// a failure of the store takes everything back.
template <class Work>
std::invoke_result_t<Work&> in_transaction(Store& store, Work work) {
  if (store.in_transaction()) return work();
  if (auto begun = store.begin(); !begun) return unexpected(begun.error());
  auto result = work();
  if (!result && is_store_failure(result.error())) {
    if (ZC_PLANTED(commit_half))
      (void)store.commit();
    else
      store.rollback();
    return result;
  }
  if (auto committed = store.commit(); !committed) {
    if (store.in_transaction()) store.rollback();
    if (!ZC_PLANTED(acknowledge_failed_commit)) return unexpected(committed.error());
  }
  return result;
}

}  // namespace zegocall::service_detail
