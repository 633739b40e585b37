#include "backends/cuda/cuda_backend.hpp"

#include <map>
#include <mutex>
#include <stdexcept>

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/device_program.hpp"
#include "backends/cuda/device_runner.hpp"
#include "backends/cuda/driver/driver_gpu.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "backends/cuda/estimate_load.hpp"
#include "braid/error.hpp"

namespace braid {
namespace {

// Each has activations of its own in the arena; some 16 kernels fill most devices.
constexpr std::size_t kMostStreams = 16;

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::string name, Gpu& gpu, Precision precision, cuda::Tuner* tuner)
      : name_(std::move(name)), gpu_(gpu), precision_(precision), tuner_(tuner) {}

  std::string_view name() const override { return name_; }
  bool has_bound_kernels() const override { return true; }
  const Backend& host() const override { return cpu_backend(); }
  bool gains_by_parts() const override { return false; }
  bool adds_any_bias() const override { return true; }
  bool groups_products() const override { return true; }
  std::size_t most_streams() const override { return kMostStreams; }

  StepLoad estimate(const BoundKernel& kernel, const Work& work) const override {
    return cuda::estimate_load(kernel, work, gpu_.traits());
  }

  bool fuses(DType dtype) const override { return cuda::element_of(dtype).has_value(); }

  DType float_storage() const override {
    if (precision_ == Precision::Float16) return DType::Float16;
    return precision_ == Precision::BFloat16 ? DType::BFloat16 : DType::Float32;
  }

  std::vector<std::string> warnings() const override {
    return tuner_ == nullptr ? std::vector<std::string>() : tuner_->warnings();
  }

  KernelFunction find_kernel(const KernelQuery& query) const override {
    return host().find_kernel(query);
  }

  // Passes ask for what is worth to be fused, which a kernel of the host makes nothing.
  std::unique_ptr<const BoundKernel> bind(const Operator& op,
                                          PackedWeights& weights) const override {
    if (auto kernel = bind_on_device(op, weights)) return kernel;
    return weights.is_asking() ? nullptr : host().bind(op, weights);
  }

  PackedWeights::Bytes to_device(const Tensor& constant, PackedWeights& weights) const override {
    return cuda::Target{gpu_, weights}.pack(
        constant, "plain", constant.bytes(), [&](std::byte* to) {
          constant.for_each_piece(
              [&](auto piece) { to = std::copy(piece.begin(), piece.end(), to); });
        });
  }

  std::unique_ptr<Runner> make_runner(std::shared_ptr<const Program> program,
                                      Arena arena) const override {
    return make_device_runner(gpu_, std::move(program), std::move(arena));
  }

  std::unique_ptr<DeviceProgram> make_device_program(std::shared_ptr<const Program> program,
                                                     const PortNames& names,
                                                     Launching launching) const override {
    return braid::make_device_program(gpu_, std::move(program), names, launching);
  }

 private:
  // Sizes that kernels cannot count are errors of the standard library.
  std::unique_ptr<const BoundKernel> bind_on_device(const Operator& op,
                                                    PackedWeights& weights) const {
    const cuda::Binder binder = cuda::find_binder(op.domain, op.name);
    try {
      const bool rounds_floats = precision_ == Precision::TensorFloat32;
      return binder == nullptr ? nullptr : binder(op, {gpu_, weights, rounds_floats, tuner_});
    } catch (const std::length_error&) {
      return nullptr;
    }
  }

  std::string name_;
  Gpu& gpu_;
  Precision precision_;
  cuda::Tuner* tuner_;
};

// Those of one GPU, each made when it is first asked for.
class BackendsOf {
 public:
  BackendsOf(std::string name, Gpu& gpu, bool measures)
      : name_(std::move(name)), gpu_(gpu), measures_(measures) {}

  const Backend& with(Precision precision, const Tuning& tuning) {
    const std::lock_guard lock(mutex_);
    cuda::Tuner* const tuner = tuner_for(tuning);
    std::unique_ptr<const Backend>& backend = backends_[{precision, tuner}];
    if (!backend) backend = make_cuda_backend(name_, gpu_, precision, tuner);
    return *backend;
  }

 private:
  cuda::Tuner* tuner_for(const Tuning& tuning) {
    if (!tuning.measures.value_or(measures_)) return nullptr;
    const std::filesystem::path file =
        tuning.file.empty() ? default_tuning_file(gpu_.traits().name) : tuning.file;
    std::unique_ptr<cuda::Tuner>& tuner = tuners_[file];
    if (!tuner) tuner = std::make_unique<cuda::Tuner>(gpu_, file);
    return tuner.get();
  }

  std::string name_;
  Gpu& gpu_;
  bool measures_;
  std::mutex mutex_;
  std::map<std::filesystem::path, std::unique_ptr<cuda::Tuner>> tuners_;
  std::map<std::pair<Precision, cuda::Tuner*>, std::unique_ptr<const Backend>> backends_;
};

}  // namespace

PackedWeights::Bytes cuda::Target::pack(const Tensor& weight, const std::string& format,
                                        std::size_t bytes,
                                        const std::function<void(std::byte*)>& pack) const {
  return weights.keep(weight, "cuda " + format, bytes, [&] {
    std::vector<std::byte> packed(bytes);
    pack(packed.data());
    return upload(gpu, packed);
  });
}

std::unique_ptr<const Backend> make_cuda_backend(std::string name, Gpu& gpu, Precision precision,
                                                 cuda::Tuner* tuner) {
  if (precision == Precision::TensorFloat32 && !gpu.traits().has_tf32()) {
    throw Error(ErrorKind::Device,
                gpu.traits().name + " has no tf32, which Ampere has first; use fp32 instead");
  }
  return std::make_unique<CudaBackend>(std::move(name), gpu, precision, tuner);
}

Gpu& driver_gpu() {
  static const std::unique_ptr<Gpu> gpu = open_gpu(0);
  return *gpu;
}

Gpu& emulated_gpu() {
  // As many processors as give small models tiles of all sizes; tensor cores for all types.
  static EmulatedGpu gpu({.name = "emulated", .processors = 4, .architecture = 80});
  return gpu;
}

const Backend& cuda_backend(Precision precision, const Tuning& tuning) {
  static BackendsOf backends("cuda", driver_gpu(), true);
  return backends.with(precision, tuning);
}

const Backend& emulated_cuda_backend(Precision precision, const Tuning& tuning) {
  static BackendsOf backends("cuda-emulated", emulated_gpu(), false);
  return backends.with(precision, tuning);
}

}  // namespace braid
