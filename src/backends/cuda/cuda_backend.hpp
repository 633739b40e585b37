#pragma once

#include "backends/cuda/choice/tuner.hpp"
#include "backends/cuda/gpu.hpp"
#include "braid/compile.hpp"
#include "plan/backend.hpp"

namespace braid {

/// Kernels for a device, which outlives it and what it makes; what has none runs on the host, as
/// the CPU has it. Kernels are chosen by the tuner, which outlives it as well; null: by the model.
std::unique_ptr<const Backend> make_cuda_backend(std::string name, Gpu& gpu,
                                                 Precision precision = Precision::Float32,
                                                 cuda::Tuner* tuner = nullptr);

/// The first GPU that the driver lists. Throws Error (Device) that says what is missing.
Gpu& driver_gpu();

/// What the emulator stands in for.
Gpu& emulated_gpu();

/// For the first GPU that the driver lists. Throws Error (Device) that says what is missing, such
/// as tensor cores that know tf32.
const Backend& cuda_backend(Precision precision, const Tuning& tuning);

/// For a GPU that the emulator stands in for.
const Backend& emulated_cuda_backend(Precision precision, const Tuning& tuning);

}  // namespace braid
