#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>

namespace braid::cuda::emulator {

/// A stack on which functions run that can pause, one after the other. AddressSanitizer knows it.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Whether the last body has returned.
  bool is_idle() const { return body_ == nullptr; }

  /// Runs a body until it pauses or returns, which must not be by an exception. The fiber is idle;
  /// `body` lives until it is so again.
  void start(const std::function<void()>& body);

  /// Goes on with the body that has paused.
  void resume();

  /// From inside the body: goes back to whoever started or resumed it.
  void pause();

 private:
  void live();

  const std::function<void()>* body_ = nullptr;
  bool is_ending_ = false;
  boost::context::stack_context stack_;
  boost::context::fiber inside_;
  boost::context::fiber outside_;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace braid::cuda::emulator
