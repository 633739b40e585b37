#include "onnx/structure.hpp"
#include "record/record_data.hpp"
#include "support/byte_hash.hpp"
#include "support/mapped_file.hpp"

namespace braid {

std::string data_hash(const Tensor& tensor) {
  ByteHash hash(ByteHash::Width::Bits64);
  if (tensor.dtype() == DType::String) {
    for (const std::string& value : tensor.string_values())
      hash.add(std::as_bytes(std::span(value.c_str(), value.size() + 1)));
  } else {
    const auto add = [&](std::span<const std::byte> window) { hash.add(window); };
    tensor.for_each_piece([&](std::span<const std::byte> piece) { read_through(piece, add); });
  }
  return hash.hex();
}

std::string structure_hash(const Model& model) {
  const std::string structure = structure_of(model);
  ByteHash hash(ByteHash::Width::Bits128);
  hash.add(std::as_bytes(std::span(structure)));
  return hash.hex();
}

}  // namespace braid
