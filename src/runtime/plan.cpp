#include "runtime/plan.hpp"

#include <omp.h>

#include <algorithm>
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
  return {{{{}, std::move(program), first(inputs), first(outputs)}}, outputs, 1};
}

std::size_t Plan::arena_bytes() const {
  std::size_t most = 0;
  for (const Part& part : parts)
    most = std::max(most, part.program->arena_bytes);
  return most;
}

PlanFrame::PlanFrame(std::shared_ptr<const Plan> plan, const MakeRunner& make_runner)
    : plan_(std::move(plan)), lanes_(plan_->lanes) {
  for (Runners& runners : lanes_) {
    const auto arena = allocate_arena(plan_->arena_bytes());
    for (const Part& part : plan_->parts)
      runners.push_back(make_runner(part.program, arena));
  }
}

void PlanFrame::run_part(std::size_t part, std::size_t lane, std::span<const Datum> inputs,
                         std::span<Datum> outputs) {
  const ThreadLimit limit(1);
  const Part& own = plan_->parts[part];
  std::vector<Datum> results = lanes_[lane][part]->run(inputs_of(own, inputs));
  for (std::size_t i = 0; i < results.size(); ++i)
    outputs[own.outputs[i]] = std::move(results[i]);
}

std::vector<Datum> PlanFrame::run(std::span<const Datum> inputs) {
  if (plan_->parts.size() == 1) return lanes_[0][0]->run(inputs);
  std::vector<Datum> outputs(plan_->output_count);
  const auto count = static_cast<std::int64_t>(plan_->parts.size());
  std::exception_ptr failure;  // no exception may leave the parallel region
#pragma omp parallel for schedule(dynamic, 1) num_threads(static_cast <int>(lanes_.size()))
  for (std::int64_t p = 0; p < count; ++p) {
    try {
      const auto lane = static_cast<std::size_t>(omp_get_thread_num());
      run_part(static_cast<std::size_t>(p), lane, inputs, outputs);
    } catch (...) {
#pragma omp critical
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return outputs;
}

std::vector<double> PlanFrame::time_steps(std::span<const Datum> inputs) {
  const Runners& runners = lanes_[0];
  const ThreadLimit limit(runners.size() == 1 ? 0 : 1);
  std::vector<double> seconds;
  for (std::size_t p = 0; p < runners.size(); ++p) {
    const std::vector<double> own = runners[p]->time_steps(inputs_of(plan_->parts[p], inputs));
    seconds.insert(seconds.end(), own.begin(), own.end());
  }
  return seconds;
}

}  // namespace braid
