#include "plan/backend.hpp"

namespace braid {

std::unique_ptr<const BoundKernel> Backend::bind(const Operator& /*op*/,
                                                 PackedWeights& /*weights*/) const {
  return nullptr;
}

}  // namespace braid
