// Resize and Upsample of the two innermost axes of images that lie channel by channel; what a pixel
// is made of is what the reference makes it of. Pixels of any type are copied where one makes one.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "backends/resize_mixtures.hpp"
#include "kernels/cuda/resize.hpp"

namespace braid::cuda {
namespace {

// Which pixels of an axis make up each pixel of the result, in the device's memory.
struct Table {
  int taps = 1;
  int size = 0;
  std::shared_ptr<const std::byte> indices;
  std::shared_ptr<const std::byte> weights;
};

// Nothing if a pixel is not made of the input. Where taps are fewer, others weigh nothing.
std::optional<Table> table_of(const Mixtures& mixtures, Gpu& gpu) {
  Table table;
  table.size = to_int(static_cast<std::int64_t>(mixtures.size()));
  for (const reference::Mixture& mixture : mixtures) {
    if (mixture.outside || mixture.taps.empty()) return std::nullopt;
    table.taps = std::max(table.taps, static_cast<int>(mixture.taps.size()));
  }
  std::vector<int> indices;
  std::vector<float> weights;
  for (const reference::Mixture& mixture : mixtures) {
    for (std::size_t t = 0; t < static_cast<std::size_t>(table.taps); ++t) {
      const bool is_tap = t < mixture.taps.size();
      const reference::Tap tap =
          is_tap ? mixture.taps[t] : reference::Tap{mixture.taps[0].index, 0};
      indices.push_back(to_int(tap.index));
      weights.push_back(static_cast<float>(tap.weight));
    }
  }
  table.indices = upload(gpu, std::as_bytes(std::span(indices)));
  table.weights = upload(gpu, std::as_bytes(std::span(weights)));
  return table;
}

ResizeAxis axis_of_table(const Table& table, std::int64_t x_stride, std::int64_t y_stride) {
  return {reinterpret_cast<const int*>(table.indices.get()),
          reinterpret_cast<const float*>(table.weights.get()),
          table.taps,
          table.size,
          x_stride,
          y_stride};
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_resize(const Operator& op, const Target& target) {
  const std::vector<std::int64_t>& in = op.inputs[0].dims;
  const std::vector<std::int64_t>& out = op.outputs[0].dims;
  const auto element = element_of(op.inputs[0].dtype);
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const bool is_copied = op.attributes.get_string("mode", "nearest") == "nearest" && width > 0;
  const std::size_t rank = in.size();
  if ((!element && !is_copied) || rank < 2 || out.size() != rank || product(in) == 0 ||
      product(out) == 0 || op.outputs[0].dtype != op.inputs[0].dtype) {
    return nullptr;
  }
  const auto mixtures = resize_mixtures_of(op);
  if (!mixtures) return nullptr;
  for (std::size_t d = 0; d < rank; ++d) {
    if (static_cast<std::int64_t>((*mixtures)[d].size()) != out[d]) return nullptr;
    if (d + 2 < rank && !is_kept((*mixtures)[d], in[d])) return nullptr;
  }
  const auto rows = table_of((*mixtures)[rank - 2], target.gpu);
  const auto columns = table_of((*mixtures)[rank - 1], target.gpu);
  if (!rows || !columns) return nullptr;
  ResizeArgs args;
  args.images = 1;
  args.channels = to_int(product(in, 0, rank - 2));
  args.x_channel = in[rank - 2] * in[rank - 1];
  args.y_channel = out[rank - 2] * out[rank - 1];
  LaunchPlan plan;
  for (std::size_t i = 1; i < op.inputs.size(); ++i)
    plan.unread.push_back(i);
  const std::int64_t x_row = in[rank - 1];
  const std::int64_t y_row = out[rank - 1];
  plan.add_launches = [=](const BoundKernel::Operands& at, LaunchList& list) {
    ResizeArgs own = args;
    own.x = at.inputs[0];
    own.y = at.outputs[0];
    own.rows = axis_of_table(*rows, x_row, y_row);
    own.columns = axis_of_table(*columns, 1, 1);
    list.add(is_copied ? launch_resize_nearest(own, static_cast<int>(width))
                       : launch_resize(own, *element),
             own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
