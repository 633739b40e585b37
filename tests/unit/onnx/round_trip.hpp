#pragma once

#include <filesystem>

#include "onnx/onnx_pb.h"

namespace braid {

/// Whether the nodes of all graphs stand in topological order. If they do not, loading sorts them,
/// and only their set can be compared.
bool has_sorted_nodes(const onnx::ModelProto& model);

/// The message in a file, read by protobuf alone.
onnx::ModelProto parse_proto(const std::filesystem::path& path);

/// Saves `model` in a file and loads it again in every way that SaveOptions offers; fails the test
/// if anything is lost. `folder` is for the files made.
void expect_round_trip(const std::filesystem::path& model, const std::filesystem::path& folder);

}  // namespace braid
