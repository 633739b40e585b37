#include "runtime/thread_limit.hpp"

#include <omp.h>

namespace braid {

int thread_count() {
  return omp_get_max_threads();
}

ThreadLimit::ThreadLimit(int threads) : before_(omp_get_max_threads()) {
  if (threads > 0) omp_set_num_threads(threads);
}

ThreadLimit::~ThreadLimit() {
  omp_set_num_threads(before_);
}

}  // namespace braid
