// A plan file, with which two small models of one architecture are merged.

#include "braid/merge.hpp"
#include "braid/synth.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/mutate_json.hpp"
#include "fuzz/mutate_model.hpp"
#include "tools/plan_file.hpp"
#include "unit/support/model_with_weights.hpp"
#include "unit/support/temporary_folder.hpp"

using namespace braid;

namespace {

// tests/fuzz/make_corpus.py plans for these.
constexpr const char* kArchitecture = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[N,4] x, float[4,4] w0, float[4] w1, float[4,4] w2) => (float[N,4] y) {
      a = MatMul(x, w0) b = Add(a, w1) c = Relu(b) d = MatMul(c, w2) y = Add(d, x) })";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TemporaryFolder folder;
  static const Model model = model_with_weights(kArchitecture);
  static const Model other = synthesise(model, {}, 0);
  const std::filesystem::path path = folder / "plan.json";
  write_file(path, std::string(fuzz::text_of(data, size)));
  fuzz::expect_success_or_error([&] {
    const MergeOptions options = read_plan(path);
    merge_apart({{"a", "a.onnx", model}, {"b", "b.onnx", other}}, options);
  });
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  auto json = nlohmann::ordered_json::parse(fuzz::text_of(data, size), nullptr, false);
  if (json.is_discarded() || seed % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  fuzz::mutate_json(json, seed);
  using Replace = nlohmann::ordered_json::error_handler_t;
  return fuzz::put(json.dump(1, ' ', false, Replace::replace), data, size, max_size);
}
