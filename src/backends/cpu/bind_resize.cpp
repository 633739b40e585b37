// Resize of images that lie channel by channel, to the nearest element or between two; what output
// elements are made of is what the reference makes them of.

#include "backends/cpu/bind.hpp"
#include "backends/operands.hpp"
#include "backends/resize_mixtures.hpp"
#include "kernels/cpu/resize.hpp"

namespace braid {
namespace {

class Resize final : public PlainKernel {
 public:
  Resize(std::int64_t width, std::size_t input_count, bool is_nearest, std::int64_t images,
         cpu::ResizedAxis rows, cpu::ResizedAxis columns)
      : width_(width),
        input_count_(input_count),
        is_nearest_(is_nearest),
        images_(images),
        rows_(std::move(rows)),
        columns_(std::move(columns)) {}

  std::string name() const override { return is_nearest_ ? "cpu nearest" : "cpu linear"; }
  bool reads(std::size_t input) const override { return input == 0 && input < input_count_; }

  void run(const Operands& operands) const override {
    if (is_nearest_) {
      cpu::resize_nearest(images_, rows_, columns_, width_, operands.inputs[0],
                          operands.outputs[0]);
    } else {
      cpu::resize_linear(images_, rows_, columns_,
                         reinterpret_cast<const float*>(operands.inputs[0]),
                         reinterpret_cast<float*>(operands.outputs[0]));
    }
  }

 private:
  std::int64_t width_;
  std::size_t input_count_;
  bool is_nearest_;
  std::int64_t images_;
  cpu::ResizedAxis rows_;
  cpu::ResizedAxis columns_;
};

// Nothing if it is mixed of more than two elements, or not of the input.
std::optional<cpu::ResizedAxis> axis_from(std::int64_t in, const Mixtures& mixtures) {
  cpu::ResizedAxis axis;
  axis.in = in;
  for (const reference::Mixture& mixture : mixtures) {
    if (mixture.outside || mixture.taps.empty() || mixture.taps.size() > 2) return std::nullopt;
    axis.first.push_back(static_cast<std::int32_t>(mixture.taps.front().index));
    axis.second.push_back(static_cast<std::int32_t>(mixture.taps.back().index));
    const bool is_one = mixture.taps.size() == 1;
    axis.share.push_back(is_one ? 0.0F : static_cast<float>(mixture.taps.back().weight));
  }
  return axis;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_resize(const Operator& op, PackedWeights&) {
  const std::vector<std::int64_t>& in = op.inputs[0].dims;
  const std::vector<std::int64_t>& out = op.outputs[0].dims;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const std::string mode = op.attributes.get_string("mode", "nearest");
  const bool is_nearest = mode == "nearest";
  const bool is_taken =
      (is_nearest && width > 0) || (mode == "linear" && op.inputs[0].dtype == DType::Float32);
  const std::size_t rank = in.size();
  const auto most = std::int64_t{1} << 31;
  if (!is_taken || rank < 2 || product(in) == 0 || product(in) >= most || out.size() != rank ||
      op.outputs[0].dtype != op.inputs[0].dtype) {
    return nullptr;
  }
  const auto mixtures = resize_mixtures_of(op);
  if (!mixtures) return nullptr;
  for (std::size_t d = 0; d < rank; ++d) {
    if (static_cast<std::int64_t>((*mixtures)[d].size()) != out[d]) return nullptr;
    if (d + 2 < rank && !is_kept((*mixtures)[d], in[d])) return nullptr;
  }
  auto rows = axis_from(in[rank - 2], (*mixtures)[rank - 2]);
  auto columns = axis_from(in[rank - 1], (*mixtures)[rank - 1]);
  if (!rows || !columns) return nullptr;
  return std::make_unique<Resize>(width, op.inputs.size(), is_nearest, product(in, 0, rank - 2),
                                  std::move(*rows), std::move(*columns));
}

}  // namespace braid
