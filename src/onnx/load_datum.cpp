#include <fstream>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/onnx-data.pb.h"
#include "onnx/proto.hpp"

namespace braid {
namespace {

class DatumReader {
 public:
  explicit DatumReader(std::filesystem::path path) : path_(std::move(path)) {}

  Datum read(const Type& type) {
    if (type.kind == Type::Kind::Sequence) return from(parse<onnx::SequenceProto>());
    if (type.kind == Type::Kind::Optional) return from(parse<onnx::OptionalProto>());
    return from(parse<onnx::TensorProto>());
  }

 private:
  template <class Proto>
  Proto parse() const {
    std::ifstream file(path_, std::ios::binary);
    Proto proto;
    if (file && proto.ParseFromIstream(&file)) return proto;
    throw Error(ErrorKind::BadInput, path_.string() + ": is no " + Proto().GetTypeName() +
                                         "; save the value with onnx.numpy_helper");
  }

  Datum from(const onnx::TensorProto& proto) { return tensor_from_proto(proto, files_); }

  Datum from(const onnx::SequenceProto& proto) {
    std::vector<Datum> elements;
    for (const auto& tensor : proto.tensor_values())
      elements.push_back(from(tensor));
    for (const auto& sequence : proto.sequence_values())
      elements.push_back(from(sequence));
    for (const auto& optional : proto.optional_values())
      elements.push_back(from(optional));
    return Datum::sequence(std::move(elements));
  }

  Datum from(const onnx::OptionalProto& proto) {
    if (proto.has_tensor_value()) return Datum::optional(from(proto.tensor_value()));
    if (proto.has_sequence_value()) return Datum::optional(from(proto.sequence_value()));
    if (proto.has_optional_value()) return Datum::optional(from(proto.optional_value()));
    return Datum::empty_optional();
  }

  std::filesystem::path path_;
  WeightFiles files_{path_};
};

}  // namespace

Datum load_datum(const std::filesystem::path& path, const Type& type) {
  return DatumReader(path).read(type);
}

}  // namespace braid
