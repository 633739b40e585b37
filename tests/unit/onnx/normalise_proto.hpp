#pragma once

#include <filesystem>
#include <string>

#include "onnx/onnx_pb.h"

namespace braid {

/// The bytes of a model in which everything that ONNX allows to write in several ways is written in
/// one: equal bytes of two files say that they are the same model. It shares no code with the
/// loader. `folder` is where external data lies.
///
/// Left out: names, doc strings and metadata of the tensors inside attributes and of the two halves
/// of sparse tensors. ONNX gives them no meaning, and Braid does not keep them.
std::string normalised(onnx::ModelProto model, const std::filesystem::path& folder,
                       bool is_order_kept);

}  // namespace braid
