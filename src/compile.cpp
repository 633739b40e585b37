#include "braid/compile.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "backends/select_backend.hpp"
#include "braid/canonicalise.hpp"
#include "braid/onnx.hpp"
#include "ir/unshare.hpp"
#include "onnx/inline_functions.hpp"
#include "passes/passes.hpp"
#include "plan/compute_constants.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/lower_graph.hpp"
#include "plan/report_program.hpp"
#include "plan/specialise_shapes.hpp"
#include "runtime/check_inputs.hpp"
#include "runtime/plan_failure.hpp"
#include "runtime/run_program.hpp"
#include "runtime/thread_limit.hpp"

namespace braid {
namespace {

// Kind, type and dims of each input: what a Program is made for.
using Signature = std::vector<std::vector<std::int64_t>>;

Signature signature_of(std::span<const Datum> inputs) {
  Signature signature;
  for (const Datum& input : inputs) {
    auto& entry = signature.emplace_back(1, static_cast<std::int64_t>(input.kind()));
    if (!input.is_tensor()) continue;
    const Tensor& tensor = input.tensor();
    entry.push_back(static_cast<std::int64_t>(tensor.dtype()));
    entry.insert(entry.end(), tensor.dims().begin(), tensor.dims().end());
  }
  return signature;
}

constexpr std::size_t kMostPrograms = 32;

// A Program and the frames that are free for its next runs.
struct Planned {
  std::shared_ptr<const Program> program;
  std::vector<std::unique_ptr<Frame>> free;
  std::string remark;  // as in ProgramReport
  std::uint64_t last_use = 0;
};

}  // namespace

class Executable::Impl {
 public:
  Impl(Model model, const Backend& backend, int threads)
      : original_(std::move(model)), backend_(backend), threads_(threads) {
    if (backend.has_bound_kernels()) {
      canonical_ = original_;
      unshare_subgraphs(canonical_.graph);
      canonicalise(canonical_);
      if (fold_batch_normalization(canonical_)) canonicalise(canonical_);
    }
    const Graph& graph = original_.graph;
    for (const ValueId id : graph.inputs) {
      const Value& value = graph.value(id);
      if (!value.is_constant()) inputs_.push_back({value.name, value.type});
    }
    for (const ValueId id : graph.outputs)
      outputs_.push_back({graph.value(id).name, graph.value(id).type});
  }

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }

  std::vector<Datum> run(std::span<const Datum> inputs) {
    check_inputs(inputs_, inputs);
    const ThreadLimit limit(threads_);
    std::unique_ptr<Frame> frame = take_frame(inputs);
    try {
      std::vector<Datum> outputs = run_program(*frame, inputs);
      give_back(inputs, std::move(frame));
      return outputs;
    } catch (const PlanFailure& failure) {
      return run_program(*take_loose_frame(inputs, failure), inputs);
    }
  }

  ProgramReport report(std::span<const Datum> inputs) {
    check_inputs(inputs_, inputs);
    const ThreadLimit limit(threads_);
    const std::lock_guard lock(mutex_);
    const Planned& found = planned(inputs);
    ProgramReport report = report_program(*found.program);
    report.remark = found.remark;
    report.packed_bytes = weights_.bytes();
    return report;
  }

  ProgramReport profile(std::span<const Datum> inputs, int runs) {
    run(inputs);  // where inference is wrong, another Program takes over
    ProgramReport result = report(inputs);
    const ThreadLimit limit(threads_);
    std::unique_ptr<Frame> frame = take_frame(inputs);
    for (int r = 0; r < runs; ++r) {
      const std::vector<double> seconds = time_steps(*frame, inputs);
      for (std::size_t s = 0; s < seconds.size(); ++s) {
        double& shortest = result.steps[s].seconds;
        if (r == 0 || seconds[s] < shortest) shortest = seconds[s];
      }
    }
    give_back(inputs, std::move(frame));
    return result;
  }

 private:
  // The mutex is held.
  Planned& planned(std::span<const Datum> inputs) {
    Signature signature = signature_of(inputs);
    auto found = planned_.find(signature);
    if (found == planned_.end()) {
      Planned made = make_planned(inputs);
      if (planned_.size() >= kMostPrograms) forget_oldest();
      found = planned_.emplace(std::move(signature), std::move(made)).first;
    }
    found->second.last_use = ++uses_;
    return found->second;
  }

  Planned make_planned(std::span<const Datum> inputs) {
    try {
      return {make_program(inputs), {}, {}};
    } catch (const PlanFailure& failure) {
      return without_plan(failure);
    }
  }

  void forget_oldest() {
    planned_.erase(std::min_element(planned_.begin(), planned_.end(), [](auto& a, auto& b) {
      return a.second.last_use < b.second.last_use;
    }));
  }

  std::shared_ptr<const Program> make_program(std::span<const Datum> inputs) {
    if (!backend_.has_bound_kernels()) return make_loose_program();
    Model concrete = canonical_;
    unshare_subgraphs(concrete.graph);
    specialise_shapes(concrete, inputs);
    compute_constants(concrete, backend_);
    fuse_operators(concrete, backend_);
    return lower_graph(concrete, backend_, weights_, Memory::Planned, subgraph_compiler());
  }

  // Of the nodes as they are in the file, without any dims that ONNX's inference tells.
  std::shared_ptr<const Program> make_loose_program() {
    return lower_graph(original_, backend_, weights_, Memory::Loose, subgraph_compiler());
  }

  // Each has weights of its own, which go when the Program does.
  SubgraphCompiler subgraph_compiler() const {
    return [backend = &backend_, threads = threads_](Model model) {
      return Executable(std::make_shared<Impl>(std::move(model), *backend, threads));
    };
  }

  Planned without_plan(const PlanFailure& failure) {
    return {make_loose_program(), {}, std::string("no planned memory: ") + failure.what()};
  }

  // ONNX's inference is wrong for some operators. The model runs from now on without it.
  std::unique_ptr<Frame> take_loose_frame(std::span<const Datum> inputs,
                                          const PlanFailure& failure) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned_[signature_of(inputs)] = without_plan(failure);
    found.last_use = ++uses_;
    return std::make_unique<Frame>(found.program);
  }

  std::unique_ptr<Frame> take_frame(std::span<const Datum> inputs) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned(inputs);
    if (found.free.empty()) return std::make_unique<Frame>(found.program);
    std::unique_ptr<Frame> frame = std::move(found.free.back());
    found.free.pop_back();
    return frame;
  }

  void give_back(std::span<const Datum> inputs, std::unique_ptr<Frame> frame) {
    const std::lock_guard lock(mutex_);
    const auto found = planned_.find(signature_of(inputs));
    if (found == planned_.end() || found->second.program.get() != &frame->program()) return;
    found->second.free.push_back(std::move(frame));
  }

  Model original_;
  Model canonical_;
  const Backend& backend_;
  int threads_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::mutex mutex_;  // of what follows
  PackedWeights weights_;
  std::map<Signature, Planned> planned_;
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
  const Backend& backend = select_backend(options.device);
  Model prepared = model;
  unshare_subgraphs(prepared.graph);
  inline_functions(prepared);
  raise_opset(prepared);
  densify_sparse_initializers(prepared);
  check_operators(prepared, backend);
  return Executable(
      std::make_shared<Executable::Impl>(std::move(prepared), backend, options.threads));
}

}  // namespace braid
