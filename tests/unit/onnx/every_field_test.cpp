// One model that uses every field of ONNX's messages, and what happens when one of them changes.

#include <gtest/gtest.h>

#include <algorithm>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/defs/parser.h"
#include "onnx/normalise_proto.hpp"
#include "onnx/round_trip.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

// What the text syntax can say.
constexpr const char* kText = R"(
<ir_version: 13, opset_import: ["ai.onnx" : 24, "local" : 1], producer_name: "p",
 producer_version: "v", domain: "d", model_version: 7, doc_string: "model doc",
 metadata_props: ["k1" : "v1", "empty" : "", "k1" : "again"]>
g (float[n, 4] x, float[4] given = {1, 2, 3, 4}, bool flag, seq(float[n]) s,
   optional(int64[]) o, map(int64, seq(string)) m, sparse_tensor(float[n, 3]) sparse,
   unused, float ranked_unknown, float[] scalar)
  => (float[n, 4] y, float[n, 4] y, float[n, 4] x, float[4] w, chosen)
  <float[4] w = {-0.5, 1.5, 2, 3}, int64[2, 0] nothing = {}, string[2] words = {"a", ""},
   double[1] d = {0.1}, uint64[1] u = {18446744073709551615}, int8[3] i = {-1, 0, 1},
   float[n, 4] h, float[?, 4] half_known, stale>
{
  [named] h = Add (x, w)
  y = local.fused <alpha = 2.0, table: tensor = float[2] kept {1, 2}> (h, , given)
  [later] , extra = local.two_outputs ()
  chosen = If (flag) <
    then_branch = inner () => (float[n, 4] t) <float[4] own = {9, 8, 7, 6}, float[n, 4] q>
      { q = Mul (h, own)
        t = If (flag) <then_branch = deep () => (r) { r = Sub (q, w) },
                       else_branch = other () => (z) { z = Identity (x) }> },
    else_branch = outer () => (e) { e = Neg (h) } >
  types = local.types <ints = [1, -2], floats = [0.5, 1e30], strings = ["", "b"], none: ints = [],
                       what = seq(float[3])> (extra)
  list = local.lists <graphs: graphs = []> (types)
}
<domain: "local", overload: "o", opset_import: ["" : 24], doc_string: "function doc">
fused <alpha, table, beta: float = 0.5> (a, b, c) => (r) <float[4] k>
{
  k = Constant <value: tensor = @table> ()
  slope = LeakyRelu <alpha: float = @alpha> (a)
  r = Add (slope, k)
}
)";

void add_metadata(google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>& entries,
                  const std::string& of) {
  for (const char* key : {"first", "second"}) {
    auto& entry = *entries.Add();
    entry.set_key(of + key);
    entry.set_value("of " + of);
  }
}

template <class Message>
void annotate(Message& message, const std::string& of) {
  message.set_doc_string("doc of " + of);
  add_metadata(*message.mutable_metadata_props(), of);
}

void add_sparse(onnx::SparseTensorProto& sparse, const std::string& name) {
  sparse.mutable_values()->set_name(name);
  sparse.mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse.mutable_values()->add_dims(1);
  sparse.mutable_values()->add_float_data(5);
  sparse.mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse.mutable_indices()->add_dims(1);
  sparse.mutable_indices()->add_int64_data(6);
  sparse.add_dims(3);
  sparse.add_dims(3);
}

// All element types that the text syntax does not know, in the typed fields and as raw bytes.
void add_rare_tensors(onnx::GraphProto& graph) {
  using T = onnx::TensorProto;
  for (int type = T::FLOAT16; type <= T::INT2; ++type) {
    if (type == T::DOUBLE || type == T::UINT64) continue;
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name("type" + std::to_string(type));
    tensor.set_data_type(type);
    tensor.add_dims(1);
    annotate(tensor, tensor.name());
    if (type == T::COMPLEX64) tensor.mutable_float_data()->Add(1.0F);
    if (type == T::COMPLEX64) tensor.mutable_float_data()->Add(-1.0F);
    if (type == T::COMPLEX128) tensor.set_raw_data("0123456789abcdef");
    if (type == T::UINT32) tensor.add_uint64_data(4'000'000'000);
    if (type == T::FLOAT16 || type >= T::BFLOAT16) tensor.add_int32_data(1);
  }
  onnx::TensorProto& weightless = *graph.add_initializer();
  weightless.set_name("weightless");
  weightless.set_data_type(T::FLOAT);
  weightless.add_dims(1'000'000'000);
}

// What is kept as protobuf bytes.
void add_opaque_parts(onnx::ModelProto& model) {
  onnx::GraphProto& graph = *model.mutable_graph();
  auto& quantization = *graph.add_quantization_annotation();
  quantization.set_tensor_name("w");
  quantization.add_quant_parameter_tensor_names()->set_key("SCALE_TENSOR");
  auto& device = *graph.mutable_node(0)->add_device_configurations();
  device.set_configuration_id("two");
  device.set_pipeline_stage(1);
  device.add_sharding_spec()->set_tensor_name("x");
  auto& configuration = *model.add_configuration();
  configuration.set_name("two");
  configuration.set_num_devices(2);
  auto& training = *model.add_training_info();
  training.mutable_algorithm()->set_name("algorithm");
  training.mutable_algorithm()->add_node()->set_op_type("Gradient");
  training.add_update_binding()->set_key("w");
  auto& opaque = *graph.mutable_input(7)->mutable_type()->mutable_opaque_type();
  opaque.set_domain("d");
  opaque.set_name("n");
}

void add_attributes(onnx::NodeProto& node) {
  using P = onnx::AttributeProto;
  const auto add = [&](const char* name, P::AttributeType type) -> onnx::AttributeProto& {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    attribute.set_doc_string(std::string("doc of ") + name);
    return attribute;
  };
  add_sparse(*add("sparse", P::SPARSE_TENSOR).mutable_sparse_tensor(), "");
  add_sparse(*add("sparses", P::SPARSE_TENSORS).add_sparse_tensors(), "");
  onnx::TensorProto& tensor = *add("tensors", P::TENSORS).add_tensors();
  tensor.set_data_type(onnx::TensorProto::STRING);
  tensor.add_dims(1);
  tensor.add_string_data(std::string("with\0zero", 9));
  onnx::GraphProto& graph = *add("graphs2", P::GRAPHS).add_graphs();
  graph.set_name("listed");
  annotate(graph, "listed");
  graph.add_output()->set_name("h");  // a value of the enclosing graph
  add("types", P::TYPE_PROTOS).add_type_protos()->set_denotation("TENSOR");
  add("zero_int", P::INT).set_i(0);
  add("empty_string", P::STRING).set_s("");
  add("empty_floats", P::FLOATS);
}

onnx::ModelProto every_field() {
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, kText);
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  onnx::GraphProto& graph = *model.mutable_graph();
  annotate(graph, "graph");
  for (auto& info : *graph.mutable_input())
    annotate(info, "input " + info.name());
  for (auto& info : *graph.mutable_value_info())
    annotate(info, "value " + info.name());
  for (auto& one : *graph.mutable_initializer())
    annotate(one, "initializer " + one.name());
  for (auto& node : *graph.mutable_node())
    annotate(node, "node " + node.op_type());
  annotate(*graph.mutable_output(3), "output w");
  annotate(*graph.mutable_output(4), "output chosen");
  *graph.mutable_output(2) = graph.input(0);  // one value, described once
  for (auto& function : *model.mutable_functions()) {
    add_metadata(*function.mutable_metadata_props(), "function");
    for (auto& node : *function.mutable_node())
      annotate(node, "inner node");
    for (auto& info : *function.mutable_value_info())
      annotate(info, "inner value");
  }
  onnx::TypeProto& type = *graph.mutable_input(0)->mutable_type();
  type.set_denotation("IMAGE");
  type.mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_denotation("DATA_BATCH");
  *graph.mutable_output(2) = graph.input(0);
  graph.mutable_value_info(graph.value_info_size() - 1)->mutable_type()->set_denotation("AUDIO");
  add_sparse(*graph.add_sparse_initializer(), "sparse_weight");
  add_sparse(*graph.add_sparse_initializer(), "sparse");  // the default of an input
  add_rare_tensors(graph);
  add_opaque_parts(model);
  add_attributes(*graph.mutable_node(graph.node_size() - 1));
  return model;
}

TEST(EveryField, SurvivesTheRoundTrip) {
  const TemporaryFolder folder;
  const onnx::ModelProto model = every_field();
  ASSERT_TRUE(has_sorted_nodes(model));
  write_file(folder / "m.onnx", model.SerializeAsString());
  expect_round_trip(folder / "m.onnx", folder.path());
}

TEST(EveryField, SurvivesWithNodesInAnyOrder) {
  const TemporaryFolder folder;
  onnx::ModelProto model = every_field();
  auto& nodes = *model.mutable_graph()->mutable_node();
  std::reverse(nodes.pointer_begin(), nodes.pointer_end());
  ASSERT_FALSE(has_sorted_nodes(model));
  write_file(folder / "m.onnx", model.SerializeAsString());
  expect_round_trip(folder / "m.onnx", folder.path());
  EXPECT_TRUE(has_sorted_nodes(parse_proto(folder / "inline.onnx")));
}

TEST(EveryField, EqualModelsGiveEqualBytes) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", every_field().SerializeAsString());
  save_model(load_model(folder / "m.onnx"), folder / "a.onnx");
  save_model(load_model(folder / "a.onnx"), folder / "b.onnx");
  save_model(load_model(folder / "b.onnx"), folder / "c.onnx");
  EXPECT_TRUE(read_file(folder / "b.onnx") == read_file(folder / "c.onnx"));
}

// The comparison must see any change; without this control it might compare nothing.
TEST(EveryField, ComparisonSeesChanges) {
  const onnx::ModelProto model = every_field();
  const auto differs = [&](const auto& change) {
    onnx::ModelProto changed = model;
    change(changed, *changed.mutable_graph());
    return normalised(changed, "", true) != normalised(model, "", true);
  };
  using M = onnx::ModelProto;
  using G = onnx::GraphProto;
  EXPECT_FALSE(differs([](M&, G&) {}));
  EXPECT_TRUE(differs([](M&, G& g) { g.mutable_initializer(0)->set_float_data(0, 0.25F); }));
  EXPECT_TRUE(differs([](M&, G& g) { g.mutable_initializer(0)->set_doc_string("other"); }));
  EXPECT_TRUE(differs([](M&, G& g) { g.mutable_node(1)->mutable_attribute(0)->set_f(3); }));
  EXPECT_TRUE(differs([](M&, G& g) {
    g.mutable_node(1)->mutable_attribute(1)->mutable_t()->set_float_data(1, 3);
  }));
  EXPECT_TRUE(differs([](M&, G& g) {
    g.mutable_node(3)->mutable_attribute(0)->mutable_g()->mutable_node(0)->set_op_type("Div");
  }));
  EXPECT_TRUE(differs([](M&, G& g) { g.mutable_node()->SwapElements(0, 1); }));
  EXPECT_TRUE(differs([](M&, G& g) { g.mutable_output()->RemoveLast(); }));
  EXPECT_TRUE(differs([](M& m, G&) { m.mutable_functions(0)->mutable_node()->RemoveLast(); }));
  EXPECT_TRUE(differs([](M& m, G&) { m.clear_training_info(); }));
}

// Weights that are asked to be external are: not only written, but out of the model file.
TEST(EveryField, WeightsGoIntoTheExternalFile) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", every_field().SerializeAsString());
  SaveOptions options;
  options.external_above = 0;
  options.external_minimum = 1;
  const SavedFiles saved = save_model(load_model(folder / "m.onnx"), folder / "e.onnx", options);
  EXPECT_EQ(saved.model_bytes, std::filesystem::file_size(folder / "e.onnx"));
  EXPECT_EQ(saved.data_bytes, std::filesystem::file_size(folder / "e.onnx.data"));
  int external = 0;
  const onnx::ModelProto file = parse_proto(folder / "e.onnx");
  for (const auto& tensor : file.graph().initializer()) {
    if (tensor.data_type() == onnx::TensorProto::STRING || tensor.name() == "nothing") continue;
    if (tensor.name() == "weightless") continue;
    EXPECT_FALSE(tensor.has_raw_data()) << tensor.name();
    EXPECT_EQ(tensor.data_location(), onnx::TensorProto::EXTERNAL) << tensor.name();
    ++external;
  }
  EXPECT_GT(external, 15);
}

TEST(EveryField, AFailureToSaveLeavesNothing) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", every_field().SerializeAsString());
  const Model model = load_model(folder / "m.onnx");
  SaveOptions options;
  options.external_above = 0;
  options.external_minimum = 1;
  options.overwrite = true;
  std::filesystem::create_directory(folder / "taken");
  EXPECT_THROW(save_model(model, folder / "taken", options), Error);
  write_file(folder / "e.onnx.data", "somebody's");
  options.overwrite = false;
  EXPECT_THROW(save_model(model, folder / "e.onnx", options), Error);
  EXPECT_EQ(folder.entries(), 3U);
  EXPECT_EQ(read_file(folder / "e.onnx.data"), "somebody's");
}

}  // namespace
}  // namespace braid
