// A module of kernels whose code the fake driver does not look at.

#include "kernels/cuda/image.hpp"

extern "C" {
extern const braid::cuda::Image braid_cuda_images[];
const braid::cuda::Image braid_cuda_images[] = {{"all", "code"}, {nullptr, nullptr}};
}
