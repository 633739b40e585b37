#include "braid/compile.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>

#include "backends/select_backend.hpp"
#include "braid/canonicalise.hpp"
#include "braid/onnx.hpp"
#include "ir/unshare.hpp"
#include "onnx/inline_functions.hpp"
#include "passes/passes.hpp"
#include "plan/compute_constants.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/lower_graph.hpp"
#include "plan/narrow/narrow_values.hpp"
#include "plan/report_plan.hpp"
#include "plan/specialise_shapes.hpp"
#include "plan/split_members.hpp"
#include "restrict_members.hpp"
#include "runtime/check_inputs.hpp"
#include "runtime/plan.hpp"
#include "runtime/plan_failure.hpp"
#include "runtime/thread_limit.hpp"
#include "support/assert.hpp"
#include "support/mapped_file.hpp"

namespace braid {
namespace {

// What a Program is made for: the kind of an input, and of a tensor its type and dims.
struct InputSignature {
  Datum::Kind kind;
  DType dtype = DType::Undefined;
  std::vector<std::int64_t> dims = {};

  explicit InputSignature(const Datum& input) : kind(input.kind()) {
    if (!input.is_tensor()) return;
    dtype = input.tensor().dtype();
    dims = input.tensor().dims();
  }

  bool is_of(const Datum& input) const {
    if (input.kind() != kind || !input.is_tensor()) return input.kind() == kind;
    return input.tensor().dtype() == dtype && input.tensor().dims() == dims;
  }
};

using Signature = std::vector<InputSignature>;

// Allocates nothing, as all that a run does for shapes that have a Program.
bool is_of(const Signature& signature, std::span<const Datum> inputs) {
  return std::equal(
      signature.begin(), signature.end(), inputs.begin(), inputs.end(),
      [](const InputSignature& each, const Datum& input) { return each.is_of(input); });
}

// Whether kinds, types and dims tell all that there is to know about the inputs.
bool are_tensors(std::span<const Datum> inputs) {
  return std::all_of(inputs.begin(), inputs.end(), [](const Datum& input) {
    return input.is_tensor() && input.tensor().has_data();
  });
}

constexpr std::size_t kMostPrograms = 32;
constexpr std::size_t kAllInputs = std::numeric_limits<std::size_t>::max();

// A Plan and the frames that are free for its next runs.
struct Planned {
  Signature signature;
  std::shared_ptr<const Plan> plan;
  std::vector<std::unique_ptr<PlanFrame>> free;
  std::string remark;  // as in ProgramReport
  std::uint64_t last_use = 0;
};

}  // namespace

class Executable::Impl {
 public:
  // What Executables of subgraphs have in common with the one of the whole.
  struct Setting {
    const Backend& backend;
    int threads;
    bool groups_products;
    std::shared_ptr<PackedWeights> weights = std::make_shared<PackedWeights>();
  };

  // Inputs from `given` on are not asked for.
  Impl(Model model, const Setting& setting, std::size_t given = kAllInputs)
      : original_(std::move(model)),
        setting_(setting),
        backend_(setting.backend),
        threads_(setting.threads),
        weights_(setting.weights) {
    if (backend_.has_bound_kernels()) {
      canonical_ = original_;
      unshare_subgraphs(canonical_.graph);
      canonicalise(canonical_);
      if (fold_batch_normalization(canonical_)) canonicalise(canonical_);
    }
    const Graph& graph = original_.graph;
    for (const ValueId id : graph.inputs) {
      const Value& value = graph.value(id);
      if (value.is_constant()) continue;
      (inputs_.size() < given ? inputs_ : filled_).push_back({value.name, value.type});
    }
    for (const ValueId id : graph.outputs)
      outputs_.push_back({graph.value(id).name, graph.value(id).type});
    if (backend_.has_bound_kernels()) member_outputs_ = outputs_by_member(original_);
  }

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }

  std::vector<Datum> run(std::span<const Datum> inputs) {
    const ThreadLimit limit(threads_);
    std::unique_ptr<PlanFrame> frame = take_frame(inputs);
    try {
      std::vector<Datum> outputs = frame->run(inputs);
      give_back(std::move(frame));
      return outputs;
    } catch (const PlanFailure& failure) {
      return take_loose_frame(inputs, failure)->run(inputs);
    }
  }

  std::unique_ptr<DeviceProgram> on_device(std::span<const std::vector<std::int64_t>> dims,
                                           Launching launching) {
    const std::vector<Datum> inputs = inputs_of(dims);
    const ThreadLimit limit(threads_);
    const std::lock_guard lock(mutex_);
    check_inputs(inputs_, inputs);
    const Plan& plan = *planned(inputs).plan;
    return backend_.make_device_program(plan.parts[0].program,
                                        {names_of(inputs_), names_of(outputs_)}, launching);
  }

  ProgramReport report(std::span<const Datum> inputs) {
    const ThreadLimit limit(threads_);
    const std::lock_guard lock(mutex_);
    const Planned& found = planned(inputs);
    ProgramReport report = report_plan(*found.plan);
    report.remark = found.remark;
    report.warnings = weights_->warnings();
    const std::vector<std::string> others = backend_.warnings();
    report.warnings.insert(report.warnings.end(), others.begin(), others.end());
    report.packed_bytes = weights_->bytes();
    report.weight_bytes = weight_bytes();
    return report;
  }

  ProgramReport profile(std::span<const Datum> inputs, int runs) {
    run(inputs);  // where inference is wrong, another Program takes over
    ProgramReport result = report(inputs);
    const ThreadLimit limit(threads_);
    std::unique_ptr<PlanFrame> frame = take_frame(inputs);
    for (int r = 0; r < runs; ++r) {
      const std::vector<double> seconds = frame->time_steps(inputs);
      for (std::size_t s = 0; s < seconds.size(); ++s) {
        double& shortest = result.steps[s].seconds;
        if (r == 0 || seconds[s] < shortest) shortest = seconds[s];
      }
    }
    give_back(std::move(frame));
    return result;
  }

 private:
  static std::vector<std::string> names_of(const std::vector<Port>& ports) {
    std::vector<std::string> names;
    for (const Port& port : ports)
      names.push_back(port.name);
    return names;
  }

  // Tensors without content: a Program is made for their dims.
  std::vector<Datum> inputs_of(std::span<const std::vector<std::int64_t>> dims) const {
    std::vector<Datum> inputs;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      const bool is_known = i < inputs_.size();  // else their number is wrong, which is told below
      const DType dtype = is_known ? dtype_on_device(inputs_[i]) : DType::Float32;
      if (std::any_of(dims[i].begin(), dims[i].end(), [](auto size) { return size < 0; }))
        throw Error(ErrorKind::BadInput, "dims are sizes: none is negative");
      inputs.emplace_back(Tensor::streamed(dtype, dims[i], [](const Tensor::PieceSink&) {
        BRAID_ASSERT(false, "nobody reads what only its dims are known of");
      }));
    }
    return inputs;
  }

  static DType dtype_on_device(const Port& port) {
    if (port.type.is_tensor() && port.type.dtype != DType::String) return port.type.dtype;
    throw Error(ErrorKind::Unsupported, "input '" + port.name + "' has type " +
                                            to_string(port.type) + ", which no GPU takes");
  }

  // The mutex is held. Inputs are checked where their Program does not tell that they fit.
  Planned& planned(std::span<const Datum> inputs) {
    auto found = find_planned(inputs);
    if (found == planned_.end() || !are_tensors(inputs)) check_inputs(inputs_, inputs);
    if (found == planned_.end()) {
      Planned made = make_planned(inputs);
      if (planned_.size() >= kMostPrograms) forget_oldest();
      found = planned_.insert(planned_.end(), std::move(made));
    }
    found->last_use = ++uses_;
    return *found;
  }

  std::vector<Planned>::iterator find_planned(std::span<const Datum> inputs) {
    return std::find_if(planned_.begin(), planned_.end(),
                        [&](const Planned& each) { return is_of(each.signature, inputs); });
  }

  Planned make_planned(std::span<const Datum> inputs) {
    Planned made;
    for (const Datum& input : inputs)
      made.signature.emplace_back(input);
    try {
      made.plan = make_plan(inputs);
    } catch (const PlanFailure& failure) {
      give_up_plan(made, inputs, failure);
    }
    return made;
  }

  void forget_oldest() {
    planned_.erase(std::min_element(planned_.begin(), planned_.end(),
                                    [](auto& a, auto& b) { return a.last_use < b.last_use; }));
    weights_->forget_unread();
  }

  // Of the model's constants, each counted once.
  std::size_t weight_bytes() const {
    std::map<const void*, std::size_t> bytes;
    for (const Value& value : original_.graph.values)
      bytes[value.constant.identity()] = value.constant.has_data() ? value.constant.bytes() : 0;
    return std::accumulate(bytes.begin(), bytes.end(), std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each.second; });
  }

  std::shared_ptr<const Plan> make_plan(std::span<const Datum> inputs) {
    if (!backend_.has_bound_kernels()) return make_loose_plan(inputs);
    Model concrete = canonical_;
    unshare_subgraphs(concrete.graph);
    const std::vector<Datum> all = with_filled(inputs);
    specialise_shapes(concrete, all);
    narrow_values(concrete, cut_constants_);
    fill_inputs(concrete.graph, std::span(all).subspan(inputs.size()));
    std::vector<MemberModel> members;
    if (backend_.gains_by_parts())
      members = split_members(concrete, member_outputs_, thread_count(), cut_constants_);
    if (members.empty()) return std::make_shared<Plan>(Plan::whole(make_program(concrete)));
    const std::size_t lanes =
        std::min<std::size_t>(members.size(), static_cast<std::size_t>(thread_count()));
    const ThreadLimit limit(1);
    Plan plan{{}, outputs_.size(), lanes};
    for (MemberModel& member : members) {
      plan.parts.push_back({member.member, make_program(member.model), std::move(member.inputs),
                            std::move(member.outputs)});
    }
    return std::make_shared<Plan>(std::move(plan));
  }

  std::shared_ptr<const Program> make_program(Model& concrete) {
    expand_einsum(concrete, backend_);
    compute_constants(concrete, backend_.host());
    fuse_operators(concrete, backend_, *weights_);
    if (setting_.groups_products) group_products(concrete, backend_);
    return lower(concrete, Memory::Planned);
  }

  // Of the nodes as they are in the file, without any dims that ONNX's inference tells.
  std::shared_ptr<const Plan> make_loose_plan(std::span<const Datum> inputs) {
    Model whole = original_;
    const std::vector<Datum> all = with_filled(inputs);
    fill_inputs(whole.graph, std::span(all).subspan(inputs.size()));
    return std::make_shared<Plan>(Plan::whole(lower(whole, Memory::Loose)));
  }

  // What kernels read where it lies in a file comes back as they read it.
  std::shared_ptr<const Program> lower(const Model& model, Memory memory) {
    std::shared_ptr<const Program> program =
        lower_graph(model, backend_, *weights_, memory, subgraph_compiler());
    release_mapped_pages();
    return program;
  }

  SubgraphCompiler subgraph_compiler() const {
    return [setting = setting_](Model model) {
      return Executable(std::make_shared<Impl>(std::move(model), setting));
    };
  }

  std::vector<Datum> with_filled(std::span<const Datum> inputs) const {
    std::vector<Datum> all(inputs.begin(), inputs.end());
    for (const Port& port : filled_)
      all.emplace_back(filled_input(port, inputs_, inputs));
    return all;
  }

  void give_up_plan(Planned& planned, std::span<const Datum> inputs, const PlanFailure& failure) {
    planned.plan = make_loose_plan(inputs);
    planned.free.clear();
    planned.remark = std::string("no planned memory: ") + failure.what();
  }

  // ONNX's inference is wrong for some operators. The model runs from now on without it.
  std::unique_ptr<PlanFrame> take_loose_frame(std::span<const Datum> inputs,
                                              const PlanFailure& failure) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned(inputs);
    if (found.remark.empty()) give_up_plan(found, inputs, failure);
    return make_frame(found.plan);
  }

  std::unique_ptr<PlanFrame> take_frame(std::span<const Datum> inputs) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned(inputs);
    if (found.free.empty()) return make_frame(found.plan);
    std::unique_ptr<PlanFrame> frame = std::move(found.free.back());
    found.free.pop_back();
    return frame;
  }

  std::unique_ptr<PlanFrame> make_frame(const std::shared_ptr<const Plan>& plan) const {
    const auto make_runner = [this](std::shared_ptr<const Program> program, Arena arena) {
      return backend_.make_runner(std::move(program), std::move(arena));
    };
    return std::make_unique<PlanFrame>(plan, make_runner);
  }

  // The Plan may be forgotten, or another may have taken its place.
  void give_back(std::unique_ptr<PlanFrame> frame) {
    const std::lock_guard lock(mutex_);
    for (Planned& each : planned_) {
      if (each.plan.get() != &frame->plan()) continue;
      each.free.push_back(std::move(frame));
      return;
    }
  }

  Model original_;
  Model canonical_;
  Setting setting_;
  const Backend& backend_;
  int threads_;
  std::vector<Port> inputs_;
  std::vector<Port> filled_;  // inputs of members that nobody asks for, behind those
  std::vector<Port> outputs_;
  std::vector<MemberOutputs> member_outputs_;  // of a merged model
  CutConstants cut_constants_;
  std::shared_ptr<PackedWeights> weights_;
  std::mutex mutex_;  // of what follows
  std::vector<Planned> planned_;
  std::uint64_t uses_ = 0;
};

const std::vector<Port>& Executable::inputs() const {
  return impl_->inputs();
}

const std::vector<Port>& Executable::outputs() const {
  return impl_->outputs();
}

std::vector<Datum> Executable::run(std::span<const Datum> inputs) const {
  return impl_->run(inputs);
}

std::vector<Tensor> Executable::run(std::span<const Tensor> inputs) const {
  for (const Port& port : outputs()) {
    if (port.type.is_tensor() || port.type.kind == Type::Kind::Unknown) continue;
    throw Error(ErrorKind::Unsupported, "output '" + port.name + "' has type " +
                                            to_string(port.type) + " and is no tensor");
  }
  return to_tensors(impl_->run(to_data(inputs)));
}

std::unique_ptr<DeviceProgram> Executable::on_device(
    std::span<const std::vector<std::int64_t>> dims, Launching launching) const {
  return impl_->on_device(dims, launching);
}

ProgramReport Executable::report(std::span<const Datum> inputs) const {
  return impl_->report(inputs);
}

ProgramReport Executable::profile(std::span<const Datum> inputs, int runs) const {
  return impl_->profile(inputs, runs);
}

namespace {

// Kernels know no operators of before opset 7, which broadcast by attributes.
void raise_opset(Model& model) {
  constexpr std::int64_t kOldest = 7;
  if (model.opset() == 0 || model.opset() >= kOldest) return;
  try {
    convert_opset(model, "", kOldest);
  } catch (const Error& error) {
    throw Error(ErrorKind::Unsupported, error.what());
  }
}

}  // namespace

Executable compile(const Model& model, const CompileOptions& options) {
  const Backend& backend = select_backend(options.device, options.precision, options.tuning);
  Model prepared = model;
  unshare_subgraphs(prepared.graph);
  inline_functions(prepared);
  raise_opset(prepared);
  densify_sparse_initializers(prepared);
  std::size_t given = kAllInputs;
  if (!options.members.empty()) given = restrict_members(prepared, options.members);
  check_operators(prepared, backend);
  const Executable::Impl::Setting setting{backend, options.threads, options.groups_products};
  return Executable(std::make_shared<Executable::Impl>(std::move(prepared), setting, given));
}

}  // namespace braid
