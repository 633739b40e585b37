// Gemm, which is two-dimensional:
//
//   A stacked, B and C uniform   unchanged in folded(1): the members are rows (stitched)
//   A uniform, B stacked         wide: the weights joined along their outputs (fused)
//   else                         MatMul in front, and Add: Gemm has no batch; B in k blocks as for
//                                MatMul (mixed)

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

bool is_transposed(const Site& site, const char* name) {
  return site.node().attributes.get_int(name, 0) != 0;
}

// C broadcasts along the rows, so more rows do not change its meaning.
bool is_row_bias(const Site& site) {
  if (site.is_absent(2)) return true;
  const Shape* shape = site.shape(2);
  return shape != nullptr && (shape->size() < 2 || (*shape)[0].size == 1);
}

Candidate stitched(const Site& site) {
  const Form form = Form::folded(1);
  return in_form(site, "stitched", form, [=](Emitter& emitter) {
    std::vector<ValueId> inputs = {emitter.stacked(site.input(0), form),
                                   emitter.uniform(site.input(1))};
    if (!site.is_absent(2)) inputs.push_back(emitter.uniform(site.input(2)));
    emitter.copy_as(site, form, std::move(inputs));
  });
}

// C with one value per output, so that the members' can be joined as their weights are.
bool is_output_bias(const Site& site) {
  if (site.is_absent(2)) return true;
  const Shape* shape = site.shape(2);
  if (shape == nullptr || shape->empty() || !site.is_constant(2)) return false;
  return is_row_bias(site) && shape->back().same_as(site.output_shape()->back());
}

Candidate wide(const Site& site) {
  const int members = site.members();
  const Form form = Form::folded(members);
  return in_form(site, "fused", form, [=](Emitter& emitter) {
    const int output_axis = is_transposed(site, "transB") ? 0 : 1;
    std::vector<ValueId> inputs = {emitter.uniform(site.input(0)),
                                   emitter.joined_blocks(site.input(1), members, output_axis)};
    if (!site.is_absent(2)) {
      inputs.push_back(emitter.joined_blocks(site.input(2), members, site.rank(2) - 1));
    }
    emitter.copy_as(site, form, std::move(inputs));
  });
}

ValueId transposed(Emitter& emitter, ValueId id, bool is_stacked) {
  return is_stacked ? emitter.transpose(id, {0, 2, 1}) : emitter.transpose(id, {1, 0});
}

ValueId scaled(Emitter& emitter, const Site& site, const char* name, ValueId id) {
  const float factor = site.node().attributes.get_float(name, 1.0F);
  if (factor == 1.0F) return id;
  const DType dtype = site.facts().graph().value(site.output()).type.dtype;
  const ValueId scale = emitter.constant(Tensor::of<float>({}, {factor}), name);
  if (dtype == DType::Float32) return emitter.add("Mul", {id, scale});
  Attributes to;
  to.set("to", static_cast<std::int64_t>(dtype));
  return emitter.add("Mul", {id, emitter.add("Cast", {scale}, std::move(to))});
}

ValueId with_bias(Emitter& emitter, const Site& site, ValueId product) {
  if (site.is_absent(2)) return product;
  const ValueId c = scaled(emitter, site, "beta", emitter.operand(site.input(2), Form::front(), 2));
  return emitter.add("Add", {product, c});
}

ValueId stacked_or_uniform(Emitter& emitter, const Site& site, std::size_t i) {
  return site.is_stacked(i) ? emitter.stacked(site.input(i), Form::front())
                            : emitter.uniform(site.input(i));
}

Candidate batched(const Site& site) {
  const std::string rule = site.is_stacked(1) ? "fused" : "stitched";
  return in_form(site, rule, Form::front(), [=](Emitter& emitter) {
    ValueId a = stacked_or_uniform(emitter, site, 0);
    ValueId b = stacked_or_uniform(emitter, site, 1);
    if (is_transposed(site, "transA")) a = transposed(emitter, a, site.is_stacked(0));
    if (is_transposed(site, "transB")) b = transposed(emitter, b, site.is_stacked(1));
    const ValueId product = scaled(emitter, site, "alpha", emitter.add("MatMul", {a, b}));
    emitter.define(site.output(), Form::front(), with_bias(emitter, site, product));
  });
}

Candidate in_blocks(const Site& site, int blocks) {
  return in_form(site, "mixed", Form::front(), [=](Emitter& emitter) {
    const ValueId a = emitter.stacked(site.input(0), Form::front());
    const ValueId rows = emitter.reshape(a, {blocks, -1, 0});
    ValueId b = emitter.blocks(site.input(1), blocks, 2);
    if (is_transposed(site, "transB")) b = transposed(emitter, b, true);
    ValueId product = scaled(emitter, site, "alpha", emitter.add("MatMul", {rows, b}));
    product = emitter.reshape(product, {emitter.members(), -1, 0});
    emitter.define(site.output(), Form::front(), with_bias(emitter, site, product));
  });
}

// Integers times a factor that is none are defined for Gemm, but not for Mul.
bool has_exact_factors(const Site& site) {
  const Attributes& attributes = site.node().attributes;
  return is_float(site.facts().graph().value(site.output()).type.dtype) ||
         (attributes.get_float("alpha", 1.0F) == 1.0F &&
          attributes.get_float("beta", 1.0F) == 1.0F);
}

}  // namespace

std::vector<Candidate> gemm_rule(const Site& site) {
  if (site.rank(0) != 2 || site.rank(1) != 2 || site.output_rank() != 2) return {};
  if (!site.is_absent(2) && site.rank(2) < 0) return {};
  if (!has_exact_factors(site)) return {};
  const bool is_transposed_a = is_transposed(site, "transA");
  std::vector<Candidate> candidates = {batched(site)};
  candidates[0].cost = site.costs().launch;
  if (site.is_stacked(0) && site.are_uniform_from(1) && !is_transposed_a && is_row_bias(site)) {
    candidates.push_back(stitched(site));
  }
  if (!site.is_constant(1) || !site.is_stacked(1)) return candidates;
  const int blocks = site.facts().aligned_blocks(site.input(1));
  if (site.is_stacked(0) && !is_transposed_a && blocks > 1 && blocks < site.members()) {
    candidates[0].cost += 2.0 * (site.members() - blocks) * site.bytes(site.input(1));
    candidates.push_back(in_blocks(site, blocks));
  }
  if (site.is_uniform(0) && is_output_bias(site)) candidates.push_back(wide(site));
  return candidates;
}

}  // namespace braid
