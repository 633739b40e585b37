// MaxPool with Indices, and MaxUnpool, which reads them. Members lie in the batch, but indices
// count through all of the tensor, batch and channels included, so those of member m start at
// m * N * C * plane. In front, that is taken off behind MaxPool and put on before MaxUnpool.
//
// MaxPool without Indices is like any pooling.

#include <algorithm>

#include "merge/rules/member_offsets.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr int kSpatial = 2;  // the first spatial axis

std::int64_t product(const Ints& values) {
  std::int64_t result = 1;
  for (const std::int64_t value : values)
    result *= value;
  return result;
}

std::optional<Ints> known_from(const Shape& shape, int axis) {
  Ints dims;
  for (std::size_t i = static_cast<std::size_t>(axis); i < shape.size(); ++i) {
    if (!shape[i].is_known()) return std::nullopt;
    dims.push_back(shape[i].size);
  }
  return dims;
}

// What a window of padding only yields as its index is not to be moved.
bool meets_input(const Site& site) {
  const Attributes& attributes = site.node().attributes;
  const Ints kernel = attributes.get_ints("kernel_shape");
  const Ints pads = attributes.get_ints("pads");
  const Ints dilations = attributes.get_ints("dilations");
  const std::string automatic = attributes.get_string("auto_pad", "NOTSET");
  const auto is = [](std::int64_t value) { return [=](std::int64_t x) { return x == value; }; };
  const bool is_dense = std::all_of(dilations.begin(), dilations.end(), is(1));
  if (automatic == "VALID") return true;
  if (automatic != "NOTSET") return is_dense;
  if (std::all_of(pads.begin(), pads.end(), is(0))) return true;
  for (std::size_t i = 0; i < pads.size(); ++i) {
    if (pads[i] >= kernel[i % kernel.size()]) return false;
  }
  return is_dense;
}

// Sizes of MaxUnpool's output planes, from those of its input.
std::optional<Ints> unpooled(const Site& site) {
  const Attributes& attributes = site.node().attributes;
  const Ints kernel = attributes.get_ints("kernel_shape");
  const Ints pads = attributes.get_ints("pads");
  const Ints strides = attributes.get_ints("strides");
  auto dims = known_from(*site.shape(0), kSpatial);
  if (!dims || dims->size() != kernel.size()) return std::nullopt;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t stride = strides.empty() ? 1 : strides[i];
    const std::int64_t pad = pads.empty() ? 0 : pads[i] + pads[kernel.size() + i];
    (*dims)[i] = ((*dims)[i] - 1) * stride - pad + kernel[i];
  }
  return dims;
}

Candidate pool_with_indices(const Site& site) {
  const Form front = Form::front();
  Candidate candidate = in_form(site, "stacked", Form::folded(1), [=](Emitter& emitter) {
    const ValueId indices = site.output(1);
    const auto dims = known_from(*site.shape(0), 0);
    const auto known = dims ? std::optional(product(*dims)) : std::nullopt;
    emitter.copy_as(site, Form::folded(1), {emitter.stacked(site.input(0), Form::folded(1))});
    const ValueId offsets = member_offsets(emitter, site.output_rank(1), known, [&] {
      return emitter.add("ReduceProd", {emitter.logical_dims(site.input(0))});
    });
    const ValueId moved = emitter.add("Sub", {emitter.stacked(indices, front), offsets});
    emitter.redefine(indices, front, moved);
  });
  candidate.output = front;
  return candidate;
}

}  // namespace

std::vector<Candidate> max_pool_rule(const Site& site) {
  if (site.output(1) == kAbsent) return channelwise_rule(site);
  if (site.rank(0) < 3 || site.output_rank(1) < 3 || !meets_input(site)) return {};
  return {pool_with_indices(site)};
}

std::vector<Candidate> max_unpool_rule(const Site& site) {
  if (site.rank(0) < 3 || site.rank(1) != site.rank(0) || !site.is_absent(2)) return {};
  const auto planes = unpooled(site);
  const auto image = known_from(*site.shape(0), 1);
  if (!planes || !image) return {};
  const Form form = Form::folded(1);
  Candidate candidate = in_form(site, "stacked", form, [=](Emitter& emitter) {
    const Dim& batch = (*site.shape(0))[0];
    const std::int64_t size = image->front() * product(*planes);  // of one image
    const auto known = batch.is_known() ? std::optional(batch.size * size) : std::nullopt;
    const ValueId offsets = member_offsets(emitter, site.rank(1), known, [&] {
      const ValueId images =
          emitter.gather(emitter.logical_dims(site.input(0)), emitter.ints({0}), 0);
      return emitter.add("Mul", {images, emitter.ints({size})});
    });
    const ValueId indices =
        emitter.add("Add", {emitter.stacked(site.input(1), Form::front()), offsets});
    Ints target = *image;
    target.insert(target.begin(), -1);
    emitter.copy_as(site, form,
                    {emitter.stacked(site.input(0), form), emitter.reshape(indices, target)});
  });
  candidate.inputs[1] = Form::front();
  candidate.cost = expansion_cost(site) + site.costs().launch;
  return {candidate};
}

}  // namespace braid
