#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/tensor.hpp"

namespace braid {

/// One file of a model, byte by byte: the weights in it, and what is between them.
struct SourceFile {
  /// Bytes of one weight, as uint8[length].
  struct Weight {
    std::uint64_t offset = 0;
    Tensor bytes;

    std::uint64_t end() const { return offset + bytes.bytes(); }
  };

  std::string location;  ///< of external data, as the model spells it; "": the model file
  std::span<const std::byte> image;   ///< the file; anything may stand where weights lie
  std::shared_ptr<const void> owner;  ///< keeps `image`
  std::vector<Weight> weights;        ///< by offset; none overlap

  /// The weight that starts at `offset` and has `length` bytes; null if there is none.
  const Weight* find(std::uint64_t offset, std::uint64_t length) const;

  /// Hands the file's bytes to `sink`, piece by piece.
  void for_each_piece(const Tensor::PieceSink& sink) const;
};

/// The files that a model was loaded from, as they were then.
struct ModelSource {
  std::vector<SourceFile> files;  ///< the model file first
};

}  // namespace braid
