#pragma once

#include <memory>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/merge.hpp"

/// One way to compute the outputs of all members.
class Contender {
 public:
  explicit Contender(std::string name) : name_(std::move(name)) {}
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;
  virtual ~Contender() = default;

  const std::string& name() const { return name_; }

  /// Computes all outputs once.
  virtual void run() = 0;

  /// What it runs, by model.
  virtual std::vector<braid::ProgramReport> reports() const = 0;

  /// reports() with the times of the steps, the shortest of `runs` of each model alone.
  virtual std::vector<braid::ProgramReport> profiles(int runs) const = 0;

 private:
  std::string name_;
};

using Sizes = std::map<std::string, std::int64_t>;

/// The members one after the other, each on all threads.
std::unique_ptr<Contender> members_in_sequence(const std::vector<braid::Member>& members,
                                               const Sizes& dims,
                                               const braid::CompileOptions& options);

/// The members side by side: as many at once as there are threads, each on one; on a GPU each on a
/// stream.
std::unique_ptr<Contender> members_side_by_side(const std::vector<braid::Member>& members,
                                                const Sizes& dims,
                                                const braid::CompileOptions& options);

/// The merged model on all threads, with the members' inputs.
std::unique_ptr<Contender> merged_model(const braid::Model& merged,
                                        const std::vector<braid::Member>& members,
                                        const Sizes& dims, const braid::CompileOptions& options);
