#include "merge/repeated_rows.hpp"

#include <algorithm>
#include <numeric>

#include "merge/emitter.hpp"

namespace braid {
namespace {

Node& add_node(MergedGraph& merged, std::vector<Node>& nodes, const std::string& op_type,
               std::vector<ValueId> inputs) {
  Node& node = nodes.emplace_back();
  node.op_type = op_type;
  node.name = merged.node_names.unique("repeated/" + op_type);
  node.inputs = std::move(inputs);
  node.metadata.emplace_back("braid.rule", "mixed");
  return node;
}

ValueId ints(MergedGraph& merged, const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return merged.constant(Tensor::of<std::int64_t>({count}, values), "ints");
}

}  // namespace

ValueId RepeatedRows::add(MergedGraph& merged, const std::vector<Tensor>& parts,
                          const std::vector<std::int64_t>& numbers, const std::string& hint) {
  std::vector<std::int64_t> key = parts[0].dims();
  key[0] = static_cast<std::int64_t>(parts[0].dtype());
  Table& table = tables_[key];
  std::vector<std::size_t> places;
  for (const Tensor& part : parts) {
    const auto [it, is_new] =
        table.part_of.emplace(merged.contents.id_of(part), table.parts.size());
    if (is_new) table.parts.push_back(part);
    places.push_back(it->second);
  }
  Request request;
  for (const std::int64_t number : numbers)
    request.parts.push_back(places[static_cast<std::size_t>(number)]);
  const auto [it, is_new] = table.known.try_emplace(request.parts, kAbsent);
  if (!is_new) return it->second;
  request.value = it->second = merged.graph.add_value(merged.names.unique(hint + "/repeated"));
  table.requests.push_back(std::move(request));
  return it->second;
}

// All that is requested of a table, one after the other. Short rows are gathered in chunks as long
// as the parts allow, so that the indices are few beside the data.
ValueId RepeatedRows::gather_rows(MergedGraph& merged, const Table& table,
                                  std::vector<Node>& nodes) {
  std::int64_t chunk = 0;
  for (const Tensor& part : table.parts)
    chunk = std::gcd(chunk, part.dim(0));
  constexpr std::int64_t kShortRow = 1024;  // bytes; an index has 8
  const Tensor& example = table.parts[0];
  const std::int64_t row_bytes =
      static_cast<std::int64_t>(example.bytes()) / std::max<std::int64_t>(1, example.dim(0));
  const bool is_chunked = chunk > 1 && row_bytes < kShortRow;
  std::vector<Tensor> parts;
  std::vector<std::int64_t> first;
  std::int64_t count = 0;
  for (const Tensor& part : table.parts) {
    std::vector<std::int64_t> dims = part.dims();
    if (is_chunked) {
      dims[0] /= chunk;
      dims.insert(dims.begin() + 1, chunk);
    }
    first.push_back(count);
    count += dims[0];
    parts.push_back(part.reshaped(std::move(dims)));
  }
  std::vector<std::int64_t> indices;
  for (const Request& request : table.requests) {
    for (const std::size_t part : request.parts) {
      for (std::int64_t row = 0; row < parts[part].dim(0); ++row)
        indices.push_back(first[part] + row);
    }
  }
  std::vector<std::int64_t> dims = table.parts[0].dims();
  const Tensor all = parts.size() == 1 ? parts[0] : Tensor::concatenation(std::move(parts), 0);
  Node& gather =
      add_node(merged, nodes, "Gather", {merged.constant(all, "distinct"), ints(merged, indices)});
  const ValueId gathered = merged.graph.add_value(merged.names.unique("repeated"));
  gather.outputs = {gathered};
  if (!is_chunked) return gathered;
  dims[0] = -1;
  Node& reshape = add_node(merged, nodes, "Reshape", {gathered, ints(merged, dims)});
  reshape.outputs = {merged.graph.add_value(merged.names.unique("repeated"))};
  return reshape.outputs[0];
}

void RepeatedRows::emit(MergedGraph& merged) {
  constexpr std::int64_t kSizesAreAnInput = 13;  // of Split
  std::vector<Node> nodes;
  for (const auto& [key, table] : tables_) {
    const ValueId rows = gather_rows(merged, table, nodes);
    if (table.requests.size() == 1) {
      nodes.back().outputs = {table.requests[0].value};
      continue;
    }
    std::vector<std::int64_t> sizes;
    for (const Request& request : table.requests) {
      std::int64_t size = 0;
      for (const std::size_t part : request.parts)
        size += table.parts[part].dim(0);
      sizes.push_back(size);
    }
    Node& split = add_node(merged, nodes, "Split", {rows});
    if (merged.opset >= kSizesAreAnInput) {
      split.inputs.push_back(ints(merged, sizes));
    } else {
      split.attributes.set("split", sizes);
    }
    for (const Request& request : table.requests)
      split.outputs.push_back(request.value);
  }
  merged.graph.nodes.insert(merged.graph.nodes.begin(), nodes.begin(), nodes.end());
}

}  // namespace braid
