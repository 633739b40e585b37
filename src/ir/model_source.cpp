#include "braid/model_source.hpp"

#include <algorithm>

namespace braid {

const SourceFile::Weight* SourceFile::find(std::uint64_t offset, std::uint64_t length) const {
  const auto found = std::ranges::lower_bound(weights, offset, {}, &Weight::offset);
  const bool is_here =
      found != weights.end() && found->offset == offset && found->bytes.bytes() == length;
  return is_here ? &*found : nullptr;
}

void SourceFile::for_each_piece(const Tensor::PieceSink& sink) const {
  std::uint64_t at = 0;
  const auto pass_up_to = [&](std::uint64_t end) {
    if (end > at) sink(image.subspan(at, end - at));
  };
  for (const Weight& weight : weights) {
    pass_up_to(weight.offset);
    weight.bytes.for_each_piece(sink);
    at = weight.end();
  }
  pass_up_to(image.size());
}

}  // namespace braid
