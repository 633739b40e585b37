#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "property/case.hpp"
#include "verify/random.hpp"

namespace braid::property {

/// A draw that came to nothing: no fitting operand, an operator that the opset lacks, values that
/// grow without bound. The builder forgets what was added since the draw began.
struct Rejected {};

/// Grows the architecture of a case node by node. Each node is computed at once, at every batch
/// size of the test: so types, shapes and magnitudes are known without any inference, and how a dim
/// depends on the batch shows in its sizes.
class Builder {
 public:
  using Ints = std::vector<std::int64_t>;

  Builder(Case& test, Random& random) : test_(test), random_(random) {}

  std::int64_t opset() const { return test_.model.opset(); }
  std::size_t node_count() const { return graph().nodes.size(); }

  // ---- chance ----

  int below(int bound) {
    return static_cast<int>(random_.below(static_cast<std::uint64_t>(bound)));
  }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& items) {
    if (items.empty()) throw Rejected{};
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }
  template <class T>
  T one_of(std::initializer_list<T> items) {
    return *(items.begin() + below(static_cast<int>(items.size())));
  }

  // ---- values ----

  using Test = std::function<bool(ValueId)>;

  /// A value that passes, a recent one rather than an old one. Throws Rejected if none does.
  ValueId pick(const Test& passes);
  ValueId pick_float(int least_rank = 0, int most_rank = 6);
  ValueId pick_of(DType dtype);

  /// Now and then a constant that all members share, of the type and dims of `id` at N = 1.
  ValueId or_constant(ValueId id, int percent = 6);

  DType dtype(ValueId id) const { return sample(id).dtype(); }
  int rank(ValueId id) const { return sample(id).rank(); }
  bool is_float(ValueId id) const { return dtype(id) == DType::Float32; }

  /// Dims in the first sample, at batch 1; fixed ones are the same in all.
  const Ints& dims(ValueId id) const { return sample(id).dims(); }
  bool is_fixed(ValueId id, int axis) const;
  bool are_fixed(ValueId id, int first, int last) const;

  /// Dim of the type: known, "N", "S", or unknown.
  Dim dim(ValueId id, int axis) const;

  /// Values of an integer input or of an operator that promises them; empty if unbounded.
  std::optional<Range> bounds(ValueId id) const;
  void set_bounds(ValueId id, Range range) { bounds_[id] = range; }

  // ---- sources ----

  ValueId input(DType dtype, Shape shape, Range range);

  /// A weight of these dims: sometimes one that is already there.
  ValueId weight(Ints dims, Range range = {-1, 1}, DType dtype = DType::Float32);

  /// A constant that is the same for all members.
  ValueId constant(Tensor tensor);
  ValueId ints(const Ints& values);
  ValueId scalar(double value, DType dtype = DType::Float32);

  /// Dims that broadcast against `of`: some of its trailing dims, some of them 1.
  Ints broadcast_dims(ValueId of);

  // ---- nodes ----

  /// Adds a node and computes it. Throws Rejected.
  std::vector<ValueId> nodes(const std::string& op, std::vector<ValueId> inputs,
                             Attributes attributes = {}, int outputs = 1);
  ValueId node(const std::string& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return nodes(op, std::move(inputs), std::move(attributes))[0];
  }

  /// Runs `draw`; what it added disappears if it throws Rejected. Returns whether it stayed.
  bool attempt(const std::function<void(Builder&)>& draw);

  const Graph& graph() const { return test_.model.graph; }

 private:
  using Samples = std::array<Tensor, kLargestBatch>;  // by batch size, from 1

  const Tensor& sample(ValueId id) const { return samples_[static_cast<std::size_t>(id)][0]; }
  ValueId add(Samples samples);
  static Dim dim_of(const Samples& samples, int axis);
  static Type type_of(const Samples& samples);
  static bool vanishes(const Samples& samples);
  std::vector<Samples> compute(const Node& node) const;
  void check(const Node& node, const std::vector<Samples>& results) const;

  Case& test_;
  Random& random_;
  std::vector<Samples> samples_;  // by value
  std::map<ValueId, Range> bounds_;
};

/// Attributes from pairs of name and value.
Attributes attributes(std::initializer_list<std::pair<std::string, AttributeValue>> items);

}  // namespace braid::property
