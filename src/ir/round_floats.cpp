#include "ir/round_floats.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace braid {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 14;  // elements converted at once

void count(float value, Overflow::Found& found) {
  found.least = found.count == 0 ? value : std::min(found.least, value);
  found.greatest = found.count == 0 ? value : std::max(found.greatest, value);
  ++found.count;
}

template <class To>
To round_one(float value, Overflow::Found& found) {
  const To result(value);
  if (!(Eigen::numext::isinf)(result) || std::isinf(value)) return result;
  count(value, found);
  return value < 0 ? std::numeric_limits<To>::lowest() : std::numeric_limits<To>::max();
}

template <class To>
Tensor rounded_to(const Tensor& floats, DType to, std::shared_ptr<Overflow> overflow) {
  const auto source = [floats, overflow = std::move(overflow)](const Tensor::PieceSink& sink) {
    Overflow::Found found;
    std::vector<float> chunk(kChunk);
    std::vector<To> results(kChunk);
    floats.for_each_piece([&](std::span<const std::byte> piece) {
      while (!piece.empty()) {
        const std::size_t bytes = std::min(piece.size(), kChunk * sizeof(float));
        const std::size_t size = bytes / sizeof(float);
        std::memcpy(chunk.data(), piece.data(), bytes);
        std::transform(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size),
                       results.begin(), [&](float x) { return round_one<To>(x, found); });
        sink(std::as_bytes(std::span(results.data(), size)));
        piece = piece.subspan(bytes);
      }
    });
    overflow->set(found);
  };
  return Tensor::streamed(to, floats.dims(), source);
}

}  // namespace

float largest_of(DType dtype) {
  return dtype == DType::Float16 ? static_cast<float>(std::numeric_limits<Eigen::half>::max())
                                 : static_cast<float>(std::numeric_limits<Eigen::bfloat16>::max());
}

Tensor rounded(const Tensor& floats, DType to, std::shared_ptr<Overflow> overflow) {
  return to == DType::Float16 ? rounded_to<Eigen::half>(floats, to, std::move(overflow))
                              : rounded_to<Eigen::bfloat16>(floats, to, std::move(overflow));
}

}  // namespace braid
