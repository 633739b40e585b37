#include "tools/bench/contenders.hpp"

#include <fmt/format.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "braid/error.hpp"
#include "braid/verify.hpp"

namespace {

using braid::CompileOptions;
using braid::Executable;
using braid::Member;
using braid::Tensor;

}  // namespace

std::vector<Job> jobs_of(const std::vector<Member>& members, const Sizes& dims,
                         const CompileOptions& options) {
  std::vector<Job> jobs;
  for (std::size_t m = 0; m < members.size(); ++m) {
    Executable program = braid::compile(members[m].model, options);
    auto inputs = braid::sample_inputs(members[m].model, program.inputs(), m, dims);
    jobs.push_back({std::move(program), std::move(inputs)});
  }
  return jobs;
}

std::vector<braid::ProgramReport> reports_of(const std::vector<Job>& jobs) {
  std::vector<braid::ProgramReport> reports;
  for (const Job& job : jobs)
    reports.push_back(job.program.report(braid::to_data(job.inputs)));
  return reports;
}

std::vector<braid::ProgramReport> profiles_of(const std::vector<Job>& jobs, int runs) {
  std::vector<braid::ProgramReport> reports;
  for (const Job& job : jobs)
    reports.push_back(job.program.profile(braid::to_data(job.inputs), runs));
  return reports;
}

namespace {

class InSequence final : public Contender {
 public:
  InSequence(std::string name, std::vector<Job> jobs)
      : Contender(std::move(name)), jobs_(std::move(jobs)) {}

  std::optional<DeviceTimes> run() override {
    for (const Job& job : jobs_)
      job.program.run(job.inputs);
    return std::nullopt;
  }
  std::vector<braid::ProgramReport> reports() const override { return reports_of(jobs_); }
  std::vector<braid::ProgramReport> profiles(int runs) const override {
    return profiles_of(jobs_, runs);
  }

 private:
  std::vector<Job> jobs_;
};

// Workers that live as long as the contender, so that no run pays for starting them.
class SideBySide final : public Contender {
 public:
  SideBySide(std::string name, std::vector<Job> jobs, int threads)
      : Contender(std::move(name)), jobs_(std::move(jobs)), start_(threads), end_(threads) {
    for (int w = 1; w < threads; ++w)
      workers_.emplace_back([this] { work(); });
  }

  ~SideBySide() override {
    is_over_ = true;
    start_.arrive_and_wait();
    for (std::thread& worker : workers_)
      worker.join();
  }

  std::optional<DeviceTimes> run() override {
    next_ = 0;
    start_.arrive_and_wait();
    take_jobs();
    end_.arrive_and_wait();
    return std::nullopt;
  }
  std::vector<braid::ProgramReport> reports() const override { return reports_of(jobs_); }
  std::vector<braid::ProgramReport> profiles(int runs) const override {
    return profiles_of(jobs_, runs);
  }

 private:
  void work() {
    while (true) {
      start_.arrive_and_wait();
      if (is_over_) return;
      take_jobs();
      end_.arrive_and_wait();
    }
  }

  void take_jobs() {
    for (std::size_t j = next_++; j < jobs_.size(); j = next_++)
      jobs_[j].program.run(jobs_[j].inputs);
  }

  std::vector<Job> jobs_;
  std::barrier<> start_;
  std::barrier<> end_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> workers_;
};

// The members' inputs by the names that they have in the merged model: "MEMBER/INPUT", or INPUT
// where all members share it.
std::map<std::string, Tensor> inputs_by_name(const std::vector<Member>& members,
                                             const std::vector<Job>& jobs) {
  std::map<std::string, Tensor> named;
  for (std::size_t m = 0; m < members.size(); ++m) {
    const auto& ports = jobs[m].program.inputs();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      named[members[m].name + "/" + ports[i].name] = jobs[m].inputs[i];
      named.emplace(ports[i].name, jobs[m].inputs[i]);
    }
  }
  return named;
}

}  // namespace

std::unique_ptr<Contender> members_in_sequence(const std::vector<Member>& members,
                                               const Sizes& dims, const CompileOptions& options) {
  return std::make_unique<InSequence>("members in sequence", jobs_of(members, dims, options));
}

std::unique_ptr<Contender> members_side_by_side(const std::vector<Member>& members,
                                                const Sizes& dims, const CompileOptions& options) {
  CompileOptions each = options;
  each.threads = 1;
  return std::make_unique<SideBySide>("members side by side", jobs_of(members, dims, each),
                                      options.threads);
}

Job merged_job(const braid::Model& merged, const std::vector<Member>& members, const Sizes& dims,
               const CompileOptions& options) {
  const auto named = inputs_by_name(members, jobs_of(members, dims, {}));
  Executable program = braid::compile(merged, options);
  std::vector<Tensor> inputs;
  for (const braid::Port& port : program.inputs()) {
    const auto found = named.find(port.name);
    if (found == named.end()) {
      throw braid::Error(braid::ErrorKind::BadInput,
                         fmt::format("the merged model takes '{}', which is no input of the "
                                     "members; give the members that it was made of",
                                     port.name));
    }
    inputs.push_back(found->second);
  }
  return {std::move(program), std::move(inputs)};
}

std::unique_ptr<Contender> merged_model(const braid::Model& merged,
                                        const std::vector<Member>& members, const Sizes& dims,
                                        const CompileOptions& options) {
  std::vector<Job> jobs;
  jobs.push_back(merged_job(merged, members, dims, options));
  return std::make_unique<InSequence>("merged", std::move(jobs));
}
