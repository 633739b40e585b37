#pragma once

#include <cstdint>

namespace braid {

/// What files may ask of this process, so that a hostile one ends in an error (docs/security.md).
struct Limits {
  /// Bytes of tensors, activations and packed weights at one time, without those that lie in mapped
  /// files. More is an Error (Device). The default is the memory of the machine.
  std::uint64_t memory;

  /// Nodes of a model, those in subgraphs included, once its functions stand where they are called.
  /// More is an Error (BadInput).
  std::uint64_t nodes = 5'000'000;

  /// Subgraphs within subgraphs, once functions stand where they are called. More is an Error
  /// (BadInput).
  int nesting = 64;

  Limits();
};

/// Those in force.
const Limits& limits();

/// For programs, once, at their start: no other thread may use the library yet.
void set_limits(const Limits& limits);

}  // namespace braid
