// Weights stay in the mapped file, wherever they start.

#include <gtest/gtest.h>

#include "braid/onnx.hpp"
#include "ir/densify.hpp"
#include "onnx/onnx_pb.h"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

constexpr int kCount = 64;  // long enough to stay in the file

std::string raw_int64s() {
  std::string raw;
  for (std::int64_t i = 0; i < kCount; ++i)
    raw.append(reinterpret_cast<const char*>(&i), sizeof(i));
  return raw;
}

void fill_tensor(onnx::TensorProto& tensor, const std::string& name) {
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(kCount);
  tensor.set_raw_data(raw_int64s());
}

// One initializer and one sparse initializer, `padding` bytes further back than without.
onnx::ModelProto model_with(std::size_t padding) {
  onnx::ModelProto model;
  model.set_ir_version(9);
  model.add_opset_import()->set_version(17);
  model.set_producer_name(std::string(padding + 1, 'p'));
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("g");
  fill_tensor(*graph.add_initializer(), "w");
  onnx::SparseTensorProto& sparse = *graph.add_sparse_initializer();
  fill_tensor(*sparse.mutable_values(), "s");
  fill_tensor(*sparse.mutable_indices(), "");
  sparse.add_dims(2 * kCount);
  return model;
}

TEST(MappedConstants, AreReadAtEveryOffset) {
  const TemporaryFolder folder;
  for (std::size_t padding = 0; padding < 8; ++padding) {
    const std::filesystem::path path = folder / std::to_string(padding);
    write_file(path, model_with(padding).SerializeAsString());
    const Graph graph = load_model(path).graph;
    const ValueId id = 0;
    ASSERT_EQ(graph.value(id).name, "w");
    const std::vector<std::int64_t> values = to_int64s(graph.value(id).constant);
    ASSERT_EQ(values.size(), static_cast<std::size_t>(kCount));
    EXPECT_EQ(values[5], 5);

    ASSERT_EQ(graph.sparse_initializers.size(), 1U);
    const Tensor dense = densify(graph.sparse_initializers[0].second, "s");
    EXPECT_EQ(dense.dims(), std::vector<std::int64_t>{2 * kCount});
    EXPECT_EQ(dense.data<std::int64_t>()[kCount - 1], kCount - 1);
    EXPECT_EQ(dense.data<std::int64_t>()[kCount], 0);
  }
}

TEST(MappedConstants, OutliveTheFile) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", model_with(0).SerializeAsString());
  const Model model = load_model(folder / "m.onnx");
  SaveOptions options;
  options.overwrite = true;
  save_model(model, folder / "m.onnx", options);  // over the file that the weights lie in
  EXPECT_EQ(to_int64s(load_model(folder / "m.onnx").graph.value(0).constant),
            to_int64s(model.graph.value(0).constant));
}

TEST(MappedConstants, InTheFileWinOverAnExternalFileThatIsNoLongerUsed) {
  const TemporaryFolder folder;
  onnx::ModelProto proto = model_with(0);
  for (const auto& [key, value] : {std::pair("location", "gone.data"), std::pair("offset", "8")}) {
    auto& entry = *proto.mutable_graph()->mutable_initializer(0)->add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  write_file(folder / "m.onnx", proto.SerializeAsString());
  EXPECT_EQ(to_int64s(load_model(folder / "m.onnx").graph.value(0).constant)[5], 5);
}

}  // namespace
}  // namespace braid
