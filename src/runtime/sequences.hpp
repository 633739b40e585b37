#pragma once

#include <memory>
#include <string_view>

#include "braid/attribute.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// Whether an operator of ai.onnx takes or yields sequences or optionals: those that are made for
/// them, and Identity, which takes anything.
bool is_sequence_operator(std::string_view op);

/// Its kernel; null if it is none of these.
std::unique_ptr<LooseKernel> make_sequence_kernel(std::string_view op,
                                                  const Attributes& attributes);

}  // namespace braid
