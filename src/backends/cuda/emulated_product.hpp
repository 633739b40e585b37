#pragma once

#include "backends/cuda/library_product.hpp"

namespace braid {

/// What a library computes, in plain loops over the memory of the host. Rounds nothing to tf32.
/// Throws Error (Internal) for operands that are not aligned as libraries want them.
void emulate_product(const ProductLayout& layout, const ProductAddresses& at);

}  // namespace braid
