#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/datum.hpp"
#include "braid/graph.hpp"

namespace braid {

enum class Device {
  Cpu,
  Cuda,
  CudaEmulated,  ///< the kernels of Cuda, run by the processor: very slow, for tests
  Reference,     ///< plain loops in double precision: slow, and the definition of correct
};

/// A named input or output.
struct Port {
  std::string name;
  Type type;
};

/// One step of a Program, as --dump-program shows it.
struct StepReport {
  std::string place;   ///< "node 'conv_17' (Conv)"
  std::string op;      ///< "Conv"; of fused operators the first or what they became
  std::string kernel;  ///< what computes it; on a device: "on the host: ..." if that is not there
  std::string choice;  ///< why this kernel: "large tiles: measured 12.3 us, best of 5"; or empty
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;  ///< "float[8,64] at 4096"
  std::size_t workspace = 0;         ///< bytes
  std::size_t launches = 0;          ///< of kernels on a device
  std::size_t stream = 0;            ///< steps of different streams may run at once there
  std::size_t bytes_moved = 0;       ///< of operands read and written; 0 if sizes are not known

  /// Additions and multiplications of products, convolutions and recurrent layers.
  std::optional<std::int64_t> flops;
  double seconds = 0;  ///< shortest time of the runs that profile() made
};

/// What runs for inputs of one shape.
struct ProgramReport {
  std::vector<StepReport> steps;
  std::size_t arena_bytes = 0;     ///< activations and workspace
  std::size_t streams = 1;         ///< of a device, in which the steps run
  std::size_t constant_bytes = 0;  ///< that steps read as the file has them
  std::size_t weight_bytes = 0;    ///< of the model's constants, each counted once
  std::size_t packed_bytes = 0;    ///< constants in layouts that kernels made, of all Programs
  std::string remark;              ///< why it is slower than it could be; empty if it is not

  /// What was lost, or went wrong without making a result wrong: constants that the Precision asked
  /// for cannot hold, a file of measured kernels that is damaged.
  std::vector<std::string> warnings = {};
};

class DeviceProgram;  // braid/device.hpp

/// What launches the kernels of a DeviceProgram.
enum class Launching {
  Replayed,  ///< a captured graph
  OneByOne,  ///< the host, kernel by kernel, as frameworks do: to compare with
};

/// A model that can be run. When it first meets a shape of the inputs it makes a Program, a list of
/// steps with kernels and memory offsets, or one per member of a merged model whose members share
/// nothing: these run side by side, each on one thread. It keeps those of the 32 shapes used last.
/// Copies share everything. All functions are safe to call from several threads at once.
class Executable {
 public:
  class Impl;
  explicit Executable(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  /// Inputs that run() needs, without those that have a default in the file.
  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;

  /// Computes all outputs, in the order of outputs(). `inputs` are in the order of inputs(); type,
  /// rank and known dims must agree, and one symbol must have one size.
  /// Throws Error (BadInput) naming what was expected, or naming the node that failed.
  std::vector<Datum> run(std::span<const Datum> inputs) const;

  /// run() for a model that takes and yields tensors only. Throws Error (Unsupported) for others.
  std::vector<Tensor> run(std::span<const Tensor> inputs) const;

  /// Prepares it for inputs and outputs in memory of the GPU that it was compiled for: dims of all
  /// inputs(), in their order. Each DeviceProgram has memory of its own; weights are shared. Throws
  /// Error (Usage) if it was compiled for no GPU, Error (BadInput) if the dims do not fit, and
  /// Error (Unsupported) naming what only the host can compute: then use run().
  std::unique_ptr<DeviceProgram> on_device(std::span<const std::vector<std::int64_t>> dims,
                                           Launching launching = Launching::Replayed) const;

  /// The Program that run() takes for inputs of these types and dims. Throws as run() does.
  /// Subgraphs have Programs of their own, which are not in it.
  ProgramReport report(std::span<const Datum> inputs) const;

  /// report() with the times of the steps, from `runs` runs.
  ProgramReport profile(std::span<const Datum> inputs, int runs) const;

 private:
  std::shared_ptr<Impl> impl_;
};

/// What floats of a model are computed with, and stored as. Sums are float in each; inputs and
/// outputs have the model's types.
enum class Precision {
  Float32,
  TensorFloat32,  ///< on tensor cores: factors of products have 10 bits behind the point
  Float16,        ///< weights, and values between steps; numbers up to 65504
  BFloat16,       ///< the same with the range of float and 7 bits behind the point
};

/// How the kernel of a layer is chosen where a GPU has several for it.
struct Tuning {
  /// Whether they are measured, when a layer is first met; else a model of the device chooses. By
  /// default they are on a GPU, and not on what stands in for one.
  std::optional<bool> measures = {};

  /// Where measured times are kept: $XDG_CACHE_HOME/braid/tuned-DEVICE.json if empty.
  std::filesystem::path file = {};
};

struct CompileOptions {
  Device device = Device::Cpu;
  int threads = 0;  ///< 0: as many as the machine has cores

  /// Names of members of a merged model; empty: all. Only the outputs of these are computed, and
  /// only their inputs are asked for.
  std::vector<std::string> members = {};

  Precision precision = Precision::Float32;  ///< of devices that have others
  Tuning tuning = {};                        ///< of devices that have several kernels

  /// On a GPU: products that do not depend on each other, also of several members, may be one
  /// launch.
  bool groups_products = true;
};

/// Prepares a model to run. Constants are shared with the model, not copied, where kernels read
/// them as they are. Throws Error (Unsupported) that names every operator without a kernel, Error
/// (Device) if the device is not there, Error (BadInput) if a weight has no data or if there are no
/// members to choose from, Error (Usage) if none has a name that was given.
Executable compile(const Model& model, const CompileOptions& options = {});

}  // namespace braid
