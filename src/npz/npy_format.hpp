#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/tensor.hpp"

namespace braid {

/// The tensor in the bytes of a .npy file (numpy.lib.format, versions 1 to 3). Borrows the bytes,
/// which `owner` keeps alive, where it can. Throws Error (BadInput) that starts with `place`.
Tensor parse_npy(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                 const std::string& place);

/// What stands before the data in the .npy file of a tensor.
/// Throws Error (Output) that starts with `place` if NumPy has no such type.
std::string npy_header(DType dtype, const std::vector<std::int64_t>& dims,
                       const std::string& place);

}  // namespace braid
