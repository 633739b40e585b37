#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace braid::fuzz {

/// Changes one place: a value becomes an extreme one, one of another type or one from elsewhere; an
/// entry goes or comes twice.
void mutate_json(nlohmann::ordered_json& json, std::uint64_t seed);

}  // namespace braid::fuzz
