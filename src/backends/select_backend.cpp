#include "backends/select_backend.hpp"

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/cuda_backend.hpp"
#include "backends/reference/reference_backend.hpp"
#include "support/assert.hpp"

namespace braid {

const Backend& select_backend(Device device) {
  switch (device) {
    case Device::Cpu:
      return cpu_backend();
    case Device::Cuda:
      return cuda_backend();
    case Device::CudaEmulated:
      return emulated_cuda_backend();
    case Device::Reference:
      return reference_backend();
  }
  BRAID_ASSERT(false, "every device has a backend");
}

}  // namespace braid
