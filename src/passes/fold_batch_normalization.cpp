// Conv(x, w, b) -> BatchNormalization(scale, bias, mean, var)   =>   Conv(x, w * f, (b - mean) * f
// + bias) with f = scale / sqrt(var + epsilon) for each output channel. Likewise ConvTranspose and
// Gemm.
//
// Computed in double and rounded once; large weights are streams and never held. Not part of the
// canonical pipeline: results differ by rounding, so it fires only where members part without it
// (merge/fold_to_match.cpp). Does not fire in training mode, when the product or a weight has other
// readers, when a parameter is computed, nor on types other than float and double.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "braid/canonicalise.hpp"
#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

using Doubles = std::vector<double>;

template <class T>
Doubles copy_doubles(const Tensor& tensor) {
  const Tensor whole = tensor.materialised();
  std::vector<T> values(static_cast<std::size_t>(whole.size()));
  if (!values.empty()) std::memcpy(values.data(), whole.raw().data(), whole.bytes());
  return {values.begin(), values.end()};
}

Doubles to_doubles(const Tensor& tensor) {
  return tensor.dtype() == DType::Float32 ? copy_doubles<float>(tensor)
                                          : copy_doubles<double>(tensor);
}

template <class T>
Tensor rounded(const Doubles& values) {
  return Tensor::of<T>({static_cast<std::int64_t>(values.size())}, {values.begin(), values.end()});
}

// Where the output channels lie in a weight: element e is of channel e / inner % count, plus
// `count` for each `rows` that went before (the groups of ConvTranspose).
struct Channels {
  std::size_t inner;
  std::size_t count;
  std::size_t rows;

  std::size_t of(std::size_t element) const {
    const std::size_t channel = element / inner;
    return channel / count / rows * count + channel % count;
  }
};

std::optional<Channels> channels_of(const Node& node, const Tensor& weight) {
  if (weight.rank() < 2 || weight.size() == 0) return std::nullopt;
  const auto dim = [&](int axis) { return static_cast<std::size_t>(weight.dim(axis)); };
  const auto size = static_cast<std::size_t>(weight.size());
  const bool is_rows_first = node.attributes.get_int("transB", 0) != 0;
  if (node.is("Conv") || (node.is("Gemm") && is_rows_first))
    return Channels{size / dim(0), dim(0), 1};
  const auto group = static_cast<std::size_t>(node.attributes.get_int("group", 1));
  if (group < 1 || dim(0) % group != 0) return std::nullopt;
  return Channels{size / dim(0) / dim(1), dim(1), dim(0) / group};
}

template <class T>
Tensor scaled(const Tensor& weight, const Channels& channels, const Doubles& factors) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  return Tensor::streamed(weight.dtype(), weight.dims(), [=](const Tensor::PieceSink& sink) {
    std::vector<T> chunk;
    std::size_t element = 0;
    weight.for_each_piece([&](std::span<const std::byte> piece) {
      for (std::size_t at = 0; at < piece.size(); at += chunk.size() * sizeof(T)) {
        chunk.resize(std::min(kChunk, (piece.size() - at) / sizeof(T)));
        std::memcpy(chunk.data(), piece.data() + at, chunk.size() * sizeof(T));
        for (T& value : chunk)
          value = static_cast<T>(value * factors[channels.of(element++)]);
        sink(std::as_bytes(std::span(chunk)));
      }
    });
  });
}

class Folder {
 public:
  explicit Folder(Model& model)
      : graph_(model.graph),
        names_(model.graph),
        readers_(reader_counts(model.graph)),
        producer_(producers(model.graph)) {}

  bool run() {
    std::vector<Node> kept;
    std::vector<bool> is_folded;
    for (const Node& node : graph_.nodes)
      is_folded.push_back(fold(node));
    for (std::size_t n = 0; n < is_folded.size(); ++n) {
      if (!is_folded[n]) kept.push_back(std::move(graph_.nodes[n]));
    }
    const bool has_folded = kept.size() < is_folded.size();
    graph_.nodes = std::move(kept);
    if (has_folded) remove_dead(graph_);
    return has_folded;
  }

 private:
  bool is_single_weight(ValueId id) const {
    return id != kAbsent && graph_.value(id).is_constant() && !graph_.is_input(id) &&
           readers_[static_cast<std::size_t>(id)] == 1;
  }

  // The node that makes the input of `norm`, if its weights can take the factors.
  Node* foldable_source(const Node& norm) {
    if (!norm.is("BatchNormalization") || norm.input(4) == kAbsent) return nullptr;
    if (norm.attributes.get_int("training_mode", 0) != 0) return nullptr;
    if (norm.attributes.get_int("spatial", 1) == 0) return nullptr;
    if (std::any_of(norm.outputs.begin() + 1, norm.outputs.end(),
                    [](ValueId id) { return id != kAbsent; })) {
      return nullptr;
    }
    const auto product = static_cast<std::size_t>(norm.inputs[0]);
    if (producer_[product] < 0 || readers_[product] != 1) return nullptr;
    Node& source = graph_.nodes[static_cast<std::size_t>(producer_[product])];
    if (!source.is("Conv") && !source.is("ConvTranspose") && !source.is("Gemm")) return nullptr;
    const bool has_bias = source.input(2) != kAbsent;
    if (!is_single_weight(source.input(1))) return nullptr;
    if (has_bias && !is_single_weight(source.inputs[2])) return nullptr;
    return &source;
  }

  // The parameters by output channel, all of the weight's type; empty if they do not fit.
  std::optional<std::vector<Doubles>> parameters(const Node& norm, std::size_t channels,
                                                 DType dtype) const {
    std::vector<Doubles> values;
    for (std::size_t i = 1; i < 5; ++i) {
      const Value& value = graph_.value(norm.inputs[i]);
      if (!value.constant.has_data() || graph_.is_input(norm.inputs[i])) return std::nullopt;
      if (value.constant.dtype() != dtype) return std::nullopt;
      values.push_back(to_doubles(value.constant));
      if (values.back().size() != channels) return std::nullopt;
    }
    return values;
  }

  // The bias by output channel, as it is added; empty if it has another shape.
  std::optional<Doubles> bias_of(const Node& source, std::size_t channels, DType dtype) const {
    if (source.input(2) == kAbsent) return Doubles(channels, 0.0);
    const Tensor& bias = graph_.value(source.inputs[2]).constant;
    const bool is_flat = bias.rank() == 1 || (bias.rank() == 2 && bias.dim(0) == 1);
    if (!bias.has_data() || bias.dtype() != dtype || !is_flat) return std::nullopt;
    Doubles values = to_doubles(bias);
    if (values.size() != channels) return std::nullopt;
    const double beta = source.attributes.get_float("beta", 1.0F);
    for (double& value : values)
      value *= beta;
    return values;
  }

  bool fold(const Node& norm) {
    Node* source = foldable_source(norm);
    if (source == nullptr) return false;
    const Tensor weight = graph_.value(source->inputs[1]).constant;
    const DType dtype = weight.dtype();
    if (!weight.has_data() || (dtype != DType::Float32 && dtype != DType::Float64)) return false;
    const auto channels = channels_of(*source, weight);
    if (!channels) return false;
    const std::size_t groups =
        source->is("ConvTranspose") ? static_cast<std::size_t>(weight.dim(0)) / channels->rows : 1;
    const auto given = parameters(norm, channels->count * groups, dtype);
    auto bias = bias_of(*source, channels->count * groups, dtype);
    if (!given || !bias) return false;
    Doubles factors = (*given)[0];
    const double epsilon = norm.attributes.get_float("epsilon", 1e-5F);
    for (std::size_t c = 0; c < factors.size(); ++c) {
      factors[c] /= std::sqrt((*given)[3][c] + epsilon);
      (*bias)[c] = ((*bias)[c] - (*given)[2][c]) * factors[c] + (*given)[1][c];
    }
    const bool is_float = dtype == DType::Float32;
    set_constant(graph_.value(source->inputs[1]), is_float
                                                      ? scaled<float>(weight, *channels, factors)
                                                      : scaled<double>(weight, *channels, factors));
    source->inputs.resize(3, kAbsent);
    source->inputs[2] =
        graph_.add_constant(names_.unique(graph_.value(source->inputs[1]).name + "_bias"),
                            is_float ? rounded<float>(*bias) : rounded<double>(*bias));
    source->attributes.erase("beta");
    source->outputs[0] = norm.outputs[0];
    return true;
  }

  Graph& graph_;
  NameSource names_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

}  // namespace

bool fold_batch_normalization(Model& model) {
  // Before, BatchNormalization trained by default.
  return model.opset() >= 7 && Folder(model).run();
}

}  // namespace braid
