#include <algorithm>

#include "braid/error.hpp"
#include "runtime/reference_call.hpp"
#include "runtime/subgraph_kernel.hpp"

namespace braid {
namespace {

// How one scan input or output is walked along.
struct Walk {
  std::int64_t axis = 0;
  bool is_backward = false;
};

std::vector<Walk> walks_of(const Attributes& attributes, const std::string& axes_name,
                           const std::string& directions_name, std::size_t count) {
  const std::vector<std::int64_t> axes = attributes.get_ints(axes_name);
  const std::vector<std::int64_t> directions = attributes.get_ints(directions_name);
  std::vector<Walk> walks(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i < axes.size()) walks[i].axis = axes[i];
    if (i < directions.size()) walks[i].is_backward = directions[i] != 0;
  }
  return walks;
}

// The body: (states, slices) => (states, scan outputs).
class Scan final : public SubgraphKernel {
 public:
  explicit Scan(const ControlFlow& node) : SubgraphKernel(node), body_(subgraph("body")) {
    const auto count = static_cast<std::size_t>(node.attributes.get_int("num_scan_inputs", 1));
    is_batched_ = node.opset < 9;
    const std::size_t inputs = body_.inputs.size();
    if (count == 0 || count > inputs || inputs - count > body_.outputs.size()) {
      throw Error(ErrorKind::BadInput, "its body has other inputs or outputs than it must");
    }
    state_count_ = inputs - count;
    inputs_ = walks_of(node.attributes, "scan_input_axes",
                       is_batched_ ? "directions" : "scan_input_directions", count);
    outputs_ = walks_of(node.attributes, "scan_output_axes", "scan_output_directions",
                        body_.outputs.size() - state_count_);
  }

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    const std::span<const Datum> own = own_inputs(inputs);
    if (own.size() != body_.inputs.size() + (is_batched_ ? 1 : 0) ||
        outputs.size() != body_.outputs.size()) {
      throw Error(ErrorKind::BadInput, "its body has other inputs or outputs than it must");
    }
    if (is_batched_) return run_batch(own, inputs, outputs);
    const std::vector<Tensor> given = to_tensors(own);
    std::vector<Tensor> results = scan(given, length_of(given), inputs);
    std::move(results.begin(), results.end(), outputs.begin());
  }

 private:
  // Elements along the scanned axes, which must agree.
  std::int64_t length_of(const std::vector<Tensor>& given) const {
    std::int64_t length = -1;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Tensor& tensor = given[state_count_ + i];
      const std::int64_t axis = inputs_[i].axis + (inputs_[i].axis < 0 ? tensor.rank() : 0);
      if (axis < 0 || axis >= tensor.rank())
        throw Error(ErrorKind::BadInput, "it scans an axis that " + describe(tensor) + " lacks");
      const std::int64_t size = tensor.dim(static_cast<int>(axis));
      if (length >= 0 && size != length)
        throw Error(ErrorKind::BadInput, "its scan inputs are of different lengths");
      length = size;
    }
    return length;
  }

  // States and scan inputs in, states and scan outputs out.
  std::vector<Tensor> scan(const std::vector<Tensor>& given, std::int64_t length,
                           std::span<const Datum> inputs) const {
    const auto states_end = static_cast<std::ptrdiff_t>(state_count_);
    std::vector<Tensor> results(given.begin(), given.begin() + states_end);
    std::vector<std::vector<Tensor>> turns(outputs_.size());
    for (std::int64_t t = 0; t < length; ++t) {
      std::vector<Datum> arguments(results.begin(), results.end());
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        const std::int64_t at = inputs_[i].is_backward ? length - 1 - t : t;
        arguments.emplace_back(take_slice(given[state_count_ + i], inputs_[i].axis, at));
      }
      const std::vector<Tensor> turn =
          to_tensors(run_subgraph(body_, std::move(arguments), inputs));
      results.assign(turn.begin(), turn.begin() + states_end);
      for (std::size_t i = 0; i < turns.size(); ++i)
        turns[i].push_back(turn[state_count_ + i]);
    }
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (outputs_[i].is_backward) std::reverse(turns[i].begin(), turns[i].end());
      const std::size_t output = state_count_ + i;
      results.push_back(stack_turns(body_, output, output, turns[i], outputs_[i].axis));
    }
    return results;
  }

  // Opset 8: an input of lengths first, the batch as axis 0 of all others, and what is behind the
  // length of a batch entry is zero.
  void run_batch(std::span<const Datum> own, std::span<const Datum> inputs,
                 std::span<Datum> outputs) const {
    const std::vector<Tensor> given = to_tensors(own.subspan(1));
    const Tensor& first = given[state_count_];
    if (first.rank() < 2) throw Error(ErrorKind::BadInput, "its scan inputs lack a batch axis");
    std::vector<std::int64_t> lengths(static_cast<std::size_t>(first.dim(0)), first.dim(1));
    if (own[0]) lengths = to_int64s(own[0].tensor());
    if (lengths.size() != static_cast<std::size_t>(first.dim(0)) || lengths.empty())
      throw Error(ErrorKind::BadInput, "its lengths are not those of the batch");
    std::vector<std::vector<Tensor>> results(outputs.size());
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      std::vector<Tensor> entry;
      for (const Tensor& tensor : given)
        entry.push_back(take_slice(tensor, 0, static_cast<std::int64_t>(b)));
      if (lengths[b] < 0 || lengths[b] > length_of(entry))
        throw Error(ErrorKind::BadInput, "a length is greater than that of the scan inputs");
      const std::vector<Tensor> computed = scan(entry, lengths[b], inputs);
      for (std::size_t i = 0; i < results.size(); ++i)
        results[i].push_back(computed[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      for (Tensor& tensor : results[i]) {
        if (i >= state_count_) tensor = padded(tensor, first.dim(1));
      }
      outputs[i] = stack_along(0, std::move(results[i]));
    }
  }

  static Tensor padded(const Tensor& tensor, std::int64_t length) {
    if (tensor.dim(0) == length) return tensor;
    std::vector<std::int64_t> dims = tensor.dims();
    dims[0] = length - dims[0];
    return join_along(0, {tensor, Tensor::allocate(tensor.dtype(), std::move(dims))});
  }

  const Subgraph& body_;
  bool is_batched_ = false;
  std::size_t state_count_ = 0;
  std::vector<Walk> inputs_;
  std::vector<Walk> outputs_;
};

}  // namespace

std::unique_ptr<LooseKernel> make_scan(const ControlFlow& node) {
  return std::make_unique<Scan>(node);
}

}  // namespace braid
