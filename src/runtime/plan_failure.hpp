#pragma once

#include "braid/error.hpp"

namespace braid {

/// What was planned cannot be kept: a value has other dims than were inferred, or a kernel cannot
/// be made. The model runs without a plan then.
class PlanFailure : public Error {
 public:
  explicit PlanFailure(const std::string& message) : Error(ErrorKind::Internal, message) {}
};

}  // namespace braid
