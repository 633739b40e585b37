#pragma once

#include <google/protobuf/message.h>

#include <memory>

namespace braid::fuzz {

/// An empty onnx.ModelProto that can be looked into and written as text. Those of the ONNX library
/// cannot: they are made for protobuf's lite runtime.
std::unique_ptr<google::protobuf::Message> new_model_message();

}  // namespace braid::fuzz
