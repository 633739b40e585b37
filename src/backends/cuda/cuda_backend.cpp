#include "backends/cuda/cuda_backend.hpp"

#include <stdexcept>

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/bind.hpp"
#include "backends/cuda/device_runner.hpp"
#include "backends/cuda/driver/driver_gpu.hpp"
#include "backends/cuda/emulated_gpu.hpp"

namespace braid {
namespace {

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::string name, Gpu& gpu) : name_(std::move(name)), gpu_(gpu) {}

  std::string_view name() const override { return name_; }
  bool has_bound_kernels() const override { return true; }
  const Backend& host() const override { return cpu_backend(); }
  bool gains_by_parts() const override { return false; }

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

  std::unique_ptr<Runner> make_runner(std::shared_ptr<const Program> program) const override {
    return make_device_runner(gpu_, std::move(program));
  }

 private:
  // Sizes that kernels cannot count are errors of the standard library.
  std::unique_ptr<const BoundKernel> bind_on_device(const Operator& op,
                                                    PackedWeights& weights) const {
    const cuda::Binder binder = cuda::find_binder(op.domain, op.name);
    try {
      return binder == nullptr ? nullptr : binder(op, {gpu_, weights});
    } catch (const std::length_error&) {
      return nullptr;
    }
  }

  std::string name_;
  Gpu& gpu_;
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

std::unique_ptr<const Backend> make_cuda_backend(std::string name, Gpu& gpu) {
  return std::make_unique<CudaBackend>(std::move(name), gpu);
}

const Backend& cuda_backend() {
  static const std::unique_ptr<Gpu> gpu = open_gpu(0);
  static const std::unique_ptr<const Backend> backend = make_cuda_backend("cuda", *gpu);
  return *backend;
}

const Backend& emulated_cuda_backend() {
  constexpr int kProcessors = 4;  // so that small models have tiles of all sizes
  static EmulatedGpu gpu({.name = "emulated", .processors = kProcessors});
  static const CudaBackend backend("cuda-emulated", gpu);
  return backend;
}

}  // namespace braid
