#include "backends/cuda/choice/layer_key.hpp"

#include <fmt/format.h>

#include <cmath>

namespace braid::cuda {
namespace {

const char* name_of(Element element, bool rounds_floats) {
  if (element == Element::Half) return "fp16";
  if (element == Element::BFloat16) return "bf16";
  return rounds_floats ? "tf32" : "fp32";
}

std::string text_of(const MatrixStrides& strides) {
  return fmt::format("({},{},{},{})", strides.member, strides.batch, strides.row, strides.column);
}

std::string text_of(const Epilogue& epilogue, Addends addends) {
  std::string text = fmt::format("activation {}", static_cast<int>(epilogue.activation));
  if (addends.has_bias) text += " bias " + text_of(epilogue.bias.strides);
  if (addends.has_residual) text += " residual " + text_of(epilogue.residual.strides);
  return text;
}

// Of sums of `depth` products of numbers in [-1, 1]: what the factors and the sums are rounded to,
// and the result. Errors of factors add up as the root of their number; eight of these are far
// outside of chance, and far below a product that is left out or taken twice.
double tolerance_of(Element element, bool rounds_floats, std::int64_t depth) {
  const auto count = static_cast<double>(depth);
  const double factors = element == Element::Float && rounds_floats ? 0x1p-10 : 0;
  const double result = element == Element::Float  ? 0x1p-23
                        : element == Element::Half ? 0x1p-10
                                                   : 0x1p-7;
  return 8 * (std::sqrt(count) * factors + count * 0x1p-24) + 2 * result;
}

}  // namespace

Layer layer_of(const GemmMembersArgs& args, Element element, Addends addends, bool rounds_floats,
               std::size_t repeats) {
  return {
      fmt::format("product {} {} of {}x{}: {}x{}x{} a {} b {} y {} {}",
                  name_of(element, rounds_floats), repeats, args.members, args.batches, args.rows,
                  args.columns, args.depth, text_of(args.a.strides), text_of(args.b.strides),
                  text_of(args.y_strides), text_of(args.epilogue, addends)),
      tolerance_of(element, rounds_floats, args.depth)};
}

Layer layer_of(const ConvMembersArgs& args, Element element, Addends addends, bool rounds_floats) {
  const std::int64_t depth = std::int64_t{args.kernel_rows} * args.kernel_columns * args.channels;
  return {fmt::format(
              "convolution {} {}x{}x{} of {}x{}, {} to {} channels, kernel {}x{} step {}x{} pad "
              "{}x{} dilation {}x{} to {}x{} x ({},{},{},{},{}) w {} y {} {}",
              name_of(element, rounds_floats), args.members, args.groups, args.images, args.rows,
              args.columns, args.channels, args.filters, args.kernel_rows, args.kernel_columns,
              args.row_step, args.column_step, args.pad_top, args.pad_left, args.row_dilation,
              args.column_dilation, args.y_rows, args.y_columns, args.x_member, args.x_image,
              args.x_row, args.x_column, args.x_channel, text_of(args.w_strides),
              text_of(args.y_strides), text_of(args.epilogue, addends)),
          tolerance_of(element, rounds_floats, depth)};
}

}  // namespace braid::cuda
