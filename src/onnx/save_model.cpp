#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/proto.hpp"
#include "support/mapped_file.hpp"
#include "support/output_file.hpp"

namespace braid {
namespace {

using google::protobuf::io::CodedOutputStream;
using WireFormat = google::protobuf::internal::WireFormatLite;

std::string field_header(int field, std::uint64_t length) {
  std::uint8_t buffer[20];
  std::uint8_t* end = CodedOutputStream::WriteTagToArray(
      WireFormat::MakeTag(field, WireFormat::WIRETYPE_LENGTH_DELIMITED), buffer);
  end = CodedOutputStream::WriteVarint64ToArray(length, end);
  return {reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(end - buffer)};
}

void write_data(const Tensor& tensor, OutputFile& file) {
  const auto write = [&](std::span<const std::byte> window) { file.write(window); };
  tensor.for_each_piece([&](std::span<const std::byte> piece) { read_through(piece, write); });
}

// The skeleton with the weights appended to its graph, field by field. Field order is free in
// protobuf, and so no message with weights ever exists in memory.
void write_inline(onnx::ModelProto& skeleton, const std::vector<const Value*>& weights,
                  OutputFile& file) {
  const std::string graph = skeleton.graph().SerializeAsString();
  skeleton.clear_graph();
  file.write(skeleton.SerializeAsString());
  std::vector<std::string> headers;
  std::uint64_t graph_size = graph.size();
  for (const Value* weight : weights) {
    const std::uint64_t bytes = weight->constant.bytes();
    const std::string tensor = initializer_header(*weight).SerializeAsString() +
                               field_header(onnx::TensorProto::kRawDataFieldNumber, bytes);
    headers.push_back(
        field_header(onnx::GraphProto::kInitializerFieldNumber, tensor.size() + bytes) + tensor);
    graph_size += headers.back().size() + bytes;
  }
  file.write(field_header(onnx::ModelProto::kGraphFieldNumber, graph_size));
  file.write(graph);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    file.write(headers[i]);
    write_data(weights[i]->constant, file);
  }
}

void set_entry(onnx::TensorProto& proto, const char* key, const std::string& value) {
  auto& entry = *proto.add_external_data();
  entry.set_key(key);
  entry.set_value(value);
}

void write_external(onnx::ModelProto& skeleton, const std::vector<const Value*>& weights,
                    const std::string& location, std::uint64_t alignment, OutputFile& data) {
  for (const Value* weight : weights) {
    data.align(alignment);
    onnx::TensorProto& proto = *skeleton.mutable_graph()->add_initializer();
    proto = initializer_header(*weight);
    proto.set_data_location(onnx::TensorProto::EXTERNAL);
    set_entry(proto, "location", location);
    set_entry(proto, "offset", std::to_string(data.size()));
    set_entry(proto, "length", std::to_string(weight->constant.bytes()));
    write_data(weight->constant, data);
  }
}

}  // namespace

SavedFiles save_model(const Model& model, const std::filesystem::path& path,
                      const SaveOptions& options) {
  const auto is_small = [&](const Tensor& tensor) {
    return !tensor.has_data() || tensor.dtype() == DType::String ||
           tensor.bytes() < options.external_minimum;
  };
  std::vector<const Value*> weights;
  std::uint64_t weight_bytes = 0;
  for (const Value& value : model.graph.values) {
    if (!value.is_constant() || is_small(value.constant)) continue;
    weights.push_back(&value);
    weight_bytes += value.constant.bytes();
  }
  onnx::ModelProto skeleton = model_to_proto(model, is_small);
  const bool is_external = weight_bytes > options.external_above;
  if (skeleton.ByteSizeLong() + (is_external ? 0 : weight_bytes) >
      static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorKind::Output, path.string() +
                                       ": would exceed 2 GB, the limit of protobuf; lower the "
                                       "size above which weights go to external data");
  }
  OutputFile file(path, options.overwrite);
  file.check_room(skeleton.ByteSizeLong() + weight_bytes);
  SavedFiles saved;
  if (!is_external) {
    write_inline(skeleton, weights, file);
  } else {
    const std::string location = path.filename().string() + ".data";
    OutputFile data(path.parent_path() / location, options.overwrite);
    write_external(skeleton, weights, location, options.alignment, data);
    file.write(skeleton.SerializeAsString());
    saved.data_bytes = data.size();
    file.finish();
    data.finish();
    MappedFile::check_all_unchanged();
    // Whenever this process is killed: no model ever stands beside data that are not its own.
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    data.commit();
  }
  saved.model_bytes = file.size();
  MappedFile::check_all_unchanged();
  file.commit();
  return saved;
}

}  // namespace braid
