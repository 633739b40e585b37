#include "runtime/plan.hpp"

#include <exception>
#include <numeric>

#include "runtime/thread_limit.hpp"

namespace braid {
namespace {

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

std::vector<Datum> inputs_of(const Part& part, std::span<const Datum> inputs) {
  std::vector<Datum> own;
  for (const std::size_t input : part.inputs)
    own.push_back(inputs[input]);
  return own;
}

}  // namespace

Plan Plan::whole(std::shared_ptr<const Program> program) {
  const std::size_t inputs = program->inputs.size();
  const std::size_t outputs = program->outputs.size();
  return {{{{}, std::move(program), first(inputs), first(outputs)}}, outputs};
}

PlanFrame::PlanFrame(std::shared_ptr<const Plan> plan, const MakeRunner& make_runner)
    : plan_(std::move(plan)) {
  for (const Part& part : plan_->parts)
    runners_.push_back(make_runner(part.program));
}

void PlanFrame::run_part(std::size_t part, std::span<const Datum> inputs,
                         std::span<Datum> outputs) {
  const ThreadLimit limit(1);
  const Part& own = plan_->parts[part];
  std::vector<Datum> results = runners_[part]->run(inputs_of(own, inputs));
  for (std::size_t i = 0; i < results.size(); ++i)
    outputs[own.outputs[i]] = std::move(results[i]);
}

std::vector<Datum> PlanFrame::run(std::span<const Datum> inputs) {
  if (runners_.size() == 1) return runners_[0]->run(inputs);
  std::vector<Datum> outputs(plan_->output_count);
  const auto count = static_cast<std::int64_t>(runners_.size());
  std::exception_ptr failure;  // no exception may leave the parallel region
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t p = 0; p < count; ++p) {
    try {
      run_part(static_cast<std::size_t>(p), inputs, outputs);
    } catch (...) {
#pragma omp critical
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return outputs;
}

std::vector<double> PlanFrame::time_steps(std::span<const Datum> inputs) {
  const ThreadLimit limit(runners_.size() == 1 ? 0 : 1);
  std::vector<double> seconds;
  for (std::size_t p = 0; p < runners_.size(); ++p) {
    const std::vector<double> own = runners_[p]->time_steps(inputs_of(plan_->parts[p], inputs));
    seconds.insert(seconds.end(), own.begin(), own.end());
  }
  return seconds;
}

}  // namespace braid
