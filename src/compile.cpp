#include "braid/compile.hpp"

#include <map>
#include <mutex>

#include "backends/select_backend.hpp"
#include "braid/canonicalise.hpp"
#include "onnx/inline_functions.hpp"
#include "passes/passes.hpp"
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

using Dims = std::vector<std::vector<std::int64_t>>;  // of all inputs

Dims dims_of(std::span<const Tensor> inputs) {
  Dims dims;
  for (const Tensor& input : inputs)
    dims.push_back(input.dims());
  return dims;
}

// A Program and the frames that are free for its next runs.
struct Planned {
  std::shared_ptr<const Program> program;
  std::vector<std::unique_ptr<Frame>> free;
  std::string remark;  // as in ProgramReport
};

}  // namespace

class Executable::Impl {
 public:
  Impl(Model model, const Backend& backend, int threads)
      : original_(std::move(model)), backend_(backend), threads_(threads) {
    if (backend.has_bound_kernels()) {
      canonical_ = original_;
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

  std::vector<Tensor> run(std::span<const Tensor> inputs) {
    check_inputs(inputs_, inputs);
    const ThreadLimit limit(threads_);
    std::unique_ptr<Frame> frame = take_frame(inputs);
    try {
      std::vector<Tensor> outputs = run_program(*frame, inputs);
      give_back(inputs, std::move(frame));
      return outputs;
    } catch (const PlanFailure& failure) {
      return run_program(*take_loose_frame(inputs, failure), inputs);
    }
  }

  ProgramReport report(std::span<const Tensor> inputs) {
    check_inputs(inputs_, inputs);
    const ThreadLimit limit(threads_);
    const std::lock_guard lock(mutex_);
    const Planned& found = planned(inputs);
    ProgramReport report = report_program(*found.program);
    report.remark = found.remark;
    report.packed_bytes = weights_.bytes();
    return report;
  }

  ProgramReport profile(std::span<const Tensor> inputs, int runs) {
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
  Planned& planned(std::span<const Tensor> inputs) {
    const auto [it, is_new] = planned_.try_emplace(dims_of(inputs));
    if (!is_new) return it->second;
    try {
      it->second.program = make_program(inputs);
    } catch (const PlanFailure& failure) {
      it->second = without_plan(failure);
    } catch (...) {
      planned_.erase(it);
      throw;
    }
    return it->second;
  }

  std::shared_ptr<const Program> make_program(std::span<const Tensor> inputs) {
    if (!backend_.has_bound_kernels()) return make_loose_program();
    Model concrete = canonical_;
    specialise_shapes(concrete, inputs);
    fuse_operators(concrete, backend_);
    return lower_graph(concrete, backend_, weights_, Memory::Planned);
  }

  // Of the nodes as they are in the file, without any dims that ONNX's inference tells.
  std::shared_ptr<const Program> make_loose_program() {
    return lower_graph(original_, backend_, weights_, Memory::Loose);
  }

  Planned without_plan(const PlanFailure& failure) {
    return {make_loose_program(), {}, std::string("no planned memory: ") + failure.what()};
  }

  // ONNX's inference is wrong for some operators. The model runs from now on without it.
  std::unique_ptr<Frame> take_loose_frame(std::span<const Tensor> inputs,
                                          const PlanFailure& failure) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned_[dims_of(inputs)] = without_plan(failure);
    return std::make_unique<Frame>(found.program);
  }

  std::unique_ptr<Frame> take_frame(std::span<const Tensor> inputs) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned(inputs);
    if (found.free.empty()) return std::make_unique<Frame>(found.program);
    std::unique_ptr<Frame> frame = std::move(found.free.back());
    found.free.pop_back();
    return frame;
  }

  void give_back(std::span<const Tensor> inputs, std::unique_ptr<Frame> frame) {
    const std::lock_guard lock(mutex_);
    Planned& found = planned_.at(dims_of(inputs));
    if (found.program.get() == &frame->program()) found.free.push_back(std::move(frame));
  }

  Model original_;
  Model canonical_;
  const Backend& backend_;
  int threads_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::mutex mutex_;  // of what follows
  PackedWeights weights_;
  std::map<Dims, Planned> planned_;
};

const std::vector<Port>& Executable::inputs() const {
  return impl_->inputs();
}

const std::vector<Port>& Executable::outputs() const {
  return impl_->outputs();
}

std::vector<Tensor> Executable::run(std::span<const Tensor> inputs) const {
  return impl_->run(inputs);
}

ProgramReport Executable::report(std::span<const Tensor> inputs) const {
  return impl_->report(inputs);
}

ProgramReport Executable::profile(std::span<const Tensor> inputs, int runs) const {
  return impl_->profile(inputs, runs);
}

Executable compile(const Model& model, const CompileOptions& options) {
  const Backend& backend = select_backend(options.device);
  Model prepared = model;
  inline_functions(prepared);
  densify_sparse_initializers(prepared);
  check_operators(prepared, backend);
  return Executable(
      std::make_shared<Executable::Impl>(std::move(prepared), backend, options.threads));
}

}  // namespace braid
