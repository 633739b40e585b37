#include "tools/bench/device_contenders.hpp"

#include <algorithm>
#include <chrono>

#include "braid/device.hpp"
#include "tools/bench/private_weights.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using braid::DevicePort;
using braid::DeviceSpan;
using braid::Launching;
using braid::Member;

// A model on the device, with memory for what it reads and writes.
class DeviceJob {
 public:
  DeviceJob(const Job& job, Launching launching, braid::DeviceAccess& access, void* stream)
      : stream_(stream) {
    std::vector<std::vector<std::int64_t>> dims;
    for (const braid::Tensor& input : job.inputs)
      dims.push_back(input.dims());
    program_ = job.program.on_device(dims, launching);
    inputs_ = room_for(program_->inputs(), access);
    outputs_ = room_for(program_->outputs(), access);
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      access.upload(inputs_[i].data, job.inputs[i].raw(), stream);
  }

  void* stream() const { return stream_; }
  void run() { program_->run(inputs_, outputs_, stream_); }

 private:
  // One piece of memory, in which the ports of a block lie together.
  std::vector<DeviceSpan> room_for(const std::vector<DevicePort>& ports,
                                   braid::DeviceAccess& access) {
    constexpr std::size_t kAlignment = 256;
    std::map<std::size_t, std::size_t> block_ends;
    for (const DevicePort& port : ports)
      block_ends[port.block] = std::max(block_ends[port.block], port.offset + port.bytes);
    std::size_t end = 0;
    std::map<std::size_t, std::size_t> starts;
    for (const auto& [block, bytes] : block_ends) {
      starts[block] = end;
      end += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    }
    const auto memory = memory_.emplace_back(access.allocate(end));
    std::vector<DeviceSpan> spans;
    for (const DevicePort& port : ports) {
      auto* const at = static_cast<std::byte*>(memory.get()) + starts[port.block] + port.offset;
      spans.push_back({at, port.bytes});
    }
    return spans;
  }

  void* stream_;
  std::unique_ptr<braid::DeviceProgram> program_;
  std::vector<std::shared_ptr<void>> memory_;
  std::vector<DeviceSpan> inputs_;
  std::vector<DeviceSpan> outputs_;
};

class OnDevice final : public Contender {
 public:
  enum class Streams { One, OnePerJob };

  OnDevice(std::string name, std::vector<Job> jobs, braid::Device device, Launching launching,
           Streams streams = Streams::One)
      : Contender(std::move(name)),
        jobs_(std::move(jobs)),
        device_(device),
        launching_(launching),
        is_spread_(streams == Streams::OnePerJob) {}

  // The host's time is that until all work is in the streams.
  std::optional<DeviceTimes> run() override {
    if (running_.empty()) prepare();
    DeviceTimes times;
    times.device = access_->time(main_.get(), [&] {
      const Clock::time_point start = Clock::now();
      put_work();
      times.host = std::chrono::duration<double>(Clock::now() - start).count();
    });
    return times;
  }

  std::vector<braid::ProgramReport> reports() const override { return reports_of(jobs_); }
  std::vector<braid::ProgramReport> profiles(int runs) const override {
    return profiles_of(jobs_, runs);
  }

 private:
  // Nothing of this is needed where only counters are wanted.
  void prepare() {
    access_ = braid::access_device(device_);
    main_ = access_->make_stream();
    for (const Job& job : jobs_) {
      if (is_spread_) streams_.push_back(access_->make_stream());
      void* const stream = is_spread_ ? streams_.back().get() : main_.get();
      running_.push_back(std::make_unique<DeviceJob>(job, launching_, *access_, stream));
    }
  }

  void put_work() {
    for (const auto& stream : streams_)
      access_->follow(stream.get(), main_.get());
    for (const auto& job : running_)
      job->run();
    for (const auto& stream : streams_)
      access_->follow(main_.get(), stream.get());
  }

  std::vector<Job> jobs_;
  braid::Device device_;
  Launching launching_;
  bool is_spread_;
  std::unique_ptr<braid::DeviceAccess> access_;
  std::shared_ptr<void> main_;
  std::vector<std::shared_ptr<void>> streams_;
  std::vector<std::unique_ptr<DeviceJob>> running_;
};

// For a GPU, and without what would make members of it again.
braid::Model merged_in_memory(std::vector<Member> members, std::size_t max_group = 0) {
  braid::MergeOptions options;
  options.max_group = max_group;
  options.records = false;
  return braid::merge(std::move(members), options).model;
}

}  // namespace

std::vector<std::unique_ptr<Contender>> contenders_on_device(const std::vector<Member>& members,
                                                             const braid::Model& merged,
                                                             const Sizes& dims,
                                                             const braid::CompileOptions& options) {
  std::vector<std::unique_ptr<Contender>> list;
  const auto add = [&](const char* name, std::vector<Job> jobs, Launching launching,
                       OnDevice::Streams streams = OnDevice::Streams::One) {
    list.push_back(
        std::make_unique<OnDevice>(name, std::move(jobs), options.device, launching, streams));
  };
  const auto add_model = [&](const char* name, const braid::Model& model,
                             const braid::CompileOptions& own) {
    std::vector<Job> jobs;
    jobs.push_back(merged_job(model, members, dims, own));
    add(name, std::move(jobs), Launching::Replayed);
  };
  braid::CompileOptions apart = options;
  apart.groups_products = false;  // of several members: that would be a way to merge them
  const std::vector<Job> jobs = jobs_of(members, dims, options);
  add("members in sequence", jobs, Launching::OneByOne);
  add("members on streams", jobs, Launching::OneByOne, OnDevice::Streams::OnePerJob);
  add("members, a graph each", jobs, Launching::Replayed);
  add_model("members in one graph", merged_in_memory(members, 1), apart);
  if (share_weights(members)) {
    add_model("merged, fused", merged_in_memory(with_private_weights(members)), options);
    add_model("merged, stitched", merged, options);
  } else {
    add_model("merged, fused", merged, options);
  }
  return list;
}
