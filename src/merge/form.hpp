#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "braid/types.hpp"

namespace braid {

/// Where the member axis of a stacked value lies in its tensor. With M members, for a value of
/// logical dims [N, C, ...] (those of one member):
///
///   front      [M, N, C, ...]        stacked in front
///   second     [N, M, C, ...]        stacked behind the batch
///   folded(k)  [M/k*N, k*C, ...]     k blocks of M/k consecutive members: the blocks lie in the
///                                    channels, the members of a block in the batch
///   separate                         one tensor [N, C, ...] per member
///
/// folded(1) has the memory of front, and folded(M) that of second: between those a Reshape is
/// enough. folded(k) is the one form in which Conv needs no case distinction: weights that fall
/// into k share classes make a convolution of k times the groups (k = 1: stitched, k = M: fused).
struct Form {
  enum class Kind { Separate, Front, Second, Folded };

  Kind kind = Kind::Separate;
  int blocks = 0;  ///< k of folded(k)

  static Form separate() { return {Kind::Separate, 0}; }
  static Form front() { return {Kind::Front, 0}; }
  static Form second() { return {Kind::Second, 0}; }
  static Form folded(int blocks) { return {Kind::Folded, blocks}; }

  auto operator<=>(const Form&) const = default;

  bool is_folded() const { return kind == Kind::Folded; }

  /// Smallest logical rank of a value that can take this form.
  int minimum_rank() const;

  /// Whether logical axis `axis` is an axis of its own in the tensor, with its own size.
  bool is_free(int axis, int members) const;

  /// Whether removing or adding logical axis `axis` leaves the member axis in its place.
  bool is_removable(int axis) const;

  /// Place of a free logical axis in the tensor.
  int physical(int axis) const;
};

std::string to_string(const Form& form);

/// One dimension of a tensor in some form: `factor` times logical dim `axis`, or just `factor`.
struct FormDim {
  std::int64_t factor = 1;
  int axis = -1;

  bool operator==(const FormDim&) const = default;
};

/// Dimensions of a value of logical rank `rank` in a form; not for separate.
std::vector<FormDim> form_dims(const Form& form, int rank, int members);

/// The size, if the logical dim is known.
std::optional<std::int64_t> known_size(const FormDim& dim, const Shape& logical);

}  // namespace braid
