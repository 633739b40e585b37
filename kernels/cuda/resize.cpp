#include "kernels/cuda/resize.hpp"

#include <bit>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

namespace {

constexpr unsigned kThreads = 128;

unsigned blocks_of(const ResizeArgs& args) {
  const std::int64_t pixels =
      std::int64_t{args.planes.y_size} * args.rows.y_size * args.columns.y_size;
  return blocks_of_threads(pixels * args.images * args.channels, kThreads);
}

}  // namespace

Launch launch_resize(const ResizeArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("resize");
  return {kNames[at(element)], {blocks_of(args)}, {kThreads}};
}

Launch launch_resize_nearest(const ResizeArgs& args, int width) {
  static constexpr const char* kNames[] = {"resize_nearest_1", "resize_nearest_2",
                                           "resize_nearest_4", "resize_nearest_8"};
  return {kNames[std::countr_zero(static_cast<unsigned>(width))], {blocks_of(args)}, {kThreads}};
}

}  // namespace braid::cuda
