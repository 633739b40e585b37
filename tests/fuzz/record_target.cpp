// A merged file with its record: told of, checked, taken apart, refitted, merged with itself.

#include <algorithm>

#include "braid/limits.hpp"
#include "braid/record.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/memory_model.hpp"
#include "fuzz/mutate_json.hpp"
#include "fuzz/mutate_model.hpp"
#include "onnx/onnx_pb.h"
#include "record/packed_text.hpp"
#include "unit/support/temporary_folder.hpp"

using namespace braid;

namespace {

void take_apart(const Record& record, const Model& merged) {
  static const TemporaryFolder folder;
  record.weight_bytes();
  record.kept_bytes();
  record.damages();
  if (record.members().empty()) return;
  const std::string name = record.members()[0].name;
  fuzz::expect_success_or_error([&] { record.extract(name, folder / "member.onnx", true); });
  fuzz::expect_success_or_error([&] { refit(record, name, record.member(name).model); });
  merge(expand_members({{"merged", "merged.onnx", merged}}), record.options());
}

// Changes what the record says, in its packed JSON.
bool mutate_record(onnx::ModelProto& model, std::uint64_t seed) {
  for (auto& entry : *model.mutable_metadata_props()) {
    if (entry.key() != "braid.record") continue;
    const std::optional<std::string> text = unpack(entry.value());
    if (!text) return false;
    auto json = nlohmann::ordered_json::parse(*text, nullptr, false);
    if (json.is_discarded()) return false;
    fuzz::mutate_json(json, seed);
    using Replace = nlohmann::ordered_json::error_handler_t;
    entry.set_value(pack(json.dump(-1, ' ', false, Replace::replace)));
    return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.memory = std::uint64_t{256} << 20;
  limits.nodes = 10000;
  set_limits(limits);
  fuzz::expect_success_or_error([&] {
    const Model merged = fuzz::load_from_memory(data, size);
    if (const auto record = Record::of(merged, "merged.onnx")) take_apart(*record, merged);
  });
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  onnx::ModelProto model;
  const bool is_model = model.ParseFromArray(data, static_cast<int>(size));
  if (!is_model || seed % 4 == 0 || !mutate_record(model, seed))
    return fuzz::mutate_model(data, size, max_size, seed / 4);
  return fuzz::put(model.SerializeAsString(), data, size, max_size);
}
