#include "runtime/run_program.hpp"
#include "runtime/runner.hpp"

namespace braid {
namespace {

class HostRunner final : public Runner {
 public:
  HostRunner(std::shared_ptr<const Program> program, Arena arena)
      : frame_(std::move(program), std::move(arena)) {}

  std::vector<Datum> run(std::span<const Datum> inputs) override {
    return run_program(frame_, inputs);
  }

  std::vector<double> time_steps(std::span<const Datum> inputs) override {
    return braid::time_steps(frame_, inputs);
  }

 private:
  Frame frame_;
};

}  // namespace

std::unique_ptr<Runner> make_host_runner(std::shared_ptr<const Program> program, Arena arena) {
  return std::make_unique<HostRunner>(std::move(program), std::move(arena));
}

}  // namespace braid
