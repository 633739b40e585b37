#pragma once

#include <atomic>
#include <functional>

#include "backends/cuda/gpu.hpp"
#include "kernels/cuda/emulator/work_queue.hpp"

namespace braid {

/// What an emulated device has done.
struct GpuTraffic {
  std::atomic<std::size_t> launches = 0;  ///< of kernels, those in graphs included
  std::atomic<std::size_t> replays = 0;   ///< of graphs
  std::atomic<std::size_t> uploaded = 0;  ///< bytes
  std::atomic<std::size_t> downloaded = 0;
  std::atomic<std::size_t> copied = 0;     ///< within the device
  std::atomic<std::size_t> allocated = 0;  ///< bytes that are alive, those of the host left out
  std::atomic<std::size_t> products = 0;   ///< of the library
  std::atomic<std::uint64_t> clock = 0;    ///< nanoseconds that launches have taken
};

/// A device in the memory of the host, whose kernels the emulator runs (kernels/cuda/emulator). It
/// works when somebody waits, not before, and what was issued last goes first wherever streams and
/// events allow it; memory is NaN before it is written: who reads too early reads garbage.
class EmulatedGpu final : public Gpu {
 public:
  using Order = cuda::emulator::WorkOrder;

  /// It chooses kernels as if it had these traits.
  explicit EmulatedGpu(GpuTraits traits, Order order = Order::Reversed, std::uint32_t seed = 1);
  ~EmulatedGpu() override;

  const GpuTraits& traits() const override { return traits_; }
  std::shared_ptr<std::byte> allocate(std::size_t bytes) override;
  std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) override;
  std::unique_ptr<GpuStream> make_stream() override;
  std::unique_ptr<GpuStream> adopt_stream(void* handle) override;
  std::unique_ptr<GpuEvent> make_event() override;
  bool holds(const std::byte* at, std::size_t bytes) const override;

  /// Nanoseconds that a launch takes, as events have it; else ten thousand for each of its threads,
  /// which is about what they do take.
  using Price = std::function<std::uint64_t(const cuda::Launch& launch)>;
  void set_price(Price price);

  /// From here on there is a library of products: plain loops.
  void add_library() { has_library_ = true; }
  std::vector<std::shared_ptr<const LibraryProduct>> library_products(
      const ProductLayout& layout) override;

  const GpuTraffic& traffic() const;

  /// What memory, streams and events share.
  struct State;

 private:
  GpuTraits traits_;
  bool has_library_ = false;
  std::shared_ptr<State> state_;
};

}  // namespace braid
