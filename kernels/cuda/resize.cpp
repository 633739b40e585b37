#include "kernels/cuda/resize.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

Launch launch_resize(const ResizeArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("resize");
  constexpr unsigned kThreads = 128;
  const std::int64_t pixels = std::int64_t{args.rows.y_size} * args.columns.y_size;
  return {kNames[at(element)],
          {blocks_for(pixels * args.images * args.channels, kThreads)},
          {kThreads}};
}

}  // namespace braid::cuda
