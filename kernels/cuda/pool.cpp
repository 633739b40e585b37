#include "kernels/cuda/pool.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

Launch launch_pool(const PoolArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("pool");
  constexpr unsigned kThreads = 128;
  std::int64_t results = std::int64_t{args.images} * args.channels;
  for (const PoolAxis& axis : args.axes)
    results *= axis.y_size;
  return {kNames[at(element)], {blocks_of_threads(results, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
