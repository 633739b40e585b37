#include "kernels/cuda/emulator/block.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace braid::cuda::emulator {

thread_local Block* Block::running_block = nullptr;
thread_local std::vector<std::unique_ptr<Fiber>> Block::fibers;

Block::Block(const Launch& launch, std::function<void()> run_thread, Schedule schedule)
    : launch_(launch),
      run_thread_(std::move(run_thread)),
      body_([this] { run_current_thread(); }),
      schedule_(schedule),
      random_(schedule.seed),
      dynamic_shared_(launch.shared_bytes) {
  const Size3 size = launch.block;
  const unsigned count = size.x * size.y * size.z;
  threads_.resize(count);
  order_.resize(count);
  warps_.resize((count + kWarp - 1) / kWarp);
  calls_.resize(count);
  slots_.resize(2 * count);
  for (unsigned i = 0; i < count; ++i)
    threads_[i].index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
  while (fibers.size() < count)
    fibers.push_back(std::make_unique<Fiber>());
}

void Block::run_current_thread() {
  try {
    run_thread_();
    finish_thread();
  } catch (const Abandoned&) {
    threads_[running_].state = State::Done;
  } catch (const EmulatorError&) {
    threads_[running_].state = State::Done;
    failure_ = std::current_exception();
  }
}

void Block::start() {
  std::ranges::fill(dynamic_shared_, std::byte{kPoison});
  for (const Shared& variable : shared_)
    std::memset(variable.bytes.get(), kPoison, variable.size);
  for (Thread& thread : threads_)
    thread.state = State::Ready;
  live_ = static_cast<unsigned>(threads_.size());
  waiting_ = 0;
  for (unsigned i = 0; i < warps_.size(); ++i)
    warps_[i] = {std::min(kWarp, live_ - i * kWarp), 0};
  std::fill(calls_.begin(), calls_.end(), 0);
  std::fill(slots_.begin(), slots_.end(), Slot{});
}

void Block::run(Size3 index) {
  Block* const outer = std::exchange(running_block, this);
  index_ = index;
  start();
  while (live_ > 0 && failure_ == nullptr) {
    order_threads();
    if (!run_threads()) fail_stuck();
  }
  if (failure_ != nullptr) abandon();
  running_block = outer;
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
}

// Those that can run, each once; or those of the first warp that has any. False if there are none.
bool Block::run_threads() {
  const bool is_by_warp =
      schedule_.order == Order::WarpByWarp || schedule_.order == Order::WarpByWarpBackward;
  bool has_run = false;
  for (const unsigned i : order_) {
    if (threads_[i].state != State::Ready) continue;
    if (is_by_warp && has_run && i / kWarp != running_ / kWarp) break;
    running_ = i;
    Fiber& fiber = *fibers[i];
    if (fiber.is_idle()) {
      fiber.start(body_);
    } else {
      fiber.resume();
    }
    has_run = true;
  }
  return has_run;
}

void Block::order_threads() {
  std::iota(order_.begin(), order_.end(), 0U);
  const bool is_backward = schedule_.order == Order::Backward ||
                           schedule_.order == Order::WarpByWarpBackward ||
                           (schedule_.order == Order::Alternating && round_++ % 2 == 1);
  if (is_backward) std::reverse(order_.begin(), order_.end());
  if (schedule_.order == Order::Random) std::shuffle(order_.begin(), order_.end(), random_);
}

void Block::arrive(State barrier, const char* place) {
  Thread& thread = threads_[running_];
  thread.place = place;
  thread.state = barrier;
  Warp& warp = warps_[running_ / kWarp];
  const unsigned first = running_ / kWarp * kWarp;
  if (barrier == State::AtWarp && ++warp.waiting == warp.live)
    release(first, first + kWarp, barrier);
  if (barrier == State::AtBlock && ++waiting_ == live_)
    release(0, static_cast<unsigned>(threads_.size()), barrier);
  if (thread.state == State::Ready) return;
  fibers[running_]->pause();
  if (is_abandoned_) throw Abandoned{};
}

void Block::release(unsigned first, unsigned last, State barrier) {
  (barrier == State::AtWarp ? warps_[first / kWarp].waiting : waiting_) = 0;
  last = std::min(last, static_cast<unsigned>(threads_.size()));
  for (unsigned i = first; i < last; ++i) {
    if (threads_[i].state == barrier) threads_[i].state = State::Ready;
  }
}

// Threads that have returned are waited for no more.
void Block::finish_thread() {
  threads_[running_].state = State::Done;
  --live_;
  Warp& warp = warps_[running_ / kWarp];
  --warp.live;
  const unsigned first = running_ / kWarp * kWarp;
  if (warp.live > 0 && warp.waiting == warp.live) release(first, first + kWarp, State::AtWarp);
  if (live_ > 0 && waiting_ == live_)
    release(0, static_cast<unsigned>(threads_.size()), State::AtBlock);
}

void Block::fail_stuck() {
  for (const Thread& thread : threads_) {
    if (thread.state == State::Done) continue;
    failure_ = std::make_exception_ptr(
        EmulatorError("threads wait at different barriers, one of them", thread.place));
    return;
  }
}

// Unwinds the threads that wait at a barrier, so that the fibers can be used again.
void Block::abandon() {
  is_abandoned_ = true;
  for (running_ = 0; running_ < threads_.size(); ++running_) {
    if (!fibers[running_]->is_idle()) fibers[running_]->resume();
  }
  is_abandoned_ = false;
}

std::byte* Block::shared_variable(const void* tag, std::size_t size) {
  for (const Shared& variable : shared_) {
    if (variable.tag == tag) return variable.bytes.get();
  }
  Shared& made = shared_.emplace_back(Shared{tag, std::make_unique<std::byte[]>(size), size});
  std::memset(made.bytes.get(), kPoison, size);
  return made.bytes.get();
}

}  // namespace braid::cuda::emulator
