#pragma once

#include <functional>
#include <optional>

#include "merge/emitter.hpp"

namespace braid {

/// 0, step, 2 step, ... : int64[M, 1, ..., 1], with `rank` ones behind the member axis. The step is
/// `known`, or else the int64[1] that `at_run_time` emits.
ValueId member_offsets(Emitter& emitter, int rank, std::optional<std::int64_t> known,
                       const std::function<ValueId()>& at_run_time);

}  // namespace braid
