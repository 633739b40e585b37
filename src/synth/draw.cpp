#include "synth/draw.hpp"

#include <Eigen/Core>

#include "support/assert.hpp"
#include "synth/random.hpp"

namespace braid {
namespace {

template <class T>
void fill(Tensor& tensor, const Distribution& distribution, std::uint64_t key) {
  const RandomStream random(key);
  const auto values = tensor.mutable_data<T>();
  const auto count = static_cast<std::int64_t>(values.size());
#pragma omp parallel for schedule(static) if (count > 4096)
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::uint64_t>(i);
    const double noise = distribution.is_uniform ? random.uniform(at) : random.normal(at);
    // Rounded before the addition: a fused multiply-add would give other bits on other machines.
    const auto scaled = static_cast<float>(distribution.scale * noise);
    values[static_cast<std::size_t>(i)] = static_cast<T>(distribution.centre + scaled);
  }
}

}  // namespace

Tensor draw(DType dtype, const std::vector<std::int64_t>& dims, const Distribution& distribution,
            std::uint64_t key) {
  Tensor tensor = Tensor::allocate(dtype, dims);
  switch (dtype) {
    case DType::Float32:
      fill<float>(tensor, distribution, key);
      break;
    case DType::Float64:
      fill<double>(tensor, distribution, key);
      break;
    case DType::Float16:
      fill<Eigen::half>(tensor, distribution, key);
      break;
    case DType::BFloat16:
      fill<Eigen::bfloat16>(tensor, distribution, key);
      break;
    default:
      BRAID_ASSERT(false, "find_weights() returns only types that can be drawn");
  }
  return tensor;
}

}  // namespace braid
