// A model file: loaded, merged with another of other weights and with itself, saved, loaded again.

#include "braid/limits.hpp"
#include "braid/merge.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/memory_model.hpp"
#include "fuzz/mutate_model.hpp"
#include "unit/support/temporary_folder.hpp"

using namespace braid;

namespace {

void merge_and_save(const Model& model) {
  static const TemporaryFolder folder;
  if (fuzz::weight_bytes(model) > std::size_t{4} << 20) return;
  std::vector<Member> members = {{"a", "a.onnx", model},
                                 {"b", "b.onnx", fuzz::with_other_weights(model)},
                                 {"c", "c.onnx", model}};
  const Merged merged = merge(std::move(members), {});
  const std::filesystem::path path = folder / "merged.onnx";
  save_model(merged.model, path, {.overwrite = true});
  try {
    load_model(path);
  } catch (const Error& error) {
    throw Error(ErrorKind::Internal, std::string("what merge wrote: ") + error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.memory = std::uint64_t{1} << 30;
  limits.nodes = 10000;
  set_limits(limits);
  fuzz::expect_success_or_error([&] { merge_and_save(fuzz::load_from_memory(data, size)); });
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  return fuzz::mutate_model(data, size, max_size, seed);
}
