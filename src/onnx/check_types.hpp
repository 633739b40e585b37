#pragma once

#include "onnx/onnx_pb.h"

namespace braid {

/// Fills value_info with what ONNX's inference finds. Declared shapes that contradict it give way,
/// as in ONNX Runtime: exporters get them wrong, and all that comes later relies on them. Throws
/// Error (BadInput), naming the node, where an operator cannot take what it reads or makes another
/// type than declared. Operators that ONNX cannot infer, or that read values of unknown type, are
/// not judged.
void infer_and_check_types(onnx::ModelProto& model);

}  // namespace braid
