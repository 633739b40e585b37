#pragma once

// The language of the kernels: CUDA C++ where nvcc or NVRTC compiles them, and the emulator's words
// for it where the host's compiler does. Nothing of CUDA's runtime is used here.
#include "kernels/cuda/integers.hpp"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>

/// A variable of the block, not initialised. Its type needs no constructor.
#define BRAID_SHARED(Type, name) __shared__ Type name
/// The launch's dynamic shared memory.
#define BRAID_DYNAMIC_SHARED(Type, name)                          \
  extern __shared__ __align__(16) unsigned char dynamic_shared[]; \
  Type* const name = reinterpret_cast<Type*>(dynamic_shared)
#define BRAID_UNROLL _Pragma("unroll")
#define BRAID_ROLL _Pragma("unroll 1")

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
#define BRAID_ARGUMENT const __grid_constant__
#else
#define BRAID_ARGUMENT const
#endif

/// Defines the kernel `name`, whose threads run Type::run(args), in blocks of Type::kThreads, of
/// which kBlocks should fit on a processor at once. LIST(X) is X(name, Type) for each.
#define BRAID_DEFINE_KERNEL(name, ...)                                                      \
  extern "C" __global__ void __launch_bounds__(__VA_ARGS__::kThreads, __VA_ARGS__::kBlocks) \
      name(BRAID_ARGUMENT __VA_ARGS__::Args args) {                                         \
    __VA_ARGS__::run(args);                                                                 \
  }
#define BRAID_KERNELS(family, LIST) LIST(BRAID_DEFINE_KERNEL)

#else
#include <type_traits>

#include "kernels/cuda/emulator/cuda_language.hpp"
#include "kernels/cuda/launch.hpp"

#define BRAID_SHARED(Type, name)    \
  static const char name##_tag = 0; \
  Type& name = ::braid::cuda::emulator::Block::current().shared<Type>(&name##_tag)
#define BRAID_DYNAMIC_SHARED(Type, name) \
  Type* const name =                     \
      reinterpret_cast<Type*>(::braid::cuda::emulator::Block::current().dynamic_shared())
#define BRAID_UNROLL
#define BRAID_ROLL

namespace braid::cuda {

template <class K>
Kernel emulated_kernel(const char* name) {
  using Args = typename K::Args;
  static_assert(std::is_trivially_copyable_v<Args>);
  static_assert(sizeof(Args) <= 4096, "more than a kernel's arguments may have");
  return {name, sizeof(Args), [](const void* args) { K::run(*static_cast<const Args*>(args)); }};
}

}  // namespace braid::cuda

#define BRAID_LIST_KERNEL(name, ...) emulated_kernel<__VA_ARGS__>(#name),
#define BRAID_KERNELS(family, LIST)                            \
  std::span<const Kernel> family##_kernels() {                 \
    static const Kernel kernels[] = {LIST(BRAID_LIST_KERNEL)}; \
    return kernels;                                            \
  }
#endif
