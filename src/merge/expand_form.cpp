// A false alarm of g++ 12 within Boost's edge iterators.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "merge/expand_form.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <limits>
#include <optional>

namespace braid {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = Traits::vertex_descriptor;
using Edge = Traits::edge_descriptor;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS,
    boost::property<
        boost::vertex_index_t, std::size_t,
        boost::property<boost::vertex_color_t, boost::default_color_type,
                        boost::property<boost::vertex_distance_t, long,
                                        boost::property<boost::vertex_predecessor_t, Edge>>>>,
    boost::property<boost::edge_capacity_t, double,
                    boost::property<boost::edge_residual_capacity_t, double,
                                    boost::property<boost::edge_reverse_t, Edge>>>>;

// A function of two-valued variables as a flow network: a variable is 1 on the sink's side.
class Cut {
 public:
  explicit Cut(std::size_t variables)
      : graph_(variables + 2), source_(variables), sink_(variables + 1), bias_(variables, 0) {}

  // What the variable costs as 0 and as 1.
  void add_unary(std::size_t x, double zero, double one) { bias_[x] += one - zero; }

  // Costs of (0,0), (0,1), (1,0) and (1,1); what is not submodular is truncated.
  void add_pair(std::size_t x, std::size_t y, double c00, double c01, double c10, double c11) {
    bias_[x] += c10 - c00;
    bias_[y] += c11 - c10;
    const double weight = std::max(0.0, c01 + c10 - c00 - c11);
    if (weight > 0) add_edge(x, y, weight);
  }

  // By variable: whether it is 1 in a minimum.
  std::vector<bool> solve() {
    for (std::size_t x = 0; x < bias_.size(); ++x) {
      if (bias_[x] > 0) add_edge(source_, x, bias_[x]);
      if (bias_[x] < 0) add_edge(x, sink_, -bias_[x]);
    }
    boost::boykov_kolmogorov_max_flow(graph_, source_, sink_);
    const auto color = boost::get(boost::vertex_color, graph_);
    std::vector<bool> is_one;
    for (std::size_t x = 0; x < bias_.size(); ++x)
      is_one.push_back(color[x] != color[source_]);
    return is_one;
  }

 private:
  void add_edge(Vertex from, Vertex to, double capacity) {
    const Edge forth = boost::add_edge(from, to, graph_).first;
    const Edge back = boost::add_edge(to, from, graph_).first;
    auto capacities = boost::get(boost::edge_capacity, graph_);
    auto reverse = boost::get(boost::edge_reverse, graph_);
    capacities[forth] = capacity;
    capacities[back] = 0;
    reverse[forth] = back;
    reverse[back] = forth;
  }

  FlowGraph graph_;
  Vertex source_;
  Vertex sink_;
  std::vector<double> bias_;
};

// The cheapest candidate that yields the form.
std::optional<std::size_t> candidate_for(const FormCosts& costs, std::size_t n, const Form& form) {
  std::optional<std::size_t> best;
  const std::vector<Candidate>& candidates = costs.candidates(n);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (candidates[c].output != form) continue;
    if (!best || candidates[c].cost < candidates[*best].cost) best = c;
  }
  return best;
}

}  // namespace

bool expand_form(const FormCosts& costs, const Form& form, Assignment& chosen) {
  Assignment other = chosen;
  for (std::size_t n = 0; n < costs.size(); ++n)
    other[n] = candidate_for(costs, n, form).value_or(chosen[n]);
  const Graph& graph = costs.facts().graph();
  Cut cut(costs.size());
  for (std::size_t n = 0; n < costs.size(); ++n) {
    if (costs.candidates(n).empty()) continue;
    cut.add_unary(n, costs.candidates(n)[chosen[n]].cost, costs.candidates(n)[other[n]].cost);
  }
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    const auto id = static_cast<ValueId>(v);
    if (costs.facts().kind(id) != Kind::Stacked || graph.value(id).is_constant()) continue;
    const Form from[] = {costs.produced_form(id, chosen), costs.produced_form(id, other)};
    const int producer = costs.producer(id);
    for (const FormCosts::Reader& reader : costs.readers(id)) {
      const Form to[] = {costs.read_form(reader.node, chosen[reader.node], reader.input),
                         costs.read_form(reader.node, other[reader.node], reader.input)};
      const auto cost = [&](int x, int y) { return costs.conversion(id, from[x], to[y]); };
      if (producer < 0) {
        cut.add_unary(reader.node, cost(0, 0), cost(0, 1));
      } else {
        cut.add_pair(static_cast<std::size_t>(producer), reader.node, cost(0, 0), cost(0, 1),
                     cost(1, 0), cost(1, 1));
      }
    }
    if (producer >= 0 && graph.is_output(id)) {
      const Form& exit = costs.facts().exit;
      cut.add_unary(static_cast<std::size_t>(producer), costs.conversion(id, from[0], exit),
                    costs.conversion(id, from[1], exit));
    }
  }
  const std::vector<bool> goes_over = cut.solve();
  for (std::size_t n = 0; n < costs.size(); ++n) {
    if (!goes_over[n]) other[n] = chosen[n];
  }
  const double before = costs.total(chosen);
  if (costs.total(other) >= before * (1 - 1e-9)) return false;
  chosen = std::move(other);
  return true;
}

}  // namespace braid
