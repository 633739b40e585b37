#pragma once

#include <cstddef>

/// What the module libbraid-cuda.so holds: the kernels as device code.
namespace braid::cuda {

/// Code for several architectures, one family of kernels.
struct Image {
  const char* family;
  const void* code;  ///< a fatbin, for cuModuleLoadData
};

inline constexpr const char* kImageModule = "libbraid-cuda.so";
inline constexpr const char* kImageSymbol =
    "braid_cuda_images";  ///< Image[], ends with a null family

}  // namespace braid::cuda
