#include "backends/cuda/step_streams.hpp"

namespace braid {

StepStreams::StepStreams(Gpu& gpu, std::shared_ptr<const Program> program)
    : program_(std::move(program)), done_(program_->steps.size()) {
  for (std::size_t s = 0; s < program_->streams; ++s) {
    streams_.push_back(gpu.make_stream());
    ends_.push_back(gpu.make_event());
  }
  for (const Step& step : program_->steps) {
    for (const std::size_t awaited : step.waits) {
      if (!done_[awaited]) done_[awaited] = gpu.make_event();
    }
  }
}

void StepStreams::add(std::size_t first, std::size_t last,
                      std::span<const std::unique_ptr<PreparedCall>> calls) {
  fork();
  for (std::size_t s = first; s < last; ++s) {
    for (const std::size_t awaited : program_->steps[s].waits)
      of(s).wait_for(*done_[awaited]);
    calls[s]->run();
    if (done_[s]) of(s).record(*done_[s]);
  }
  join();
}

void StepStreams::fork() {
  if (streams_.size() == 1) return;
  main().record(*ends_[0]);
  for (std::size_t s = 1; s < streams_.size(); ++s)
    streams_[s]->wait_for(*ends_[0]);
}

void StepStreams::join() {
  for (std::size_t s = 1; s < streams_.size(); ++s) {
    streams_[s]->record(*ends_[s]);
    main().wait_for(*ends_[s]);
  }
}

}  // namespace braid
