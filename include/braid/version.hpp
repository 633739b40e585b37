#pragma once

namespace braid {

/// The version of the library and the program; CMakeLists.txt has the same.
inline constexpr const char* kVersion = "0.1.0";

}  // namespace braid
