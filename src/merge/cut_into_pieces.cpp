#include <algorithm>
#include <map>
#include <set>

#include "ir/traverse.hpp"
#include "merge/family.hpp"

namespace braid {
namespace {

class Cutter {
 public:
  Cutter(Family& family, const std::vector<FoundGroup>& groups)
      : family_(family), groups_(groups) {}

  void run() {
    make_pieces();
    for (const std::size_t g : family_.groups)
      family_.places.emplace_back(exemplar(g).values.size());
    known_.resize(family_.pieces.size());
    nodes_.resize(family_.pieces.size());
    for (Column& column : family_.columns)
      add_node(column);
    for (std::size_t p = 0; p < family_.pieces.size(); ++p)
      align_members(family_.pieces[p], nodes_[p]);
    mark_ports();
  }

 private:
  const Graph& exemplar(std::size_t group) const { return groups_[group].aligned.exemplar(); }
  const Graph& graph_of(std::size_t position) const { return exemplar(family_.groups[position]); }

  static std::vector<std::size_t> groups_of(const Column& column) {
    std::vector<std::size_t> result;
    for (std::size_t g = 0; g < column.nodes.size(); ++g) {
      if (column.nodes[g] >= 0) result.push_back(g);
    }
    return result;
  }

  void make_pieces() {
    std::set<std::vector<std::size_t>> sets;
    for (const Column& column : family_.columns)
      sets.insert(groups_of(column));
    std::vector<std::vector<std::size_t>> ordered(sets.begin(), sets.end());
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
    std::map<std::vector<std::size_t>, int> index;
    for (auto& set : ordered) {
      index[set] = static_cast<int>(family_.pieces.size());
      family_.pieces.emplace_back().groups = std::move(set);
    }
    for (Column& column : family_.columns)
      column.piece = index.at(groups_of(column));
  }

  // The piece's value for a value of each of its groups.
  ValueId value_of(int index, const std::vector<ValueId>& tuple) {
    auto& known = known_[static_cast<std::size_t>(index)];
    if (const auto found = known.find(tuple); found != known.end()) return found->second;
    Piece& piece = family_.pieces[static_cast<std::size_t>(index)];
    const Value& original = graph_of(piece.groups[0]).value(tuple[0]);
    const ValueId id = piece.graph.add_value(original.name, original.type);
    Value& added = piece.graph.value(id);
    added.constant = original.constant;
    piece.tuples.push_back(tuple);
    known.emplace(tuple, id);
    return id;
  }

  // One input or output of a column's nodes. Nodes with equal labels lack the same ones.
  std::vector<ValueId> tuple_of(const Column& column, std::size_t i,
                                std::vector<ValueId> Node::*ports) const {
    std::vector<ValueId> tuple;
    for (std::size_t g = 0; g < column.nodes.size(); ++g) {
      if (column.nodes[g] < 0) continue;
      const Node& node = graph_of(g).nodes[static_cast<std::size_t>(column.nodes[g])];
      tuple.push_back((node.*ports)[i]);
    }
    return tuple;
  }

  void add_node(Column& column) {
    Piece& piece = family_.pieces[static_cast<std::size_t>(column.piece)];
    const std::size_t first = piece.groups[0];
    Node node = graph_of(first).nodes[static_cast<std::size_t>(column.nodes[first])];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kAbsent) continue;
      node.inputs[i] = value_of(column.piece, tuple_of(column, i, &Node::inputs));
    }
    // What subgraphs read by name must be there; such nodes stand in pieces of one architecture.
    for (const ValueId id :
         read_values(graph_of(first),
                     graph_of(first).nodes[static_cast<std::size_t>(column.nodes[first])])) {
      if (piece.groups.size() == 1) value_of(column.piece, {id});
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kAbsent) continue;
      const std::vector<ValueId> tuple = tuple_of(column, i, &Node::outputs);
      node.outputs[i] = value_of(column.piece, tuple);
      for (std::size_t k = 0; k < tuple.size(); ++k) {
        family_.places[piece.groups[k]][static_cast<std::size_t>(tuple[k])] = {column.piece,
                                                                               node.outputs[i]};
      }
    }
    column.place = static_cast<int>(piece.graph.nodes.size());
    piece.graph.nodes.push_back(std::move(node));
    nodes_[static_cast<std::size_t>(column.piece)].push_back(&column);
  }

  void align_members(Piece& piece, const std::vector<const Column*>& nodes) {
    piece.aligned.exemplar_graph = &piece.graph;
    for (std::size_t k = 0; k < piece.groups.size(); ++k) {
      const FoundGroup& group = groups_[family_.groups[piece.groups[k]]];
      for (std::size_t m = 0; m < group.members.size(); ++m) {
        Alignment alignment;
        for (const auto& tuple : piece.tuples)
          alignment.values.push_back(group.aligned.value_of(m, tuple[k]));
        for (const Column* column : nodes) {
          const int node = column->nodes[piece.groups[k]];
          alignment.nodes.push_back(
              group.aligned.alignments[m].nodes[static_cast<std::size_t>(node)]);
        }
        piece.members.push_back(group.members[m]);
        piece.aligned.graphs.push_back(group.aligned.graphs[m]);
        piece.aligned.alignments.push_back(std::move(alignment));
      }
    }
  }

  // Inputs of a piece are what it reads from elsewhere; outputs what others read of it.
  void mark_ports() {
    std::vector<std::set<ValueId>> outputs(family_.pieces.size());
    for (std::size_t p = 0; p < family_.pieces.size(); ++p) {
      Piece& piece = family_.pieces[p];
      for (std::size_t v = 0; v < piece.tuples.size(); ++v) {
        const auto id = static_cast<ValueId>(v);
        if (piece.graph.value(id).is_constant()) continue;
        bool is_input = false;
        for (std::size_t k = 0; k < piece.groups.size(); ++k) {
          const Place place = place_of(piece.groups[k], piece.tuples[v][k]);
          if (place == Place{static_cast<int>(p), id}) continue;
          is_input = true;
          if (place.piece >= 0) outputs[static_cast<std::size_t>(place.piece)].insert(place.value);
        }
        if (is_input) piece.graph.inputs.push_back(id);
      }
    }
    for (std::size_t g = 0; g < family_.groups.size(); ++g) {
      for (const ValueId id : graph_of(g).outputs) {
        const Place place = place_of(g, id);
        if (place.piece >= 0) outputs[static_cast<std::size_t>(place.piece)].insert(place.value);
      }
    }
    for (std::size_t p = 0; p < outputs.size(); ++p)
      family_.pieces[p].graph.outputs.assign(outputs[p].begin(), outputs[p].end());
  }

  Place place_of(std::size_t position, ValueId id) const {
    return family_.places[position][static_cast<std::size_t>(id)];
  }

  Family& family_;
  const std::vector<FoundGroup>& groups_;
  std::vector<std::map<std::vector<ValueId>, ValueId>> known_;  // by piece: its values by tuple
  std::vector<std::vector<const Column*>> nodes_;               // by piece
};

}  // namespace

void cut_into_pieces(Family& family, const std::vector<FoundGroup>& groups) {
  Cutter(family, groups).run();
}

}  // namespace braid
