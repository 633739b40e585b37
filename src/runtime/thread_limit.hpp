#pragma once

namespace braid {

/// How many threads a parallel region that the calling thread opens has.
int thread_count();

/// Limits the threads of parallel regions that the calling thread opens, while it lives.
class ThreadLimit {
 public:
  /// 0: no limit.
  explicit ThreadLimit(int threads);
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;
  ~ThreadLimit();

 private:
  int before_;
};

}  // namespace braid
