#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace braid {

/// For people to read in a model's metadata. JSON must be UTF-8; names of nodes and dims need not.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace braid
