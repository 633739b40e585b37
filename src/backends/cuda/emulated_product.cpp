#include "backends/cuda/emulated_product.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <bit>

#include "support/assert.hpp"

namespace braid {
namespace {

using cuda::Activation;
using cuda::Element;

float read(const void* data, std::int64_t i, Element element) {
  switch (element) {
    case Element::Half:
      return static_cast<float>(static_cast<const Eigen::half*>(data)[i]);
    case Element::BFloat16:
      return static_cast<float>(static_cast<const Eigen::bfloat16*>(data)[i]);
    case Element::Float:
      break;
  }
  return static_cast<const float*>(data)[i];
}

void write(void* data, std::int64_t i, Element element, float value) {
  switch (element) {
    case Element::Half:
      static_cast<Eigen::half*>(data)[i] = static_cast<Eigen::half>(value);
      return;
    case Element::BFloat16:
      static_cast<Eigen::bfloat16*>(data)[i] = static_cast<Eigen::bfloat16>(value);
      return;
    case Element::Float:
      static_cast<float*>(data)[i] = value;
  }
}

std::int64_t place(const MatrixBatch& matrices, int i, int row, int column) {
  return i * matrices.stride +
         (matrices.is_transposed ? column * matrices.pitch + row : row * matrices.pitch + column);
}

void check_alignment(const ProductAddresses& at) {
  for (const void* address : {at.a, at.b, at.bias, at.addend, static_cast<const void*>(at.y)}) {
    BRAID_ASSERT(std::bit_cast<std::uintptr_t>(address) % kLibraryAlignment == 0,
                 "libraries take aligned operands");
  }
}

float result_at(const ProductLayout& layout, const ProductAddresses& at, int i, int row,
                int column) {
  const Element type = layout.yields_floats ? Element::Float : layout.element;
  float sum = 0;
  for (int d = 0; d < layout.depth; ++d) {
    sum += read(at.a, place(layout.a, i, row, d), layout.element) *
           read(at.b, place(layout.b, i, d, column), layout.element);
  }
  sum *= layout.scale;
  if (layout.has_bias) sum += read(at.bias, i * layout.bias_stride + column, type);
  if (layout.has_addend) sum += read(at.addend, place(layout.addend, i, row, column), type);
  return layout.activation == Activation::Relu ? std::max(sum, 0.0F) : sum;
}

}  // namespace

void emulate_product(const ProductLayout& layout, const ProductAddresses& at) {
  check_alignment(at);
  const Element type = layout.yields_floats ? Element::Float : layout.element;
  for (int i = 0; i < layout.count; ++i) {
    for (int row = 0; row < layout.rows; ++row) {
      for (int column = 0; column < layout.columns; ++column) {
        write(at.y, place(layout.y, i, row, column), type, result_at(layout, at, i, row, column));
      }
    }
  }
}

}  // namespace braid
