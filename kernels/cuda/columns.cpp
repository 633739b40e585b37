#include "kernels/cuda/columns.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 128;

}  // namespace

Launch launch_gather_columns(const ColumnsArgs& args, Element element) {
  static constexpr const char* kNames[] = {"gather_columns_4", "gather_columns_2",
                                           "gather_columns_2"};
  std::int64_t count = std::int64_t{args.images} * args.groups * args.channels;
  for (const ColumnAxis& axis : args.axes)
    count *= std::int64_t{axis.places} * axis.kernel;
  return {kNames[at(element)], {blocks_of_threads(count, kThreads)}, {kThreads}};
}

Launch launch_sum_columns(const ColumnsArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("sum_columns");
  std::int64_t count = std::int64_t{args.images} * args.groups * args.channels;
  for (const ColumnAxis& axis : args.axes)
    count *= axis.size;
  return {kNames[at(element)], {blocks_of_threads(count, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
