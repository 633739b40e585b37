#include "kernels/cuda/emulator/fiber.hpp"

#include <boost/context/protected_fixedsize_stack.hpp>
#include <utility>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace braid::cuda::emulator {
namespace {

// Kernels keep their tiles in registers, which are the stack here; sanitizers want more of it.
constexpr std::size_t kStackBytes = 256 << 10;

void start_switch([[maybe_unused]] void** fake, [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] std::size_t size) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(fake, bottom, size);
#endif
}

void finish_switch([[maybe_unused]] void* fake, [[maybe_unused]] const void** bottom,
                   [[maybe_unused]] std::size_t* size) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake, bottom, size);
#endif
}

}  // namespace

Fiber::Fiber() {
  boost::context::protected_fixedsize_stack allocator(kStackBytes);
  stack_ = allocator.allocate();
  const boost::context::preallocated place(stack_.sp, stack_.size, stack_);
  inside_ = boost::context::fiber(std::allocator_arg, place, allocator,
                                  [this](boost::context::fiber&& outside) {
                                    outside_ = std::move(outside);
                                    live();
                                    return std::move(outside_);
                                  });
}

// The library frees the stack once its function has returned.
Fiber::~Fiber() {
  is_ending_ = true;
  resume();
}

void Fiber::start(const std::function<void()>& body) {
  body_ = &body;
  resume();
}

void Fiber::resume() {
  void* fake = nullptr;
  start_switch(&fake, static_cast<const char*>(stack_.sp) - stack_.size, stack_.size);
  inside_ = std::move(inside_).resume();
  finish_switch(fake, nullptr, nullptr);
}

void Fiber::live() {
  finish_switch(nullptr, &outside_bottom_, &outside_size_);
  while (!is_ending_) {
    (*body_)();
    body_ = nullptr;
    pause();
  }
  start_switch(nullptr, outside_bottom_, outside_size_);
}

void Fiber::pause() {
  void* fake = nullptr;
  start_switch(&fake, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  finish_switch(fake, &outside_bottom_, &outside_size_);
}

}  // namespace braid::cuda::emulator
