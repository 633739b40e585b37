#include "backends/cuda/choice/layer_bench.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <limits>
#include <random>

#include "braid/tensor.hpp"

namespace braid::cuda {
namespace {

constexpr double kEnough = 0.01;  // seconds that the runs of a candidate take together
constexpr int kMostRuns = 20;

std::size_t bytes_of(const Operand& operand) {
  return operand.is_absent() ? 0 : Tensor::weightless(operand.dtype, operand.dims).bytes();
}

template <class T>
void write_numbers(std::vector<std::byte>& bytes) {
  // A prime number of them, over and over: no two rows of a matrix are alike.
  constexpr std::size_t kPeriod = 65521;
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> values(-1.0F, 1.0F);
  auto* const at = reinterpret_cast<T*>(bytes.data());
  const std::size_t count = bytes.size() / sizeof(T);
  for (std::size_t i = 0; i < count; ++i)
    at[i] = i < kPeriod ? static_cast<T>(values(random)) : at[i - kPeriod];
}

template <class T>
void add_numbers(const std::vector<std::byte>& bytes, std::vector<float>& to) {
  const auto* const at = reinterpret_cast<const T*>(bytes.data());
  std::transform(at, at + bytes.size() / sizeof(T), std::back_inserter(to),
                 [](T value) { return static_cast<float>(value); });
}

// Calls `function` with a value of the type that elements are stored as.
template <class Function>
void with_type(DType dtype, const Function& function) {
  if (dtype == DType::Float16) return function(Eigen::half());
  if (dtype == DType::BFloat16) return function(Eigen::bfloat16());
  function(float());
}

}  // namespace

LayerBench::LayerBench(Gpu& gpu, const Operator& op, const std::vector<Candidate>& candidates)
    : gpu_(gpu),
      op_(op),
      stream_(gpu.make_stream()),
      failure_(gpu.allocate(sizeof(std::int32_t))),
      flush_bytes_(2 * gpu.traits().cache_bytes) {
  const std::vector<std::size_t>& unread = candidates.front().plan.unread;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const bool is_read = op.has_input(i) && std::ranges::find(unread, i) == unread.end();
    inputs_.push_back(is_read ? gpu.allocate(bytes_of(op.inputs[i])) : nullptr);
    if (is_read) fill(inputs_.back().get(), op.inputs[i]);
  }
  for (const Operand& output : op.outputs)
    outputs_.push_back(output.is_absent() ? nullptr : gpu.allocate(bytes_of(output)));
  std::size_t workspace = 0;
  for (const Candidate& candidate : candidates)
    workspace = std::max(workspace, candidate.plan.workspace_bytes);
  workspace_ = gpu.allocate(workspace);
  flush_ = gpu.allocate(flush_bytes_);
}

void LayerBench::fill(std::byte* to, const Operand& operand) {
  std::vector<std::byte> bytes(bytes_of(operand));
  with_type(operand.dtype, [&](auto type) { write_numbers<decltype(type)>(bytes); });
  stream_->upload(to, bytes.data(), bytes.size());
  stream_->wait();
}

LayerBench::Prepared LayerBench::prepare(const Candidate& candidate) {
  BoundKernel::Operands operands;
  for (const auto& input : inputs_)
    operands.inputs.push_back(input.get());
  for (const auto& output : outputs_)
    operands.outputs.push_back(output.get());
  operands.workspace = workspace_.get();
  operands.stream = stream_.get();
  operands.failure = reinterpret_cast<std::int32_t*>(failure_.get());
  Prepared prepared;
  prepared.kernel = make_launch_kernel(candidate.plan, op_.inputs.size(), op_.outputs.size());
  prepared.call = prepared.kernel->prepare(std::move(operands));
  return prepared;
}

std::vector<float> LayerBench::results_of(const Candidate& candidate) {
  const Prepared prepared = prepare(candidate);
  std::vector<std::vector<std::byte>> written;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    written.emplace_back(bytes_of(op_.outputs[i]), std::byte{0xFF});  // NaN
    stream_->upload(outputs_[i].get(), written[i].data(), written[i].size());
  }
  stream_->wait();
  prepared.call->run();
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    stream_->download(written[i].data(), outputs_[i].get(), written[i].size());
  stream_->wait();
  std::vector<float> results;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    with_type(op_.outputs[i].dtype,
              [&](auto type) { add_numbers<decltype(type)>(written[i], results); });
  }
  return results;
}

double LayerBench::seconds_of(const Candidate& candidate) {
  const Prepared prepared = prepare(candidate);
  const std::unique_ptr<GpuEvent> start = gpu_.make_event();
  const std::unique_ptr<GpuEvent> end = gpu_.make_event();
  double shortest = std::numeric_limits<double>::max();
  double sum = 0;
  for (int run = 0; run < kMostRuns && sum < kEnough; ++run) {
    stream_->clear(flush_.get(), flush_bytes_);
    stream_->record(*start);
    prepared.call->run();
    stream_->record(*end);
    stream_->wait();
    const double seconds = end->seconds_since(*start);
    shortest = std::min(shortest, seconds);
    sum += seconds;
  }
  return shortest;
}

}  // namespace braid::cuda
