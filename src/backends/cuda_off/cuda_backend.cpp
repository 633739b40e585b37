#include "backends/cuda_off/cuda_backend.hpp"

#include "braid/error.hpp"

namespace braid {

const Backend& cuda_backend() {
  throw Error(ErrorKind::Device, "this build has no CUDA backend; use --device cpu");
}

}  // namespace braid
