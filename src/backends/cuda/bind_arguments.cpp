#include "backends/cuda/bind_arguments.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

bool continues(const JointAxis& outer, const JointAxis& inner) {
  for (std::size_t i = 0; i < outer.strides.size(); ++i) {
    if (outer.strides[i] != inner.strides[i] * inner.size) return false;
  }
  return true;
}

}  // namespace

int to_int(std::int64_t size) {
  if (size > std::numeric_limits<int>::max()) throw std::length_error("a size beyond 31 bits");
  return static_cast<int>(size);
}

std::optional<Element> element_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return Element::Float;
    case DType::Float16:
      return Element::Half;
    case DType::BFloat16:
      return Element::BFloat16;
    default:
      return std::nullopt;
  }
}

std::optional<Stored> stored_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return Stored::Float;
    case DType::Float16:
      return Stored::Half;
    case DType::BFloat16:
      return Stored::BFloat16;
    case DType::Int32:
      return Stored::Int32;
    case DType::Int64:
      return Stored::Int64;
    case DType::Int8:
      return Stored::Int8;
    case DType::UInt8:
      return Stored::UInt8;
    case DType::Bool:
      return Stored::Bool;
    default:
      return std::nullopt;
  }
}

std::optional<Element> common_element(const Operator& op) {
  const DType dtype = op.inputs[0].dtype;
  for (const auto* operands : {&op.inputs, &op.outputs}) {
    for (const braid::Operand& operand : *operands) {
      if (operand.is_absent()) continue;
      if (operand.dtype != dtype || product(operand.dims) == 0) return std::nullopt;
    }
  }
  return element_of(dtype);
}

std::vector<JointAxis> joined(const std::vector<JointAxis>& axes) {
  std::vector<JointAxis> result;
  for (const JointAxis& axis : axes) {
    if (axis.size == 1) continue;
    if (!result.empty() && continues(result.back(), axis)) {
      result.back() = {result.back().size * axis.size, axis.strides};
    } else {
      result.push_back(axis);
    }
  }
  return result;
}

void add_copy(LaunchList& list, const std::byte* from, std::byte* to,
              const std::vector<CopyAxis>& axes, std::int64_t width) {
  const auto args = make_copy(from, to, axes, static_cast<int>(width));
  if (!args) throw std::length_error("a copy of too many axes");
  list.add(launch_copy(*args), *args);
}

void copy_on_host(std::span<const CopyAxis> axes, std::size_t width, const std::byte* from,
                  std::byte* to) {
  if (axes.empty()) {
    std::memcpy(to, from, width);
    return;
  }
  for (std::int64_t i = 0; i < axes[0].size; ++i) {
    const auto step = static_cast<std::ptrdiff_t>(width) * i;
    copy_on_host(axes.subspan(1), width, from + step * axes[0].from, to + step * axes[0].to);
  }
}

}  // namespace braid::cuda
