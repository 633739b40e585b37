#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "kernels/cuda/emulator/emulator.hpp"
#include "kernels/cuda/emulator/fiber.hpp"
#include "kernels/cuda/launch.hpp"

/// One thread block on the host: a fiber per CUDA thread, all of which run on the calling thread.
namespace braid::cuda::emulator {

/// What a byte of memory holds that nobody has written: floats of it, half or whole, are NaN.
inline constexpr unsigned char kPoison = 0xFF;

class Block {
 public:
  /// `run_thread` is one CUDA thread of the kernel, for the block and thread that are current.
  Block(const Launch& launch, std::function<void()> run_thread, Schedule schedule);

  /// Runs all threads of the block at `index` to their end. Throws EmulatorError.
  void run(Size3 index);

  /// The block that runs on this thread of the host.
  static Block& current() { return *running_block; }

  // What the running CUDA thread sees and does.
  const Size3& thread_index() const { return running().index; }
  const Size3& block_index() const { return index_; }
  const Size3& block_size() const { return launch_.block; }
  const Size3& grid_size() const { return launch_.grid; }
  unsigned lane() const { return running_ % kWarp; }
  void sync_block(const char* place) { arrive(State::AtBlock, place); }
  void sync_warp(const char* place) { arrive(State::AtWarp, place); }
  std::byte* dynamic_shared() { return dynamic_shared_.data(); }

  /// The block's variable of this tag, not initialised; an address of its own is what makes a tag.
  template <class T>
  T& shared(const void* tag) {
    return *reinterpret_cast<T*>(shared_variable(tag, sizeof(T)));
  }

  /// The value that the lane `source` of the warp gives in the same call.
  template <class T>
  T exchange(T value, unsigned source, const char* place);

 private:
  static constexpr unsigned kWarp = 32;
  enum class State : std::uint8_t { Ready, AtWarp, AtBlock, Done };
  struct Thread {
    Size3 index;
    State state = State::Done;
    const char* place = nullptr;  // the barrier it waits at
  };
  struct Slot {
    std::uint64_t value = 0;
    std::uint64_t call = 0;
  };
  struct Warp {
    unsigned live = 0;
    unsigned waiting = 0;
  };
  struct Shared {
    const void* tag = nullptr;
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  struct Abandoned {};  // thrown through a kernel whose block has failed

  const Thread& running() const { return threads_[running_]; }
  void run_current_thread();
  void start();
  void arrive(State barrier, const char* place);
  void release(unsigned first, unsigned last, State barrier);
  void finish_thread();
  void order_threads();
  bool run_threads();
  void abandon();
  std::byte* shared_variable(const void* tag, std::size_t size);
  void fail_stuck();

  static thread_local Block* running_block;
  static thread_local std::vector<std::unique_ptr<Fiber>> fibers;  // kept from launch to launch

  Launch launch_;
  std::function<void()> run_thread_;
  std::function<void()> body_;
  Schedule schedule_;
  std::minstd_rand random_;
  Size3 index_;
  unsigned running_ = 0;
  unsigned live_ = 0;
  unsigned waiting_ = 0;
  unsigned round_ = 0;
  bool is_abandoned_ = false;
  std::exception_ptr failure_;
  std::vector<Thread> threads_;
  std::vector<unsigned> order_;
  std::vector<Warp> warps_;
  std::vector<std::uint64_t> calls_;  // exchanges that each thread has taken part in
  std::vector<Slot> slots_;           // two per thread: who is late reads one, who is early writes
  std::vector<Shared> shared_;
  std::vector<std::byte> dynamic_shared_;
};

template <class T>
T Block::exchange(T value, unsigned source, const char* place) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  const std::uint64_t call = ++calls_[running_];
  Slot& own = slots_[2 * running_ + call % 2];
  std::memcpy(&own.value, &value, sizeof(T));
  own.call = call;
  sync_warp(place);
  const unsigned from = running_ / kWarp * kWarp + source % kWarp;
  if (from >= threads_.size() || slots_[2 * from + call % 2].call != call)
    throw EmulatorError("a shuffle reads a lane that does not take part in it", place);
  std::memcpy(&value, &slots_[2 * from + call % 2].value, sizeof(T));
  return value;
}

}  // namespace braid::cuda::emulator
