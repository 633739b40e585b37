#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/tensor.hpp"
#include "braid/types.hpp"

namespace braid {

/// Index into Graph::values.
using ValueId = std::int32_t;

/// An optional input or output that is not there.
inline constexpr ValueId kAbsent = -1;

/// Free-form key/value pairs of a file, in its order.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// What flows along an edge: a graph input, a node's output, a constant, or a value of an
/// enclosing graph that a subgraph reads.
struct Value {
  std::string name;          ///< unique within the graph and its enclosing graphs
  Type type;                 ///< Kind::Unknown if the file does not say and nothing was inferred
  Tensor constant;           ///< the initializer's data; empty if this is no initializer
  bool is_outer = false;     ///< belongs to an enclosing graph; `name` finds it there
  bool is_declared = false;  ///< the file lists it under value_info
  std::string doc;           ///< of the value_info or of the graph input or output
  Metadata metadata;         ///< of the value_info or of the graph input or output
  std::string constant_doc;  ///< of the initializer
  Metadata constant_metadata;

  bool is_constant() const { return static_cast<bool>(constant); }
};

struct Node {
  std::string op_type;
  std::string domain;    ///< "" is ai.onnx
  std::string overload;  ///< of a model-local function
  std::string name;
  std::vector<ValueId> inputs;   ///< kAbsent for an omitted optional input
  std::vector<ValueId> outputs;  ///< kAbsent for an omitted optional output
  Attributes attributes;
  std::string doc;
  Metadata metadata;
  std::vector<std::string> device_configurations;  ///< serialised protobuf, kept as it is

  bool is(std::string_view op) const { return domain.empty() && op_type == op; }
  ValueId input(std::size_t i) const { return i < inputs.size() ? inputs[i] : kAbsent; }
  ValueId output(std::size_t i) const { return i < outputs.size() ? outputs[i] : kAbsent; }
};

/// A dataflow graph in static single assignment form: each value has at most one producer, and
/// nodes stand in topological order.
struct Graph {
  std::string name;
  std::string doc;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;   ///< an input may also have a constant: its default (IR 3 style)
  std::vector<ValueId> outputs;  ///< may repeat, and may be inputs or constants
  std::vector<std::pair<std::string, SparseTensor>> sparse_initializers;
  std::vector<std::string> quantization_annotations;  ///< serialised protobuf, kept as it is
  Metadata metadata;

  Value& value(ValueId id) { return values[static_cast<std::size_t>(id)]; }
  const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }

  ValueId add_value(std::string value_name, Type type = {});
  ValueId add_constant(std::string value_name, Tensor data);

  bool is_input(ValueId id) const;
  bool is_output(ValueId id) const;
};

/// A function defined by the model itself (onnx.FunctionProto).
struct Function {
  std::string name;
  std::string domain;
  std::string overload;
  std::string doc;
  std::vector<std::string> attribute_names;   ///< attributes that a caller must give
  std::vector<Attribute> attribute_defaults;  ///< attributes that a caller may give
  std::vector<std::pair<std::string, std::int64_t>> opsets;
  Graph body;  ///< no constants
  Metadata metadata;
};

struct ModelSource;

/// One ONNX file.
struct Model {
  std::int64_t ir_version = 0;
  std::vector<std::pair<std::string, std::int64_t>> opsets;  ///< domain ("" is ai.onnx), version
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  std::int64_t model_version = 0;
  std::string doc;
  Metadata metadata;
  std::vector<Function> functions;
  Graph graph;
  std::vector<std::string> training_info;   ///< serialised protobuf, kept as it is
  std::vector<std::string> configurations;  ///< serialised protobuf, kept as it is
  /// The files it was loaded from, which merge() records; null if it was made in memory. Whoever
  /// gives the model another meaning or other weights sets it to null.
  std::shared_ptr<const ModelSource> source;

  /// Version of a domain's operator set; 0 if the model does not import it.
  std::int64_t opset(std::string_view opset_domain = "") const;
};

}  // namespace braid
