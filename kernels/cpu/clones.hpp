#pragma once

/// Before a function: compiles it for several instruction sets, of which the machine's best one is
/// called. What it calls must be inlined into it (BRAID_INLINE), or is compiled for the oldest.
/// Levels, not processors: GCC takes "arch=haswell" for that very model, and for no later one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BRAID_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define BRAID_CLONES
#endif

#define BRAID_INLINE inline __attribute__((always_inline))
