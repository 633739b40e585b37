// MatMul and ai.braid.MatMul (a, b, bias, summand): oneDNN.
//
// A constant on the right is packed. If it has one matrix for all rows, these make one product; if
// it has one per member, oneDNN (2.6) would not pack it, so each member has a product of its own.

#include <algorithm>
#include <numeric>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/epilogue.hpp"
#include "backends/cpu/onednn.hpp"
#include "backends/cpu/onednn_version.hpp"

namespace braid {
namespace {

using onednn::Argument;
using Dims = std::vector<std::int64_t>;

std::int64_t product(Dims::const_iterator first, Dims::const_iterator last) {
  return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
}

// The dims as those of matrices, with `rank` dims.
Dims as_matrices(Dims dims, bool is_left, std::size_t rank) {
  if (dims.size() == 1) dims.insert(is_left ? dims.begin() : dims.end(), 1);
  dims.insert(dims.begin(), rank - dims.size(), 1);
  return dims;
}

struct Product {
  Dims a;  // [..., M, K]
  Dims b;  // [..., K, N]
  Dims y;  // [..., M, N]
  DType dtype;

  std::int64_t batch(const Dims& dims) const { return product(dims.begin(), dims.end() - 2); }
  std::int64_t k() const { return a.back(); }
  std::int64_t n() const { return y.back(); }

  /// Of `parts` equal parts.
  onednn::Schedule schedule(std::int64_t parts) const {
    const std::int64_t elements = product(y.begin(), y.end()) / parts;
    return onednn::schedule_for(2 * static_cast<double>(elements) * static_cast<double>(k()),
                                parts);
  }
};

std::optional<Product> product_of(const Operator& op) {
  Product result;
  result.dtype = op.inputs[0].dtype;
  const std::size_t rank =
      std::max<std::size_t>({op.inputs[0].dims.size(), op.inputs[1].dims.size(), 2});
  result.a = as_matrices(op.inputs[0].dims, true, rank);
  result.b = as_matrices(op.inputs[1].dims, false, rank);
  for (std::size_t i = 0; i + 2 < rank; ++i)
    result.y.push_back(result.a[i] == 1 ? result.b[i] : result.a[i]);  // which may be 0
  result.y.push_back(result.a[rank - 2]);
  result.y.push_back(result.b[rank - 1]);
  if (!onednn::data_type(result.dtype) || op.inputs[1].dtype != result.dtype) return std::nullopt;
  const bool is_empty = product(result.y.begin(), result.y.end()) == 0 || result.k() == 0;
  if (is_empty) return std::nullopt;
  return result;
}

using onednn::kBias;
using onednn::kSummand;

// Whether there is a bias of one number per column.
bool has_row_as_bias(const Operator& op, const Product& p) {
  if (!op.has_input(kBias)) return false;
  const Dims& dims = op.inputs[kBias].dims;
  return !dims.empty() && dims.back() == p.n() && product(dims.begin(), dims.end()) == p.n();
}

// One matrix on the right takes the rows of all on the left, if those have one bias.
Product with_joined_rows(const Operator& op, const Product& p) {
  if (op.has_input(kBias) && !has_row_as_bias(op, p)) return p;
  const std::int64_t rows = product(p.a.begin(), p.a.end() - 1);
  return {{rows, p.k()}, {p.k(), p.n()}, {rows, p.n()}, p.dtype};
}

using Primitive = dnnl::matmul::primitive_desc;

Primitive describe(const Operator& op, const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                   const dnnl::memory::desc& y, const dnnl::memory::desc& bias) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(onednn::epilogue_of(op, y));
  const dnnl::memory::desc none;
  return onednn::describe_matmul(a, b, op.has_input(kBias) ? bias : none, y, attributes);
}

std::unique_ptr<onednn::Kernel> kernel_for(const Operator& op, const Primitive& primitive,
                                           onednn::Schedule schedule) {
  auto kernel = std::make_unique<onednn::Kernel>(std::string("onednn ") + primitive.impl_info_str(),
                                                 op.inputs.size(), schedule);
  if (onednn::sums_in_place(op)) kernel->overwrite(kSummand);
  return kernel;
}

// All arguments but the weights, of the product whose operands start at these offsets.
struct Offsets {
  std::size_t a = 0;
  std::size_t y = 0;
  std::size_t bias = 0;
};

std::vector<Argument> arguments_of(const Operator& op, const Primitive& primitive,
                                   std::size_t scratchpad, const dnnl::memory::desc& bias,
                                   const Offsets& at) {
  using Source = Argument::Source;
  std::vector<Argument> arguments = {
      {DNNL_ARG_SRC, primitive.src_desc(), Source::Input, 0, at.a, nullptr},
      {DNNL_ARG_DST, primitive.dst_desc(), Source::Output, 0, at.y, nullptr},
      {DNNL_ARG_SCRATCHPAD, primitive.scratchpad_desc(), Source::Workspace, 0, scratchpad,
       nullptr}};
  if (op.has_input(kBias))
    arguments.push_back({DNNL_ARG_BIAS, bias, Source::Input, kBias, at.bias, nullptr});
  if (op.has_input(kSummand) && !onednn::sums_in_place(op)) {
    arguments.push_back(
        {onednn::kSummandArgument, primitive.dst_desc(), Source::Input, kSummand, at.y, nullptr});
  }
  return arguments;
}

// Both computed: one batched product, with dims of 1 broadcast.
std::unique_ptr<const BoundKernel> bind_batched(const Operator& op, const Product& p) {
  dnnl::memory::desc bias;
  if (op.has_input(kBias)) {
    Dims dims = op.inputs[kBias].dims;
    if (has_row_as_bias(op, p)) dims = {p.n()};
    dims.insert(dims.begin(), p.y.size() - dims.size(), 1);
    bias = onednn::plain(p.dtype, dims);
  }
  const onednn::Schedule schedule = p.schedule(1);
  const ThreadLimit limit = onednn::limit_for(schedule);
  const Primitive primitive = describe(op, onednn::plain(p.dtype, p.a), onednn::plain(p.dtype, p.b),
                                       onednn::plain(p.dtype, p.y), bias);
  auto kernel = kernel_for(op, primitive, schedule);
  const std::size_t scratchpad = kernel->add_workspace(primitive.scratchpad_desc().get_size());
  std::vector<Argument> arguments = arguments_of(op, primitive, scratchpad, bias, {});
  arguments.push_back(
      {DNNL_ARG_WEIGHTS, primitive.weights_desc(), Argument::Source::Input, 1, 0, nullptr});
  kernel->add(dnnl::matmul(primitive), std::move(arguments));
  return kernel;
}

// One packed matrix per member: `members` products of `rows` rows each.
std::unique_ptr<const BoundKernel> bind_packed(const Operator& op, const Product& p,
                                               std::int64_t members, std::int64_t rows,
                                               PackedWeights& weights) {
  const onednn::Schedule schedule = p.schedule(members);
  const ThreadLimit limit = onednn::limit_for(schedule);
  const dnnl::memory::desc bias = onednn::plain(p.dtype, {1, p.n()});
  const Primitive primitive =
      describe(op, onednn::plain(p.dtype, {rows, p.k()}), onednn::any(p.dtype, {p.k(), p.n()}),
               onednn::plain(p.dtype, {rows, p.n()}), bias);
  auto kernel = kernel_for(op, primitive, schedule);
  const dnnl::matmul product(primitive);
  const dnnl::memory::desc from = onednn::plain(p.dtype, {p.k(), p.n()});
  const Dims bias_dims = op.has_input(kBias) ? op.inputs[kBias].dims : Dims{};
  const bool has_own_bias = bias_dims.size() == 3 && bias_dims[0] == members;
  const PackedWeights::Bytes packed =
      onednn::pack(*op.inputs[1].constant, 0, members, from, primitive.weights_desc(), weights);
  const std::size_t step = onednn::packed_step(primitive.weights_desc());
  for (std::int64_t m = 0; m < members; ++m) {
    const auto member = static_cast<std::size_t>(m);
    const Offsets at{member * primitive.src_desc().get_size(),
                     member * primitive.dst_desc().get_size(),
                     has_own_bias ? member * bias.get_size() : 0};
    // Of their own, as they may run at the same time.
    const std::size_t scratchpad = kernel->add_workspace(primitive.scratchpad_desc().get_size());
    std::vector<Argument> arguments = arguments_of(op, primitive, scratchpad, bias, at);
    arguments.push_back({DNNL_ARG_WEIGHTS, primitive.weights_desc(), Argument::Source::Packed, 0,
                         member * step, packed});
    kernel->add(product, std::move(arguments));
  }
  return kernel;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, PackedWeights& weights) {
  const auto p = product_of(op);
  if (!p) return nullptr;
  const std::int64_t matrices = p->batch(p->b);
  // The members stand in front of all else, and each has its own rows.
  const bool is_member_wise = matrices > 1 && p->b[0] == matrices && p->a[0] == matrices;
  if (op.inputs[1].constant == nullptr || (matrices > 1 && !is_member_wise))
    return bind_batched(op, matrices == 1 ? with_joined_rows(op, *p) : *p);
  const std::int64_t rows = product(p->a.begin(), p->a.end() - 1) / matrices;
  return bind_packed(op, *p, matrices, rows, weights);
}

}  // namespace braid
