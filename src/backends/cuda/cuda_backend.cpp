#include "backends/cuda/cuda_backend.hpp"

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/bind.hpp"
#include "backends/cuda/device_runner.hpp"
#include "backends/cuda/emulated_device.hpp"

namespace braid {
namespace {

/// What has no kernel on the device runs as the CPU has it, on the host.
class CudaBackend final : public Backend {
 public:
  CudaBackend(std::string name, Device& device) : name_(std::move(name)), device_(device) {}

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
    if (const cuda::Binder binder = cuda::find_binder(op.domain, op.name)) {
      if (auto kernel = binder(op, {device_, weights})) return kernel;
    }
    return weights.is_asking() ? nullptr : host().bind(op, weights);
  }

  PackedWeights::Bytes to_device(const Tensor& constant, PackedWeights& weights) const override {
    return cuda::Target{device_, weights}.pack(constant, "plain", constant.bytes(),
                                               [&](std::byte* to) {
                                                 constant.for_each_piece([&](auto piece) {
                                                   to = std::copy(piece.begin(), piece.end(), to);
                                                 });
                                               });
  }

  std::unique_ptr<Runner> make_runner(std::shared_ptr<const Program> program) const override {
    return make_device_runner(device_, std::move(program));
  }

 private:
  std::string name_;
  Device& device_;
};

}  // namespace

PackedWeights::Bytes cuda::Target::pack(const Tensor& weight, const std::string& format,
                                        std::size_t bytes,
                                        const std::function<void(std::byte*)>& pack) const {
  return weights.keep(weight, "cuda " + format, bytes, [&] {
    std::vector<std::byte> packed(bytes);
    pack(packed.data());
    return upload(device, packed);
  });
}

const Backend& emulated_cuda_backend() {
  constexpr int kProcessors = 4;  // so that small models have tiles of all sizes
  static EmulatedDevice device({.name = "emulated", .processors = kProcessors});
  static const CudaBackend backend("cuda-emulated", device);
  return backend;
}

}  // namespace braid
