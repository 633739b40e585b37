#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/types.hpp"

namespace braid {

/// Memory of a device, as the caller has it: a CUdeviceptr or what cudaMalloc yields.
struct DeviceSpan {
  void* data = nullptr;
  std::size_t bytes = 0;
};

/// An input or output of a DeviceProgram: contiguous elements of one type.
///
/// Ports of one block are parts of one value of the program, such as the members' outputs where
/// the merged model computes them stacked. Where the caller's memory of all of them lies as they do
/// there, each `offset` bytes behind one address that is a multiple of 64, kernels read and write
/// it where it is. Otherwise, and wherever `is_copied` is set, the data are copied within the
/// device.
struct DevicePort {
  std::string name;
  DType dtype = DType::Undefined;
  std::vector<std::int64_t> dims;
  std::size_t bytes = 0;
  std::size_t block = 0;   ///< inputs and outputs are numbered together
  std::size_t offset = 0;  ///< bytes from the start of the block
  bool is_copied = false;  ///< always
};

/// A model prepared by Executable::on_device() for inputs of fixed dims, whose inputs and outputs
/// are the caller's memory of the device. It owns the memory for what it computes in between, and
/// shares weights with the Executable that made it and with others of that. Used by one thread at a
/// time.
class DeviceProgram {
 public:
  DeviceProgram() = default;
  DeviceProgram(const DeviceProgram&) = delete;
  DeviceProgram& operator=(const DeviceProgram&) = delete;

  /// Waits for its runs.
  virtual ~DeviceProgram() = default;

  /// As Executable::inputs() and outputs().
  virtual const std::vector<DevicePort>& inputs() const = 0;
  virtual const std::vector<DevicePort>& outputs() const = 0;

  /// Of the device, for what it computes in between; weights not counted.
  virtual std::size_t memory_bytes() const = 0;

  /// Puts one run into the caller's stream (a CUstream; null is the default stream) and returns
  /// before it is done; nothing is copied to or from the host. The memory must live until then, and
  /// the stream must not be capturing. Runs of one DeviceProgram follow each other, also in
  /// different streams; for runs at once make several. The graphs of the eight sets of addresses
  /// used last are kept: one is launched directly when it is new, captured when it comes again, and
  /// replayed from then on.
  /// Throws Error (BadInput) that lists what does not fit: number, bytes, alignment to the element,
  /// memory that is not the device's, outputs that overlap; Error (Device) if the device fails.
  virtual void run(std::span<const DeviceSpan> inputs, std::span<const DeviceSpan> outputs,
                   void* stream) = 0;

  /// Waits for all runs so far. Throws Error (BadInput) naming the node if the data of one of them
  /// were wrong, such as an index out of range: its outputs mean nothing then.
  virtual void check() = 0;
};

/// Memory and streams of a device, for callers that have no CUDA of their own to get them from.
/// Safe to use from several threads at once. All functions throw Error (Device).
class DeviceAccess {
 public:
  DeviceAccess() = default;
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
  virtual ~DeviceAccess() = default;

  /// Aligned to 256 bytes, with any contents.
  virtual std::shared_ptr<void> allocate(std::size_t bytes) = 0;

  /// A CUstream.
  virtual std::shared_ptr<void> make_stream() = 0;

  /// These return when the copy is done, behind all that is in the stream.
  virtual void upload(void* to, std::span<const std::byte> from, void* stream) = 0;
  virtual void download(std::span<std::byte> to, const void* from, void* stream) = 0;

  /// What comes into `stream` later waits for what is in `other` now.
  virtual void follow(void* stream, void* other) = 0;

  /// Returns when all that is in the stream is done.
  virtual void wait(void* stream) = 0;

  /// Seconds, by the device's clock, from the start to the end of what `work` puts into the stream,
  /// which is done afterwards.
  virtual double time(void* stream, const std::function<void()>& work) = 0;
};

/// The device that models are compiled for. Throws Error (Usage) if it is no GPU, Error (Device) if
/// it is not there.
std::unique_ptr<DeviceAccess> access_device(Device device);

}  // namespace braid
