#include "plan/lower_graph.hpp"

#include <algorithm>
#include <unordered_map>

#include "braid/error.hpp"
#include "ir/densify.hpp"
#include "ir/traverse.hpp"
#include "plan/missing_kernels.hpp"
#include "runtime/operand.hpp"
#include "runtime/program_impl.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

std::string operator_name(const Node& node) {
  return node.domain.empty() ? node.op_type : node.domain + "." + node.op_type;
}

class Lowering {
 public:
  Lowering(const Model& model, const KernelFinder& find_kernel, std::string_view device)
      : model_(model), graph_(model.graph), find_kernel_(find_kernel), device_(device) {}

  std::shared_ptr<const Program::Impl> run() {
    BRAID_ASSERT(model_.functions.empty(), "functions are inlined before a graph is lowered");
    check_ports();
    slots_.assign(graph_.values.size(), kNoSlot);
    place_constants();
    place_inputs();
    for (const Node& node : graph_.nodes)
      add_step(node);
    missing_.report(device_);
    for (const ValueId id : graph_.outputs) {
      impl_->outputs.push_back({graph_.value(id).name, graph_.value(id).type});
      impl_->output_slots.push_back(slot_of(id, "the graph's output"));
    }
    mark_last_uses();
    return std::move(impl_);
  }

 private:
  void check_ports() const {
    for (const ValueId id : graph_.inputs)
      check_port(id, "input");
    for (const ValueId id : graph_.outputs)
      check_port(id, "output");
  }

  void check_port(ValueId id, const std::string& what) const {
    const Value& value = graph_.value(id);
    if (is_runnable(value.type)) return;
    throw Error(ErrorKind::Unsupported, what + " '" + value.name + "' has type " +
                                            to_string(value.type) +
                                            "; this build runs tensors only");
  }

  static bool is_runnable(const Type& type) {
    return type.kind == Type::Kind::Tensor || type.kind == Type::Kind::Unknown;
  }

  // Constants that nobody reads may be weightless, and need no memory.
  std::vector<bool> find_read_values() const {
    std::vector<bool> is_read(graph_.values.size(), false);
    for (const ValueId id : graph_.outputs)
      is_read[static_cast<std::size_t>(id)] = true;
    for (const Node& node : graph_.nodes) {
      for (const ValueId id : node.inputs) {
        if (id != kAbsent) is_read[static_cast<std::size_t>(id)] = true;
      }
    }
    return is_read;
  }

  void place_constants() {
    std::unordered_map<std::string, const SparseTensor*> sparse;
    for (const auto& [name, tensor] : graph_.sparse_initializers)
      sparse.emplace(name, &tensor);
    const std::vector<bool> is_read = find_read_values();
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      const Value& value = graph_.values[i];
      if (!is_read[i]) continue;
      if (value.is_constant()) {
        place_constant(i, value.constant);
      } else if (const auto found = sparse.find(value.name); found != sparse.end()) {
        place_constant(i, densify(*found->second, value.name));
      }
    }
    for (const Node& node : graph_.nodes) {
      const Tensor* tensor = constant_of(node);
      if (tensor == nullptr) continue;
      const auto i = static_cast<std::size_t>(node.outputs[0]);
      if (is_read[i]) place_constant(i, *tensor);
    }
    impl_->slot_count = impl_->constants.size();
    report_weightless();
  }

  // A Constant node needs no step.
  static const Tensor* constant_of(const Node& node) {
    const Attribute* value = node.is("Constant") ? node.attributes.find("value") : nullptr;
    if (value == nullptr || node.output(0) == kAbsent) return nullptr;
    return std::get_if<Tensor>(&value->value);
  }

  void place_constant(std::size_t value, const Tensor& tensor) {
    if (!tensor.has_data()) weightless_.push_back(graph_.values[value].name);
    slots_[value] = static_cast<Slot>(impl_->constants.size());
    impl_->constants.push_back(as_operand(tensor));
  }

  void report_weightless() const {
    if (weightless_.empty()) return;
    const std::size_t others = weightless_.size() - 1;
    const std::string verb = others == 0 ? " has" : " and " + std::to_string(others) + " more have";
    throw Error(ErrorKind::BadInput, "weight '" + weightless_[0] + "'" + verb +
                                         " no data; fill the model with `braid synth`");
  }

  Slot new_slot(ValueId id) {
    return slots_[static_cast<std::size_t>(id)] = static_cast<Slot>(impl_->slot_count++);
  }

  Slot slot_of(ValueId id, const std::string& reader) const {
    const Slot slot = slots_[static_cast<std::size_t>(id)];
    if (slot != kNoSlot) return slot;
    throw Error(ErrorKind::BadInput, "nothing produces '" + graph_.value(id).name + "' before " +
                                         reader + " reads it; the model is not valid");
  }

  // An input with a default is a constant: run() does not ask for it.
  void place_inputs() {
    for (const ValueId id : graph_.inputs) {
      const Value& value = graph_.value(id);
      if (value.is_constant()) continue;
      impl_->inputs.push_back({value.name, value.type});
      impl_->input_slots.push_back(new_slot(id));
    }
  }

  KernelFunction find_kernel(const Node& node, const std::string& label) {
    const bool is_nested = has_subgraph(node);
    bool has_only_tensors = true;
    for (const auto* ids : {&node.inputs, &node.outputs}) {
      for (const ValueId id : *ids) {
        if (id != kAbsent && !is_runnable(graph_.value(id).type)) has_only_tensors = false;
      }
    }
    KernelQuery query{node.domain, node.op_type, model_.opset(node.domain), DType::Undefined};
    if (node.input(0) != kAbsent) query.dtype = graph_.value(node.input(0)).type.dtype;
    const bool is_plain = !is_nested && has_only_tensors;
    const KernelFunction kernel = is_plain ? find_kernel_(query) : nullptr;
    if (kernel == nullptr) {
      const std::string reason = is_nested           ? "it has subgraphs"
                                 : !has_only_tensors ? "its operands are not all tensors"
                                                     : "";
      missing_.add(operator_name(node), reason, label);
    }
    return kernel;
  }

  void add_step(const Node& node) {
    if (constant_of(node) != nullptr) return;
    std::string label = node.name;
    for (std::size_t i = 0; label.empty() && i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kAbsent) label = graph_.value(node.outputs[i]).name;
    }
    Step& step = impl_->steps.emplace_back();
    step.kernel = find_kernel(node, label);
    step.op = node.op_type;
    step.place = "node '" + label + "' (" + operator_name(node) + ")";
    step.opset = model_.opset(node.domain);
    step.attributes = node.attributes;
    for (const ValueId id : node.inputs) {
      step.inputs.push_back(id == kAbsent ? kNoSlot : slot_of(id, step.place));
    }
    for (const ValueId id : node.outputs) {
      step.outputs.push_back(id == kAbsent ? kNoSlot : new_slot(id));
    }
  }

  void mark_last_uses() {
    const auto first_local = static_cast<Slot>(impl_->constants.size());
    std::vector<bool> is_needed(impl_->slot_count, false);
    for (const Slot slot : impl_->output_slots)
      is_needed[static_cast<std::size_t>(slot)] = true;
    for (auto step = impl_->steps.rbegin(); step != impl_->steps.rend(); ++step) {
      for (const auto* slots : {&step->inputs, &step->outputs}) {
        for (const Slot slot : *slots) {
          if (slot < first_local || is_needed[static_cast<std::size_t>(slot)]) continue;
          is_needed[static_cast<std::size_t>(slot)] = true;
          step->last_used.push_back(slot);
        }
      }
    }
  }

  const Model& model_;
  const Graph& graph_;
  const KernelFinder& find_kernel_;
  std::string_view device_;
  std::shared_ptr<Program::Impl> impl_ = std::make_shared<Program::Impl>();
  std::vector<Slot> slots_;              // of each value
  std::vector<std::string> weightless_;  // constants without data that something reads
  MissingKernels missing_;
};

}  // namespace

std::shared_ptr<const Program::Impl> lower_graph(const Model& model,
                                                 const KernelFinder& find_kernel,
                                                 std::string_view device) {
  return Lowering(model, find_kernel, device).run();
}

}  // namespace braid
