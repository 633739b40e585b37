#pragma once

#include <filesystem>

#include "onnx/proto.hpp"

namespace braid {

/// Checks each node against the schema of its operator, if it has one: how many inputs and outputs,
/// which attributes, of which types. All that comes later relies on it. Says in the message which
/// type an attribute has where the file leaves it out, as IR versions below 2 did.
/// Throws Error (BadInput).
void check_nodes(onnx::ModelProto& model, const std::filesystem::path& path);

}  // namespace braid
