#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/merge.hpp"

/// Seconds of one run on a GPU: of the host, until all work is in the device's streams, and of the
/// device, from the start of the work to its end.
struct DeviceTimes {
  double host = 0;
  double device = 0;
};

/// One way to compute the outputs of all members.
class Contender {
 public:
  explicit Contender(std::string name) : name_(std::move(name)) {}
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;
  virtual ~Contender() = default;

  const std::string& name() const { return name_; }

  /// Computes all outputs once. On a GPU it tells the times of that.
  virtual std::optional<DeviceTimes> run() = 0;

  /// What it runs, by model.
  virtual std::vector<braid::ProgramReport> reports() const = 0;

  /// reports() with the times of the steps, the shortest of `runs` of each model alone.
  virtual std::vector<braid::ProgramReport> profiles(int runs) const = 0;

 private:
  std::string name_;
};

/// A model with its inputs.
struct Job {
  braid::Executable program;
  std::vector<braid::Tensor> inputs;
};

using Sizes = std::map<std::string, std::int64_t>;

/// The members with random inputs.
std::vector<Job> jobs_of(const std::vector<braid::Member>& members, const Sizes& dims,
                         const braid::CompileOptions& options);

/// A model that members were merged into, with the members' inputs. Throws Error (BadInput) if it
/// takes others.
Job merged_job(const braid::Model& merged, const std::vector<braid::Member>& members,
               const Sizes& dims, const braid::CompileOptions& options);

std::vector<braid::ProgramReport> reports_of(const std::vector<Job>& jobs);
std::vector<braid::ProgramReport> profiles_of(const std::vector<Job>& jobs, int runs);

/// The members one after the other, each on all threads.
std::unique_ptr<Contender> members_in_sequence(const std::vector<braid::Member>& members,
                                               const Sizes& dims,
                                               const braid::CompileOptions& options);

/// The members side by side: as many at once as there are threads, each on one.
std::unique_ptr<Contender> members_side_by_side(const std::vector<braid::Member>& members,
                                                const Sizes& dims,
                                                const braid::CompileOptions& options);

/// The merged model on all threads, with the members' inputs.
std::unique_ptr<Contender> merged_model(const braid::Model& merged,
                                        const std::vector<braid::Member>& members,
                                        const Sizes& dims, const braid::CompileOptions& options);
