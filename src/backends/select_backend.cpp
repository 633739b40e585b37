#include "backends/select_backend.hpp"

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/device_access.hpp"
#include "backends/reference/reference_backend.hpp"
#include "braid/device.hpp"
#include "braid/error.hpp"
#include "support/assert.hpp"

namespace braid {

const Backend& select_backend(Device device, Precision precision, const Tuning& tuning) {
  const bool is_gpu = device == Device::Cuda || device == Device::CudaEmulated;
  if (!is_gpu && precision != Precision::Float32) {
    throw Error(
        ErrorKind::Usage,
        "--precision: only a GPU computes with another one than fp32; use --device cuda, or leave "
        "it out");
  }
  if (!is_gpu && (tuning.measures == true || !tuning.file.empty())) {
    throw Error(ErrorKind::Usage,
                "--tune, --tune-cache: only a GPU has several kernels for a layer; use --device "
                "cuda, or leave them out");
  }
  switch (device) {
    case Device::Cpu:
      return cpu_backend();
    case Device::Cuda:
      return cuda_backend(precision, tuning);
    case Device::CudaEmulated:
      return emulated_cuda_backend(precision, tuning);
    case Device::Reference:
      return reference_backend();
  }
  BRAID_ASSERT(false, "every device has a backend");
}

std::unique_ptr<DeviceAccess> access_device(Device device) {
  if (device == Device::Cuda) return make_device_access(driver_gpu());
  if (device == Device::CudaEmulated) return make_device_access(emulated_gpu());
  throw Error(ErrorKind::Usage, "only a GPU has memory of its own; use Device::Cuda");
}

}  // namespace braid
