#pragma once

#include "kernels/cuda/element.hpp"

/// Rows that are picked by indices. An index counts from the end if it is negative; one that is out
/// of range picks nothing, and is reported.
namespace braid::cuda {

struct Launch;

/// [members, outer, dim] blocks to [members, outer, count] blocks.
struct GatherArgs {
  const void* from = nullptr;
  const void* indices = nullptr;  ///< [members, count], int32 or int64
  void* to = nullptr;             ///< contiguous
  int* bad = nullptr;            ///< set to 1 if an index is out of range; zeros are written for it
  std::int64_t from_member = 0;  ///< strides, in bytes and in indices; 0 if shared
  std::int64_t indices_member = 0;
  int members = 1;
  int outer = 1;
  int dim = 1;
  int count = 1;
  int block_bytes = 1;
  int unit = 1;  ///< bytes that a thread copies: 1, 2, 4, 8 or 16, which divide the addresses too
  bool is_wide = true;  ///< indices of 64 bits
};

/// Sets the unit, and launches.
Launch launch_gather(GatherArgs& args);

inline constexpr int kEmbeddingTables = 3;

struct EmbeddingTable {
  const void* data = nullptr;     ///< [rows, length]
  const void* indices = nullptr;  ///< [positions]; null: position i takes row i % rows
  std::int64_t member = 0;        ///< strides between members; 0 if shared
  std::int64_t indices_member = 0;
  int rows = 1;
  bool is_wide = true;
};

/// y[member][position] = the sum of one row of each table.
struct EmbeddingArgs {
  EmbeddingTable tables[kEmbeddingTables];
  void* y = nullptr;   ///< [members, positions, length]
  int* bad = nullptr;  ///< as that of GatherArgs
  int count = 1;       ///< of tables
  int members = 1;
  int positions = 1;  ///< per member
  int length = 1;
};

Launch launch_embedding(const EmbeddingArgs& args, Element element);

}  // namespace braid::cuda
