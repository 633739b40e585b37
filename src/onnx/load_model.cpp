#include <google/protobuf/io/coded_stream.h>

#include <limits>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/check_nodes.hpp"
#include "onnx/defs/schema.h"
#include "onnx/proto.hpp"

namespace braid {
namespace {

constexpr std::int64_t kOldestIr = 3;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& cause) {
  throw Error(ErrorKind::BadInput, path.string() + ": " + cause);
}

void check_versions(const onnx::ModelProto& proto, const std::filesystem::path& path) {
  if (proto.ir_version() < kOldestIr || proto.ir_version() > onnx::IR_VERSION) {
    fail(path, "IR version " + std::to_string(proto.ir_version()) + ", but this build reads " +
                   std::to_string(kOldestIr) + " to " + std::to_string(onnx::IR_VERSION) +
                   "; export the model with another version of onnx");
  }
  if (proto.opset_import_size() == 0) fail(path, "imports no operator set; it is no valid model");
  const auto& known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  for (const auto& opset : proto.opset_import()) {
    const std::string domain = opset.domain() == "ai.onnx" ? "" : opset.domain();
    const auto range = known.find(domain);
    if (range == known.end()) continue;  // unknown domains stay opaque
    if (opset.version() < 1 || opset.version() > range->second.second) {
      fail(path, "opset " + std::to_string(opset.version()) + " of domain '" +
                     (domain.empty() ? "ai.onnx" : domain) + "', but this build knows 1 to " +
                     std::to_string(range->second.second) +
                     "; export the model with a lower opset");
    }
  }
}

onnx::ModelProto parse(const std::string& message, const std::filesystem::path& path) {
  onnx::ModelProto proto;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<int>(message.size()));
  stream.SetRecursionLimit(1000);
  if (!proto.ParseFromCodedStream(&stream) || !proto.has_ir_version() || !proto.has_graph()) {
    fail(path, "is not an ONNX model; check the file and how it was made");
  }
  check_versions(proto, path);
  return proto;
}

void check_size(const SourceFile& file, const std::filesystem::path& path) {
  if (file.image.empty()) fail(path, "is empty; check how it was made or copied");
  if (file.image.size() > std::numeric_limits<int>::max()) {
    fail(path, "is above 2 GB, the limit of protobuf; save it with external data");
  }
}

Model import(const std::string& message, WeightFiles& files) {
  onnx::ModelProto proto = parse(message, files.model_path());
  check_nodes(proto, files.model_path());
  Model model = model_from_proto(proto, files);
  model.source = files.source();
  return model;
}

}  // namespace

Model load_model(const std::filesystem::path& path) {
  const auto mapped = MappedFile::open(path);
  SourceFile file{"", mapped->bytes(), mapped, {}};
  check_size(file, path);
  const StrippedModel stripped = strip_weights(file, path.string());
  for (const ByteRange& range : stripped.weights) {
    file.weights.push_back(
        {range.offset, Tensor::borrow(DType::UInt8, {static_cast<std::int64_t>(range.length)},
                                      file.image.subspan(range.offset, range.length), mapped)});
  }
  WeightFiles files(path, std::move(file));
  return import(stripped.message, files);
}

Model load_model(std::shared_ptr<const ModelSource> source, const std::filesystem::path& path) {
  if (source->files.empty()) fail(path, "has no model file");
  check_size(source->files[0], path);
  const std::string message = strip_weights(source->files[0], path.string()).message;
  WeightFiles files(path, std::move(source));
  return import(message, files);
}

std::int64_t newest_opset() {
  return onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second;
}

}  // namespace braid
