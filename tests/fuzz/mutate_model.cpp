#include "fuzz/mutate_model.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/mutate_message.hpp"
#include "fuzz/onnx_message.hpp"

namespace braid::fuzz {

// One in sixteen mutations knows no structure: lengths and tags are hostile, too.
std::size_t mutate_model(std::uint8_t* data, std::size_t size, std::size_t max_size,
                         std::uint64_t seed) {
  const auto model = new_model_message();
  const bool is_model = model->ParseFromArray(data, static_cast<int>(size));
  if (!is_model || seed % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  mutate_message(*model, seed);
  return put(model->SerializeAsString(), data, size, max_size);
}

}  // namespace braid::fuzz
