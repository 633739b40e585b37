// Values for the inputs of a model. The first byte says as what the others are read: .npz, .npy, or
// the .pb of a tensor, a sequence or an optional.

#include "braid/limits.hpp"
#include "braid/npz.hpp"
#include "braid/onnx.hpp"
#include "fuzz/fuzz_target.hpp"
#include "unit/support/temporary_folder.hpp"

using namespace braid;

namespace {

Type wrapped(Type::Kind kind, const Type& inner) {
  Type type;
  type.kind = kind;
  type.inner = std::make_shared<const Type>(inner);
  return type;
}

// Reads every byte, so that one beyond its owner's is found.
void read_all(const Datum& datum) {
  std::size_t sum = 0;
  for (const auto& [name, tensor] : name_tensors("x", datum)) {
    if (!tensor.has_data() || tensor.dtype() == DType::String) continue;
    tensor.for_each_piece([&](std::span<const std::byte> piece) {
      for (const std::byte byte : piece)
        sum += static_cast<std::size_t>(byte);
    });
  }
  [[maybe_unused]] volatile const std::size_t kept = sum;
}

void read(int kind, const std::filesystem::path& path) {
  const Type tensor = Type::tensor(DType::Float32, {});
  switch (kind) {
    case 0:
      for (const auto& [name, array] : load_npz(path))
        read_all(array);
      break;
    case 1:
      read_all(load_npy(path));
      break;
    case 2:
      read_all(load_datum(path, tensor));
      break;
    case 3:
      read_all(load_datum(path, wrapped(Type::Kind::Sequence, tensor)));
      break;
    default:
      read_all(load_datum(path, wrapped(Type::Kind::Optional, tensor)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TemporaryFolder folder;
  if (size == 0) return 0;
  Limits limits;
  limits.memory = std::uint64_t{64} << 20;
  set_limits(limits);
  const std::filesystem::path path = folder / "input";
  write_file(path, std::string(fuzz::text_of(data + 1, size - 1)));
  fuzz::expect_success_or_error([&] { read(data[0] % 5, path); });
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int /*seed*/) {
  return LLVMFuzzerMutate(data, size, max_size);
}
