#pragma once

// Conversions between Braid's types and ONNX's protobuf messages, used within src/onnx only.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "braid/graph.hpp"
#include "onnx/onnx_pb.h"
#include "support/mapped_file.hpp"

namespace braid {

/// Key of the external-data entry by which strip_weights() marks bytes left in the model file.
inline constexpr const char* kInlineMark = "braid.inline";

/// Where the data of a model's tensors lie: in the model file itself or in files beside it.
class WeightFiles {
 public:
  /// `model_file` may be null for models without a file, whose tensors carry all their data.
  WeightFiles(std::filesystem::path model_path, std::shared_ptr<const MappedFile> model_file)
      : model_path_(std::move(model_path)), model_file_(std::move(model_file)) {}

  /// A tensor that borrows the file's bytes. Throws Error (BadInput).
  Tensor read(const onnx::TensorProto& proto, DType dtype, std::vector<std::int64_t> dims);

  const std::filesystem::path& model_path() const { return model_path_; }

 private:
  std::shared_ptr<const MappedFile> open(const std::string& tensor, const std::string& location);

  std::filesystem::path model_path_;
  std::shared_ptr<const MappedFile> model_file_;
  std::map<std::string, std::shared_ptr<const MappedFile>> opened_;
};

/// Replaces long raw_data fields of a serialised ModelProto by marks of where they lie, so that
/// parsing copies no weights. Throws Error (BadInput) on malformed input.
std::string strip_weights(std::span<const std::byte> file, const std::string& path);

Tensor tensor_from_proto(const onnx::TensorProto& proto, WeightFiles& files);
Type type_from_proto(const onnx::TypeProto& proto);
Model model_from_proto(const onnx::ModelProto& proto, WeightFiles& files);

/// Decides whether an initializer's data goes into the message; without it only type and dims do.
using KeepData = std::function<bool(const Tensor&)>;

void tensor_to_proto(const Tensor& tensor, bool with_data, onnx::TensorProto& proto);
void type_to_proto(const Type& type, onnx::TypeProto& proto);

/// The whole model. Initializers that `keep_data` declines carry no data; those of subgraphs,
/// functions and attributes always do.
onnx::ModelProto model_to_proto(const Model& model, const KeepData& keep_data);

/// The message of one initializer, without data.
onnx::TensorProto initializer_header(const Value& value);

void metadata_to_proto(const Metadata& metadata,
                       google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>& entries);

}  // namespace braid
