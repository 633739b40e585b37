#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "braid/tensor.hpp"
#include "braid/types.hpp"

namespace braid {

struct Graph;

/// A tensor of which only the non-zero values are stored (onnx.SparseTensorProto).
struct SparseTensor {
  Tensor values;   ///< [NNZ]
  Tensor indices;  ///< [NNZ] flat or [NNZ, rank]
  std::vector<std::int64_t> dims;
};

/// Subgraphs are shared between copies of a node; treat them as immutable once shared.
using GraphPtr = std::shared_ptr<Graph>;

/// The value of an attribute, with the alternatives of onnx.AttributeProto.AttributeType.
using AttributeValue =
    std::variant<std::int64_t, float, std::string, Tensor, GraphPtr, SparseTensor, Type,
                 std::vector<std::int64_t>, std::vector<float>, std::vector<std::string>,
                 std::vector<Tensor>, std::vector<GraphPtr>, std::vector<SparseTensor>,
                 std::vector<Type>>;

struct Attribute {
  std::string name;
  AttributeValue value;
  std::string reference;  ///< inside a function body: the function's attribute that it stands for
  std::string doc;
  std::vector<std::string> tensor_names = {};  ///< of Tensor values, as the file has them
};

/// A node's attributes in the order of the file.
class Attributes {
 public:
  const Attribute* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// Replaces the attribute of that name, or adds it.
  void set(std::string name, AttributeValue value);
  void add(Attribute attribute) { items_.push_back(std::move(attribute)); }
  void erase(std::string_view name);

  /// The value, or `fallback` when absent. Throws Error (BadInput) when the type differs.
  std::int64_t get_int(std::string_view name, std::int64_t fallback) const;
  float get_float(std::string_view name, float fallback) const;
  std::string get_string(std::string_view name, std::string fallback) const;
  std::vector<std::int64_t> get_ints(std::string_view name,
                                     std::vector<std::int64_t> fallback = {}) const;
  std::vector<float> get_floats(std::string_view name, std::vector<float> fallback = {}) const;

  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }

 private:
  std::vector<Attribute> items_;
};

}  // namespace braid
