#include "plan/lower_graph.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "ir/describe_node.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/count_work.hpp"
#include "plan/find_views.hpp"
#include "plan/place_values.hpp"
#include "plan/step_order.hpp"
#include "runtime/sequences.hpp"
#include "support/assert.hpp"
#include "support/operand.hpp"

namespace braid {
namespace {

// A kernel that knows no fixed shapes, called with the attributes of one node.
class CalledKernel final : public LooseKernel {
 public:
  CalledKernel(KernelFunction function, const Node& node, std::int64_t opset)
      : function_(function), op_(node.op_type), opset_(opset), attributes_(node.attributes) {}

  std::string name() const override { return "reference"; }

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    const std::vector<Tensor> tensors = to_tensors(inputs);
    std::vector<Tensor> results(outputs.size());
    KernelCall call(op_, opset_, attributes_, tensors, results);
    function_(call);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (results[i]) outputs[i] = results[i].materialised();
    }
  }

 private:
  KernelFunction function_;
  std::string op_;
  std::int64_t opset_;
  Attributes attributes_;
};

class Lowering {
 public:
  Lowering(const Model& model, const Backend& backend, PackedWeights& weights, Memory memory,
           const SubgraphCompiler& compile_subgraph)
      : model_(model),
        graph_(model.graph),
        backend_(backend),
        weights_(weights),
        compile_subgraph_(compile_subgraph),
        is_planned_(memory == Memory::Planned) {}

  std::shared_ptr<const Program> run() {
    views_ = is_planned_ ? find_views(graph_) : std::vector<View>(graph_.values.size());
    slots_.assign(graph_.values.size(), kNoSlot);
    find_last_reads();
    place_constants();
    for (const ValueId id : graph_.inputs) {
      if (!graph_.value(id).is_constant()) program_->inputs.push_back(new_slot(id));
    }
    for (node_ = 0; node_ < graph_.nodes.size(); ++node_)
      add_step(graph_.nodes[node_]);
    for (const ValueId id : graph_.outputs)
      program_->outputs.push_back(slot_of(id, "the graph's output"));
    find_owners();
    order_steps();
    place_arena();
    mark_last_uses();
    keep_read_constants();
    return std::move(program_);
  }

 private:
  void place_constants() {
    for (std::size_t v = 0; v < graph_.values.size(); ++v) {
      if (graph_.values[v].is_constant()) place_constant(v, graph_.values[v].constant);
    }
  }

  void place_constant(std::size_t v, const Tensor& tensor) {
    slots_[v] = static_cast<Slot>(program_->values.size());
    program_->values.push_back(
        {Residence::Kind::Constant, program_->constants.size(), 0, tensor.dtype(), tensor.dims()});
    program_->constants.push_back(tensor);
  }

  Residence residence_of(ValueId id) const {
    const auto dims = known_dims(graph_, id);
    const Type& type = graph_.value(id).type;
    const bool is_fixed = is_planned_ && dims && type.is_tensor() && type.dtype != DType::String &&
                          type.dtype != DType::Undefined;
    if (!is_fixed) return {Residence::Kind::Loose, 0, 0, type.dtype, {}};
    return {Residence::Kind::Arena, 0, 0, type.dtype, *dims};
  }

  Slot new_slot(ValueId id) {
    const auto slot = static_cast<Slot>(program_->values.size());
    program_->values.push_back(residence_of(id));
    return slots_[static_cast<std::size_t>(id)] = slot;
  }

  Slot slot_of(ValueId id, const std::string& reader) const {
    const Slot slot = slots_[static_cast<std::size_t>(id)];
    if (slot != kNoSlot) return slot;
    throw Error(ErrorKind::BadInput, "nothing produces '" + graph_.value(id).name + "' before " +
                                         reader + " reads it; the model is not valid");
  }

  void add_step(const Node& node) {
    if (const Tensor* constant = constant_of(node)) {
      place_constant(static_cast<std::size_t>(node.outputs[0]), *constant);
      return;
    }
    Step step;
    step.op = node.op_type;
    step.place = place_of(graph_, node);
    for (const ValueId id : node.inputs)
      step.inputs.push_back(id == kAbsent ? kNoSlot : slot_of(id, step.place));
    if (runs_subgraphs(node)) step.loose = make_control_flow(node, step);
    for (const ValueId id : node.outputs)
      step.outputs.push_back(id == kAbsent ? kNoSlot : new_slot(id));
    bool is_view = false;  // of all outputs or of none
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) is_view = lies_in_base(id);
    }
    if (is_view) return;
    const std::vector<bool> in_place = find_in_place(graph_, views_, node);
    const bool is_made = std::find(in_place.begin(), in_place.end(), false) == in_place.end();
    if (is_made && !in_place.empty()) return;
    if (!step.loose) bind(node, in_place, step);
    program_->steps.push_back(std::move(step));
  }

  // Adds what the subgraphs capture to the inputs of the step.
  std::unique_ptr<LooseKernel> make_control_flow(const Node& node, Step& step) const {
    ControlFlow kernel{node.op_type, model_.opset(), node.attributes, node.inputs.size(), {}, {}};
    for (const ValueId id : node.outputs)
      kernel.outputs.push_back(id == kAbsent ? Type() : graph_.value(id).type);
    std::vector<ValueId> captured;
    try {
      kernel.subgraphs = make_subgraphs(model_, node, compile_subgraph_, captured);
      for (const ValueId id : captured)
        step.inputs.push_back(slot_of(id, step.place));
      return make_control_flow_kernel(kernel);
    } catch (const Error& error) {
      throw Error(error.kind(), step.place + ": " + error.what());
    }
  }

  // A view of a constant lies there; where those in the arena lie shows when that is laid out.
  bool lies_in_base(ValueId id) {
    const View& view = views_[static_cast<std::size_t>(id)];
    if (view.base == kAbsent || view.is_placed) return false;
    const Residence& base = program_->value(slot(view.base));
    if (base.kind == Residence::Kind::Constant) {
      Residence& own = program_->values[static_cast<std::size_t>(slot(id))];
      own.kind = base.kind;
      own.index = base.index;
      own.offset = base.offset + view.offset;
    }
    return true;
  }

  Slot slot(ValueId id) const { return slots_[static_cast<std::size_t>(id)]; }

  Operand operand_of(Slot slot) const {
    if (slot == kNoSlot) return {};
    const Residence& value = program_->value(slot);
    const bool is_whole = value.kind == Residence::Kind::Constant &&
                          value.dims == program_->constants[value.index].dims();
    return {value.dtype, value.dims, is_whole ? &program_->constants[value.index] : nullptr};
  }

  bool has_fixed_dims(const Step& step) const {
    for (const auto* slots : {&step.inputs, &step.outputs}) {
      for (const Slot slot : *slots) {
        if (slot == kNoSlot) continue;
        const Residence& value = program_->value(slot);
        if (value.kind == Residence::Kind::Loose || value.dtype == DType::String) return false;
      }
    }
    return true;
  }

  void bind(const Node& node, const std::vector<bool>& in_place, Step& step) {
    const std::int64_t opset = model_.opset(node.domain);
    if (has_fixed_dims(step)) {
      Operator op{node.domain, node.op_type, opset, node.attributes, {}, {}};
      for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        op.inputs.push_back(operand_of(step.inputs[i]));
        op.inputs[i].is_in_place = in_place[i];
        op.inputs[i].is_overwritable = is_overwritable(node, i);
      }
      for (const Slot slot : step.outputs)
        op.outputs.push_back(operand_of(slot));
      step.work = count_work(op);
      step.bound = backend_.bind(op, weights_);
    }
    if (step.bound) {
      if (const auto input = step.bound->overwrites()) overwrite(node, *input);
      return;
    }
    if (node.domain.empty()) step.loose = make_sequence_kernel(node.op_type, node.attributes);
    if (step.loose) return;
    const KernelFunction kernel =
        backend_.find_kernel({node.domain, node.op_type, opset, DType::Undefined});
    BRAID_ASSERT(kernel != nullptr, "passes fuse only what the backend binds");
    step.loose = std::make_unique<CalledKernel>(kernel, node, opset);
  }

  // ---- streams ----

  void find_owners() {
    owners_.assign(program_->values.size(), kAbsent);
    for (std::size_t v = 0; v < slots_.size(); ++v) {
      if (slots_[v] != kNoSlot)
        owners_[static_cast<std::size_t>(slots_[v])] = static_cast<ValueId>(v);
    }
  }

  // Steps of the host run one after the other, and so do those beside them.
  void order_steps() {
    const std::vector<Step>& steps = program_->steps;
    const bool are_on_device = std::all_of(steps.begin(), steps.end(), [](const Step& step) {
      return step.bound && step.bound->is_on_device();
    });
    if (!are_on_device || steps.empty() || backend_.most_streams() == 1) return;
    std::vector<std::vector<Access>> accesses;
    std::vector<StepLoad> loads;
    for (const Step& step : steps) {
      accesses.push_back(accesses_of(step));
      loads.push_back(backend_.estimate(*step.bound, step.work));
    }
    order_ = order_in_streams(find_dependencies(accesses), loads, backend_.most_streams());
    program_->streams = order_.stream_count();
    for (std::size_t s = 0; s < steps.size(); ++s) {
      program_->steps[s].stream = order_.stream_of(s);
      program_->steps[s].waits = order_.waits_of(s);
    }
  }

  std::vector<Access> accesses_of(const Step& step) const {
    std::vector<Access> accesses;
    const auto add = [&](Slot slot, bool is_write) {
      if (slot == kNoSlot || program_->value(slot).kind != Residence::Kind::Arena) return;
      const View view = resolve_view(views_, owners_[static_cast<std::size_t>(slot)]);
      accesses.push_back({static_cast<std::size_t>(view.base), view.offset,
                          view.offset + bytes_of(slot), is_write});
    };
    for (const Slot slot : step.inputs)
      add(slot, false);
    for (const Slot slot : step.outputs)
      add(slot, true);
    return accesses;
  }

  // ---- memory ----

  // Values that share memory have one buffer: that of the value which is no view.
  std::size_t buffer_of(ValueId id) const {
    return static_cast<std::size_t>(resolve_view(views_, id).base);
  }

  std::size_t bytes_of(Slot slot) const {
    const Residence& value = program_->value(slot);
    return Tensor::weightless(value.dtype, value.dims).bytes();
  }

  void find_last_reads() {
    last_reads_.assign(graph_.values.size(), 0);
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (const ValueId id : read_values(graph_, graph_.nodes[n]))
        last_reads_[buffer_of(id)] = n;
    }
    for (const ValueId id : graph_.outputs)
      last_reads_[buffer_of(id)] = graph_.nodes.size();
    for (const ValueId id : graph_.inputs)
      last_reads_[buffer_of(id)] = graph_.nodes.size();  // they stay as they were given
  }

  // Whether the node is the last to read the input's buffer, reads it once, and could have its
  // output there.
  bool is_overwritable(const Node& node, std::size_t input) const {
    const ValueId id = node.inputs[input];
    const ValueId output = node.outputs[0];
    if (id == kAbsent || output == kAbsent) return false;
    const Residence& from = program_->value(slot(id));
    const Residence& to = program_->value(slot(output));
    const bool is_alike =
        from.kind == Residence::Kind::Arena && from.dtype == to.dtype && from.dims == to.dims;
    const std::size_t buffer = buffer_of(id);
    if (!is_alike || last_reads_[buffer] != node_) return false;
    if (bytes_of(slots_[buffer]) != bytes_of(slot(id))) return false;
    if (views_[static_cast<std::size_t>(output)].base != kAbsent) return false;
    return std::count_if(node.inputs.begin(), node.inputs.end(), [&](ValueId other) {
             return other != kAbsent && buffer_of(other) == buffer;
           }) == 1;
  }

  // The node's output lies where its input did. Views stay short however often that repeats.
  void overwrite(const Node& node, std::size_t input) {
    const ValueId output = node.outputs[0];
    const View view = resolve_view(views_, node.inputs[input]);
    views_[static_cast<std::size_t>(output)] = {view.base, view.offset, true};
    last_reads_[buffer_of(output)] = last_reads_[static_cast<std::size_t>(output)];
  }

  void place_arena() {
    const int end = static_cast<int>(program_->steps.size());
    std::vector<Lifetime> lifetimes(graph_.values.size(), {0, end, -1});
    const auto use = [&](Slot slot, int step) {
      if (slot == kNoSlot || program_->value(slot).kind != Residence::Kind::Arena) return;
      const ValueId id = owners_[static_cast<std::size_t>(slot)];
      Lifetime& lifetime = lifetimes[buffer_of(id)];
      lifetime.first = std::min(lifetime.first, step);
      lifetime.last = std::max(lifetime.last, step);
      users_[buffer_of(id)].push_back(step);
    };
    users_.assign(lifetimes.size(), {});
    for (const Slot slot : program_->inputs)
      use(slot, -1);
    for (int s = 0; s < end; ++s) {
      const Step& step = program_->steps[static_cast<std::size_t>(s)];
      for (const auto* slots : {&step.inputs, &step.outputs}) {
        for (const Slot slot : *slots)
          use(slot, s);
      }
    }
    for (const Slot slot : program_->outputs)
      use(slot, end);
    place_buffers(std::move(lifetimes));
  }

  void place_buffers(std::vector<Lifetime> lifetimes) {
    for (std::size_t v = 0; v < slots_.size(); ++v) {
      if (lifetimes[v].last < lifetimes[v].first) continue;
      lifetimes[v].bytes = bytes_of(slots_[v]);
    }
    const std::size_t workspaces = lifetimes.size();
    for (std::size_t s = 0; s < program_->steps.size(); ++s) {
      const Step& step = program_->steps[s];
      const int at = static_cast<int>(s);
      lifetimes.push_back({step.bound ? step.bound->workspace_bytes() : 0, at, at});
      users_.push_back({at});
    }
    AreOrdered are_ordered;
    if (program_->streams > 1)
      are_ordered = [this](std::size_t a, std::size_t b) { return is_over(users_[a], users_[b]); };
    const Placement placement = place_values(lifetimes, are_ordered);
    for (std::size_t v = 0; v < slots_.size(); ++v) {
      if (slots_[v] == kNoSlot) continue;
      Residence& value = program_->values[static_cast<std::size_t>(slots_[v])];
      if (value.kind != Residence::Kind::Arena) continue;
      const View view = resolve_view(views_, static_cast<ValueId>(v));
      value.offset = placement.offsets[static_cast<std::size_t>(view.base)] + view.offset;
      value.buffer = slot(view.base);
    }
    for (std::size_t s = 0; s < program_->steps.size(); ++s)
      program_->steps[s].workspace = placement.offsets[workspaces + s];
    program_->arena_bytes = placement.total;
  }

  // Whether the steps of the earlier ones are done when any of the later ones starts. What the
  // caller gives is there before all steps, and what he gets is read after them.
  bool is_over(const std::vector<int>& earlier, const std::vector<int>& later) const {
    const int end = static_cast<int>(program_->steps.size());
    return std::all_of(later.begin(), later.end(), [&](int b) {
      return b == end || std::all_of(earlier.begin(), earlier.end(), [&](int a) {
               return a < 0 ||
                      order_.precedes(static_cast<std::size_t>(a), static_cast<std::size_t>(b));
             });
    });
  }

  void mark_last_uses() {
    std::vector<bool> is_needed(program_->values.size(), false);
    for (const Slot slot : program_->outputs)
      is_needed[static_cast<std::size_t>(slot)] = true;
    for (auto step = program_->steps.rbegin(); step != program_->steps.rend(); ++step) {
      for (const auto* slots : {&step->inputs, &step->outputs}) {
        for (const Slot slot : *slots) {
          if (slot == kNoSlot || is_needed[static_cast<std::size_t>(slot)]) continue;
          if (program_->value(slot).kind != Residence::Kind::Loose) continue;
          is_needed[static_cast<std::size_t>(slot)] = true;
          step->last_used.push_back(slot);
        }
      }
    }
  }

  // What kernels have packed is not kept; what they read lies in memory, whatever it is made of.
  void keep_read_constants() {
    std::vector<Need> needs(program_->constants.size(), Need::None);
    std::vector<bool> is_on_device(program_->constants.size(), false);
    const auto read = [&](Slot slot, Need need) {
      const Residence& value = program_->value(slot);
      if (value.kind == Residence::Kind::Constant)
        needs[value.index] = std::max(needs[value.index], need);
    };
    for (const Slot slot : program_->outputs)
      read(slot, Need::Operand);
    for (const Step& step : program_->steps) {
      for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        const Slot slot = step.inputs[i];
        if (slot == kNoSlot || (step.bound && !step.bound->reads(i))) continue;
        const Residence& value = program_->value(slot);
        if (step.bound && step.bound->is_on_device()) {
          if (value.kind == Residence::Kind::Constant) is_on_device[value.index] = true;
        } else {
          const bool is_moved = step.bound && step.bound->takes_any_alignment(i);
          read(slot, is_moved ? Need::Bytes : Need::Operand);
        }
      }
    }
    program_->device_constants.resize(needs.size());
    for (std::size_t c = 0; c < needs.size(); ++c) {
      if (is_on_device[c])
        program_->device_constants[c] = backend_.to_device(program_->constants[c], weights_);
      keep_constant(program_->constants[c], needs[c]);
    }
  }

  // How steps on the host read a constant.
  enum class Need { None, Bytes, Operand };

  void keep_constant(Tensor& constant, Need need) {
    const bool is_there = need == Need::Bytes && constant.is_contiguous();
    if (need == Need::None) {
      constant = {};
    } else if (!is_there) {
      constant = weights_.plain(constant);
    }
  }

  const Model& model_;
  const Graph& graph_;
  const Backend& backend_;
  PackedWeights& weights_;
  const SubgraphCompiler& compile_subgraph_;
  const bool is_planned_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::vector<Slot> slots_;      // of each value
  std::vector<View> views_;      // of each value
  std::size_t node_ = 0;         // that is being lowered
  std::vector<ValueId> owners_;  // by slot: whose it is
  StepOrder order_;

  // By value that has a buffer, and then by step that has a workspace: the steps that use it; -1
  // and the number of steps stand for the caller.
  std::vector<std::vector<int>> users_;

  // By value that is no view: the last node that reads its bytes.
  std::vector<std::size_t> last_reads_;
};

}  // namespace

std::shared_ptr<const Program> lower_graph(const Model& model, const Backend& backend,
                                           PackedWeights& weights, Memory memory,
                                           const SubgraphCompiler& compile_subgraph) {
  return Lowering(model, backend, weights, memory, compile_subgraph).run();
}

}  // namespace braid
