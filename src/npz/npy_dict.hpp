#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

/// The dictionary in the header of a .npy file.
struct NpyDict {
  std::string descr;  ///< "<f4"
  bool is_fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Reads "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", the keys in any order.
/// Throws std::invalid_argument with the reason. (xtensor's own reader trusts the file.)
NpyDict parse_npy_dict(std::string_view text);

}  // namespace braid
