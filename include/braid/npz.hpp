#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "braid/datum.hpp"

namespace braid {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The tensors in a datum under names of their own: those of sequences are NAME/0, NAME/1, and so
/// on; an optional is what it holds.
NamedTensors name_tensors(const std::string& name, const Datum& datum);

/// Reads a NumPy .npz archive: one tensor per entry, named without ".npy". Throws Error (BadInput).
NamedTensors load_npz(const std::filesystem::path& path);

/// Reads one NumPy .npy file. Throws Error (BadInput).
Tensor load_npy(const std::filesystem::path& path);

/// Writes an uncompressed .npz archive; equal tensors give equal bytes. float16 is written as
/// NumPy's float16; bfloat16 as float32. Throws Error (Output).
void save_npz(const std::filesystem::path& path, const NamedTensors& tensors, bool overwrite);

}  // namespace braid
