#pragma once

// The integers of known size, also where NVRTC compiles, which has no standard library.
#ifdef __CUDACC_RTC__
namespace std {
using int8_t = signed char;
using uint8_t = unsigned char;
using int16_t = short;
using uint16_t = unsigned short;
using int32_t = int;
using uint32_t = unsigned int;
using int64_t = long long;
using uint64_t = unsigned long long;
using size_t = unsigned long;
using uintptr_t = unsigned long;
}  // namespace std
#else
#include <cstddef>
#include <cstdint>
#endif
