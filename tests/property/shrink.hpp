#pragma once

#include <functional>

#include "property/case.hpp"

namespace braid::property {

/// Makes a failing case as small as it gets: drops outputs, members, disguises and sharing,
/// replaces nodes by inputs, and keeps each step after which `fails` still holds, until no step
/// helps. The result fails.
Case shrink(Case test, const std::function<bool(const Case&)>& fails);

}  // namespace braid::property
