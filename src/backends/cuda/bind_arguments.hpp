#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backends/cuda/launch_kernel.hpp"
#include "backends/strided_source.hpp"
#include "kernels/cuda/copy.hpp"
#include "kernels/cuda/stored.hpp"
#include "plan/operator.hpp"

/// What binders fill argument structs with.
namespace braid::cuda {

/// Sizes as kernels count them. Throws std::length_error for larger ones.
int to_int(std::int64_t size);

/// Nothing if kernels do not compute with the type.
std::optional<Element> element_of(DType dtype);

/// Nothing if kernels neither compute with the type nor count with it.
std::optional<Stored> stored_of(DType dtype);

/// The one type of all operands that are there, among inputs and outputs, if kernels compute with
/// it and there is an element in each.
std::optional<Element> common_element(const Operator& op);

/// An axis that several operands have, with the stride of each.
struct JointAxis {
  std::int64_t size = 1;
  std::vector<std::int64_t> strides;  ///< in elements; 0 where an operand is broadcast
};

/// The same indices with as few axes as can be, the outermost first; none of size 1.
std::vector<JointAxis> joined(const std::vector<JointAxis>& axes);

/// Adds a copy of elements of `width` bytes. Throws std::length_error if it has too many axes.
void add_copy(LaunchList& list, const std::byte* from, std::byte* to,
              const std::vector<CopyAxis>& axes, std::int64_t width);

/// The same copy by the host, as weights are packed.
void copy_on_host(std::span<const CopyAxis> axes, std::size_t width, const std::byte* from,
                  std::byte* to);

}  // namespace braid::cuda
