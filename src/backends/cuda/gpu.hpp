#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/library_product.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid {

/// What the choice of kernels depends on.
struct GpuTraits {
  std::string name;              ///< as the driver has it
  int processors = 1;            ///< streaming multiprocessors
  int architecture = 0;          ///< 90 is sm_90
  std::size_t memory_bytes = 0;  ///< 0 if it is that of the host
  double clock = 1.5e9;          ///< of the processors, per second
  double bandwidth = 1e12;       ///< of the memory, bytes per second
  std::size_t cache_bytes = 0;   ///< of the cache that all processors share
  std::string software = {};     ///< versions of what computes: the driver, the vendor's libraries
  bool has_tensor_cores() const { return architecture >= 70; }
  bool has_tf32() const { return architecture >= 80; }
};

/// Work that was captured, to be put into a stream again as a whole. Addresses in it are fixed.
class GpuGraph {
 public:
  GpuGraph() = default;
  GpuGraph(const GpuGraph&) = delete;
  GpuGraph& operator=(const GpuGraph&) = delete;
  virtual ~GpuGraph() = default;
};

/// A point in the work of a stream: what was there when it was recorded.
class GpuEvent {
 public:
  GpuEvent() = default;
  GpuEvent(const GpuEvent&) = delete;
  GpuEvent& operator=(const GpuEvent&) = delete;
  virtual ~GpuEvent() = default;

  /// Returns when that is done; at once if the event was never recorded.
  virtual void wait() = 0;

  /// Seconds from an earlier event, which is done, as this one is.
  virtual double seconds_since(const GpuEvent& start) const = 0;
};

/// Work of a device, one piece after the other. Nothing but wait() tells that it is done: until
/// then the memory that it reads and writes must live. Used by one thread at a time. All functions
/// throw Error (Device) if the device fails.
class GpuStream {
 public:
  GpuStream() = default;
  GpuStream(const GpuStream&) = delete;
  GpuStream& operator=(const GpuStream&) = delete;
  virtual ~GpuStream() = default;

  /// `args` are the bytes of the kernel's argument struct.
  virtual void launch(const cuda::Launch& launch, std::span<const std::byte> args) = 0;

  /// A product that library_products() of the same device has found.
  virtual void multiply(const LibraryProduct& product, const ProductAddresses& at) = 0;

  /// From the host to the device, and back. Memory of the host is of allocate_pinned() while work
  /// is captured.
  virtual void upload(std::byte* to, const std::byte* from, std::size_t bytes) = 0;
  virtual void download(std::byte* to, const std::byte* from, std::size_t bytes) = 0;

  /// Within the device.
  virtual void copy(std::byte* to, const std::byte* from, std::size_t bytes) = 0;

  /// Zeroes memory of the device.
  virtual void clear(std::byte* at, std::size_t bytes) = 0;

  virtual void record(GpuEvent& event) = 0;

  /// What comes after this waits for what was recorded, in whatever stream of the device.
  virtual void wait_for(const GpuEvent& event) = 0;

  /// From here to end_capture() work is recorded, not done. Another stream takes part from when it
  /// waits for an event of this one, until this one waits for an event of it.
  virtual void begin_capture() = 0;
  virtual std::unique_ptr<GpuGraph> end_capture() = 0;

  /// Puts all work of a graph, which outlives it, into the stream. The graph is of the same device.
  virtual void replay(GpuGraph& graph) = 0;

  /// Returns when all work is done.
  virtual void wait() = 0;

  /// As callers of the library have it: a CUstream.
  virtual void* handle() = 0;
};

/// A GPU, or what stands in for one. Safe to use from several threads at once.
class Gpu {
 public:
  Gpu() = default;
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  virtual ~Gpu() = default;

  virtual const GpuTraits& traits() const = 0;

  /// Memory of the device, aligned to 256 bytes, with any contents. Throws Error (Device) if there
  /// is not enough.
  virtual std::shared_ptr<std::byte> allocate(std::size_t bytes) = 0;

  /// Memory of the host that the device can read and write while the host does something else.
  virtual std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) = 0;

  virtual std::unique_ptr<GpuStream> make_stream() = 0;

  /// A caller's stream, by its handle(), which outlives this; null is the device's default stream.
  virtual std::unique_ptr<GpuStream> adopt_stream(void* handle) = 0;

  virtual std::unique_ptr<GpuEvent> make_event() = 0;

  /// Whether these bytes are memory of this device.
  virtual bool holds(const std::byte* at, std::size_t bytes) const = 0;

  /// Ways in which a vendor's library computes such a product, its favourite first; none if it is
  /// not there or cannot. They are the same for the same product, device and software.
  virtual std::vector<std::shared_ptr<const LibraryProduct>> library_products(
      const ProductLayout& layout) = 0;
};

/// The graph of what `add_work` puts into the stream; if that throws, nothing is captured.
std::unique_ptr<GpuGraph> capture(GpuStream& stream, const std::function<void()>& add_work);

/// A copy of `bytes` in the device's memory.
std::shared_ptr<const std::byte> upload(Gpu& gpu, std::span<const std::byte> bytes);

}  // namespace braid
