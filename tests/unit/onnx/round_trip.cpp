#include "onnx/round_trip.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "braid/onnx.hpp"
#include "onnx/normalise_proto.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

// Names read by a node, also inside its subgraphs.
void collect_reads(const onnx::NodeProto& node, std::set<std::string>& names) {
  names.insert(node.input().begin(), node.input().end());
  const auto add_graph = [&](const onnx::GraphProto& graph) {
    for (const auto& inner : graph.node())
      collect_reads(inner, names);
    for (const auto& output : graph.output())
      names.insert(output.name());
  };
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) add_graph(attribute.g());
    for (const auto& graph : attribute.graphs())
      add_graph(graph);
  }
}

template <class Nodes>
bool are_sorted(const Nodes& nodes) {
  std::set<std::string> later;  // outputs of this node and those after it
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    later.insert(node->output().begin(), node->output().end());
    later.erase("");
    std::set<std::string> reads;
    collect_reads(*node, reads);
    if (std::any_of(reads.begin(), reads.end(),
                    [&](const std::string& name) { return later.contains(name); })) {
      return false;
    }
    for (const auto& attribute : node->attribute()) {
      if (attribute.has_g() && !are_sorted(attribute.g().node())) return false;
      for (const auto& graph : attribute.graphs()) {
        if (!are_sorted(graph.node())) return false;
      }
    }
  }
  return true;
}

}  // namespace

bool has_sorted_nodes(const onnx::ModelProto& model) {
  return are_sorted(model.graph().node()) &&
         std::all_of(model.functions().begin(), model.functions().end(),
                     [](const auto& function) { return are_sorted(function.node()); });
}

onnx::ModelProto parse_proto(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(1000);
  onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromCodedStream(&stream)) << path;
  return proto;
}

void expect_round_trip(const std::filesystem::path& model, const std::filesystem::path& folder) {
  const onnx::ModelProto original = parse_proto(model);
  const bool is_order_kept = has_sorted_nodes(original);
  const std::string expected = normalised(original, model.parent_path(), is_order_kept);
  const auto check = [&](const std::filesystem::path& saved) {
    EXPECT_TRUE(normalised(parse_proto(saved), folder, is_order_kept) == expected)
        << model << " and " << saved << " differ";
  };
  SaveOptions options;
  options.overwrite = true;
  save_model(load_model(model), folder / "inline.onnx", options);
  check(folder / "inline.onnx");
  if (original.graph().initializer().empty()) return;  // nothing that could be external
  options.external_above = 0;
  options.external_minimum = 1;
  save_model(load_model(folder / "inline.onnx"), folder / "external.onnx", options);
  check(folder / "external.onnx");
  options.external_above = SaveOptions().external_above;
  save_model(load_model(folder / "external.onnx"), folder / "again.onnx", options);
  check(folder / "again.onnx");
}

}  // namespace braid
