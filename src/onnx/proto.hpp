#pragma once

// Conversions between Braid's types and ONNX's protobuf messages, used within src/onnx only.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "braid/graph.hpp"
#include "braid/model_source.hpp"
#include "onnx/onnx_pb.h"
#include "support/mapped_file.hpp"

namespace braid {

/// Key of the external-data entry by which strip_weights() marks bytes left in the model file.
inline constexpr const char* kInlineMark = "braid.inline";

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Where the data of a model's tensors lie: in the model file itself or in files beside it.
class WeightFiles {
 public:
  /// For models without a file, whose tensors carry all their data.
  explicit WeightFiles(std::filesystem::path model_path) : model_path_(std::move(model_path)) {}

  /// Files beside the model are opened as they are asked for.
  WeightFiles(std::filesystem::path model_path, SourceFile model_file);

  /// All files are given.
  WeightFiles(std::filesystem::path model_path, std::shared_ptr<const ModelSource> given);

  /// A tensor that borrows the file's bytes. Throws Error (BadInput).
  Tensor read(const onnx::TensorProto& proto, DType dtype, std::vector<std::int64_t> dims);

  const std::filesystem::path& model_path() const { return model_path_; }

  /// All files that were asked for, with the weights that were read of them.
  std::shared_ptr<const ModelSource> source() const;

 private:
  const SourceFile& file_at(const std::string& tensor, const std::string& location);
  SourceFile open(const std::string& tensor, const std::string& location) const;

  std::filesystem::path model_path_;
  std::shared_ptr<const ModelSource> given_;
  std::map<std::string, SourceFile> opened_;            // by location
  std::map<std::string, std::vector<ByteRange>> read_;  // of the files beside the model
};

/// A file without its weights, and where those lie in it.
struct StrippedModel {
  std::string message;
  std::vector<ByteRange> weights;  ///< by offset
};

/// Replaces long raw_data fields of a serialised ModelProto by marks of where they lie, so that
/// parsing copies no weights. Throws Error (BadInput) on malformed input.
StrippedModel strip_weights(const SourceFile& file, const std::string& path);

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
