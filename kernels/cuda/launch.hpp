#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// What a backend needs to run a kernel: its name in the module (or its emulated function), the
/// shape of the launch, and the argument struct of its family, which is passed by value.
namespace braid::cuda {

struct Size3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

/// One launch. The launch functions of the families make them; an empty grid is no work to do.
struct Launch {
  const char* kernel = nullptr;  ///< as in the module and in the table; lives forever
  Size3 grid;
  Size3 block;
  unsigned shared_bytes = 0;  ///< of dynamic shared memory

  bool is_empty() const { return grid.x == 0 || grid.y == 0 || grid.z == 0; }
};

/// A kernel as the host has it.
struct Kernel {
  const char* name = nullptr;
  std::size_t argument_bytes = 0;                ///< size of the argument struct
  void (*emulated)(const void* args) = nullptr;  ///< one thread of it, for emulator::launch()
};

/// All kernels, sorted by family.
std::span<const Kernel> all_kernels();

/// Null if there is none of this name.
const Kernel* find_kernel(std::string_view name);

/// Blocks that cover `count` things, `per_block` each. Throws std::length_error if a grid cannot
/// have so many.
unsigned blocks_for(std::int64_t count, std::int64_t per_block);

/// Blocks of `threads` threads, one of which each of `count` things gets. Throws std::length_error
/// if 32 bits cannot number them.
unsigned blocks_of_threads(std::int64_t count, unsigned threads);

}  // namespace braid::cuda
