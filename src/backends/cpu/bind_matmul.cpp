// MatMul and the fused form of it: oneDNN.
//
// A constant on the right is packed. If it has one matrix for all rows, these make one product; if
// it has one per member, oneDNN (2.6) would not pack it, so each member has a product of its own.

#include <algorithm>
#include <numeric>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/onednn.hpp"

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
};

std::optional<Product> product_of(const Operator& op) {
  Product result;
  result.dtype = op.inputs[0].dtype;
  const std::size_t rank =
      std::max<std::size_t>({op.inputs[0].dims.size(), op.inputs[1].dims.size(), 2});
  result.a = as_matrices(op.inputs[0].dims, true, rank);
  result.b = as_matrices(op.inputs[1].dims, false, rank);
  for (std::size_t i = 0; i + 2 < rank; ++i)
    result.y.push_back(std::max(result.a[i], result.b[i]));
  result.y.push_back(result.a[rank - 2]);
  result.y.push_back(result.b[rank - 1]);
  if (!onednn::data_type(result.dtype) || op.inputs[1].dtype != result.dtype) return std::nullopt;
  const bool is_empty = product(result.y.begin(), result.y.end()) == 0 || result.k() == 0;
  if (is_empty) return std::nullopt;
  return result;
}

dnnl::matmul::primitive_desc describe(const dnnl::memory::desc& a, const dnnl::memory::desc& b,
                                      const dnnl::memory::desc& y) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return {dnnl::matmul::desc(a, b, y), attributes, onednn::engine()};
}

std::unique_ptr<onednn::Kernel> kernel_for(const dnnl::matmul::primitive_desc& description) {
  return std::make_unique<onednn::Kernel>(std::string("onednn ") + description.impl_info_str(), 2);
}

Argument scratchpad(onednn::Kernel& kernel, const dnnl::matmul::primitive_desc& description) {
  const dnnl::memory::desc layout = description.scratchpad_desc();
  return {DNNL_ARG_SCRATCHPAD,
          layout,
          Argument::Source::Workspace,
          0,
          kernel.add_workspace(layout.get_size()),
          nullptr};
}

// Both computed: one batched product, with dims of 1 broadcast.
std::unique_ptr<const BoundKernel> bind_batched(const Product& p) {
  const auto description = describe(onednn::plain(p.dtype, p.a), onednn::plain(p.dtype, p.b),
                                    onednn::plain(p.dtype, p.y));
  auto kernel = kernel_for(description);
  const Argument scratch = scratchpad(*kernel, description);
  kernel->add(
      dnnl::matmul(description),
      {{DNNL_ARG_SRC, description.src_desc(), Argument::Source::Input, 0, 0, nullptr},
       {DNNL_ARG_WEIGHTS, description.weights_desc(), Argument::Source::Input, 1, 0, nullptr},
       {DNNL_ARG_DST, description.dst_desc(), Argument::Source::Output, 0, 0, nullptr},
       scratch});
  return kernel;
}

// One packed matrix per member: `members` products of `rows` rows each.
std::unique_ptr<const BoundKernel> bind_packed(const Product& p, std::int64_t members,
                                               std::int64_t rows, const Tensor& weight,
                                               PackedWeights& weights) {
  const auto description =
      describe(onednn::plain(p.dtype, {rows, p.k()}), onednn::any(p.dtype, {p.k(), p.n()}),
               onednn::plain(p.dtype, {rows, p.n()}));
  auto kernel = kernel_for(description);
  const Argument scratch = scratchpad(*kernel, description);
  const dnnl::matmul primitive(description);
  const dnnl::memory::desc from = onednn::plain(p.dtype, {p.k(), p.n()});
  for (std::int64_t m = 0; m < members; ++m) {
    const auto member = static_cast<std::size_t>(m);
    const std::size_t a = member * description.src_desc().get_size();
    const std::size_t y = member * description.dst_desc().get_size();
    auto packed =
        onednn::pack(weight, member * from.get_size(), from, description.weights_desc(), weights);
    kernel->add(primitive,
                {{DNNL_ARG_SRC, description.src_desc(), Argument::Source::Input, 0, a, nullptr},
                 {DNNL_ARG_WEIGHTS, description.weights_desc(), Argument::Source::Packed, 0, 0,
                  std::move(packed)},
                 {DNNL_ARG_DST, description.dst_desc(), Argument::Source::Output, 0, y, nullptr},
                 scratch});
  }
  return kernel;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, PackedWeights& weights) {
  const auto p = product_of(op);
  if (!p) return nullptr;
  const Tensor* constant = op.inputs[1].constant;
  const std::int64_t matrices = p->batch(p->b);
  // The members stand in front of all else, and each has its own rows.
  const bool is_member_wise = matrices > 1 && p->b[0] == matrices && p->a[0] == matrices;
  if (constant == nullptr || (matrices > 1 && !is_member_wise)) return bind_batched(*p);
  const std::int64_t rows = product(p->a.begin(), p->a.end() - 1) / matrices;
  return bind_packed(*p, matrices, rows, *constant, weights);
}

}  // namespace braid
