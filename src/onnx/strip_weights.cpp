// ModelProto bytes with weights inside  =>  the same message, raw_data replaced by an external-data
// entry {braid.inline: "OFFSET LENGTH"} that says where in the file those bytes lie.
//
// Works on the wire format, field by field, and descends only where tensors can be.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <string>

#include "braid/error.hpp"
#include "braid/limits.hpp"
#include "onnx/proto.hpp"

namespace braid {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;
using WireFormat = google::protobuf::internal::WireFormatLite;

constexpr int kStripAbove = 256;  // shorter data costs less to copy than to mark

enum class Message { Model, Graph, Node, Attribute, Tensor, SparseTensor, Function, Other };

// The type of the message in field `field` of `parent`, Other if no tensor can be inside.
Message child(Message parent, int field) {
  switch (parent) {
    case Message::Model:
      return field == 7 ? Message::Graph : field == 25 ? Message::Function : Message::Other;
    case Message::Graph:
      return field == 1    ? Message::Node
             : field == 5  ? Message::Tensor
             : field == 15 ? Message::SparseTensor
                           : Message::Other;
    case Message::Function:
      return field == 7 ? Message::Node : field == 11 ? Message::Attribute : Message::Other;
    case Message::Node:
      return field == 5 ? Message::Attribute : Message::Other;
    case Message::Attribute:
      return field == 5 || field == 10    ? Message::Tensor
             : field == 6 || field == 11  ? Message::Graph
             : field == 22 || field == 23 ? Message::SparseTensor
                                          : Message::Other;
    case Message::SparseTensor:
      return field == 1 || field == 2 ? Message::Tensor : Message::Other;
    default:
      return Message::Other;
  }
}

// Fields of a TensorProto whose bytes are the elements as they lie in memory.
bool holds_weights(int field) {
  return field == onnx::TensorProto::kRawDataFieldNumber ||
         field == onnx::TensorProto::kFloatDataFieldNumber ||
         field == onnx::TensorProto::kDoubleDataFieldNumber;
}

class Stripper {
 public:
  Stripper(const SourceFile& source, const std::string& path)
      : source_(source), file_(source.image), path_(path) {}

  StrippedModel run() {
    StrippedModel result;
    result.message = strip(0, file_.size(), Message::Model, 0);
    result.weights = std::move(weights_);
    return result;
  }

 private:
  std::string strip(std::size_t begin, std::size_t size, Message message, int depth) {
    // Each subgraph is three messages, and a few lie around the first and within the last.
    if (depth > 3 * limits().nesting + 5)
      fail(begin, "subgraphs are nested too deeply (see --nesting-limit)");
    std::string result;
    StringOutputStream sink(&result);
    CodedOutputStream out(&sink);
    CodedInputStream in(reinterpret_cast<const std::uint8_t*>(file_.data()) + begin,
                        static_cast<int>(size));
    while (const std::uint32_t tag = in.ReadTag()) {
      const int field = WireFormat::GetTagFieldNumber(tag);
      if (WireFormat::GetTagWireType(tag) != WireFormat::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormat::SkipField(&in, tag, &out)) fail(position(in, begin), "malformed field");
        continue;
      }
      std::uint32_t length = 0;
      if (!in.ReadVarint32(&length)) fail(position(in, begin), "malformed length");
      const std::size_t at = position(in, begin);
      if (length > begin + size - at) fail(at, "a field is longer than what is left of the file");
      in.Skip(static_cast<int>(length));
      copy_field(message, tag, field, at, length, depth, out);
    }
    if (!in.ConsumedEntireMessage()) fail(position(in, begin), "malformed field");
    out.Trim();
    return result;
  }

  void copy_field(Message message, std::uint32_t tag, int field, std::size_t at,
                  std::uint32_t length, int depth, CodedOutputStream& out) {
    const bool is_weight = message == Message::Tensor && holds_weights(field);
    if (is_weight && length > 0) weights_.push_back({at, length});
    if (message == Message::Tensor && field == onnx::TensorProto::kRawDataFieldNumber &&
        length > kStripAbove) {
      onnx::StringStringEntryProto mark;
      mark.set_key(kInlineMark);
      mark.set_value(std::to_string(at) + " " + std::to_string(length));
      write_field(onnx::TensorProto::kExternalDataFieldNumber, mark.SerializeAsString(), out);
      return;
    }
    const Message inner = child(message, field);
    out.WriteTag(tag);
    if (inner == Message::Other) {
      out.WriteVarint32(length);
      const SourceFile::Weight* elsewhere = is_weight ? source_.find(at, length) : nullptr;
      if (elsewhere == nullptr) {
        out.WriteRaw(file_.data() + at, static_cast<int>(length));
      } else {
        elsewhere->bytes.for_each_piece([&](std::span<const std::byte> piece) {
          out.WriteRaw(piece.data(), static_cast<int>(piece.size()));
        });
      }
      return;
    }
    const std::string stripped = strip(at, length, inner, depth + 1);
    out.WriteVarint32(static_cast<std::uint32_t>(stripped.size()));
    out.WriteString(stripped);
  }

  static void write_field(int field, const std::string& bytes, CodedOutputStream& out) {
    out.WriteTag(WireFormat::MakeTag(field, WireFormat::WIRETYPE_LENGTH_DELIMITED));
    out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
    out.WriteString(bytes);
  }

  static std::size_t position(CodedInputStream& in, std::size_t begin) {
    return begin + static_cast<std::size_t>(in.CurrentPosition());
  }

  [[noreturn]] void fail(std::size_t at, const std::string& cause) const {
    throw Error(ErrorKind::BadInput, path_ + ": byte " + std::to_string(at) + ": " + cause +
                                         "; the file is truncated or is not an ONNX model");
  }

  const SourceFile& source_;
  std::span<const std::byte> file_;
  const std::string& path_;
  std::vector<ByteRange> weights_;
};

}  // namespace

StrippedModel strip_weights(const SourceFile& file, const std::string& path) {
  return Stripper(file, path).run();
}

}  // namespace braid
