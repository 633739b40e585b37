#include "backends/cuda/choice/gpu_rates.hpp"

namespace braid::cuda {
namespace {

// Per processor and clock; what later architectures have is taken to be what the last known has.
struct Units {
  int architecture;  // from this one on
  int lanes;         // each multiplies and adds
  int tensor_flops;  // of factors of 16 bits, with sums in float
};

constexpr Units kUnits[] = {{50, 128, 0},     {60, 64, 0},     {61, 128, 0},    {70, 64, 1024},
                            {80, 64, 2048},   {86, 128, 512},  {89, 128, 1024}, {90, 128, 4096},
                            {100, 128, 8192}, {120, 128, 1024}};

const Units& units_of(int architecture) {
  const Units* found = kUnits;
  for (const Units& units : kUnits) {
    if (units.architecture <= architecture) found = &units;
  }
  return *found;
}

}  // namespace

double arithmetic_rate(const GpuTraits& gpu) {
  return 2.0 * units_of(gpu.architecture).lanes * gpu.clock;
}

double tensor_rate(const GpuTraits& gpu, Element element) {
  const bool is_rounded = element == Element::Float;
  return units_of(gpu.architecture).tensor_flops * gpu.clock * (is_rounded ? 0.5 : 1.0);
}

}  // namespace braid::cuda
