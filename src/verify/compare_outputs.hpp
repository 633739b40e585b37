#pragma once

#include "braid/verify.hpp"

namespace braid {

/// The statistics of OutputCheck for one output; `member` and `output` stay empty. Floating-point
/// elements, complex ones part by part, may differ by the tolerances; all others must be equal.
/// Outputs of another type or other dims fail as a whole.
OutputCheck compare_outputs(const Tensor& member, const Tensor& merged, double absolute_tolerance,
                            double relative_tolerance);

/// The same with all tolerances of `options`.
OutputCheck compare_outputs(const Tensor& member, const Tensor& merged,
                            const VerifyOptions& options);

}  // namespace braid
