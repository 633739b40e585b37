#include "kernels/cuda/scan.hpp"

#include <stdexcept>

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

Launch launch_scan(const ScanArgs& args, Stored stored) {
  static constexpr StoredNames kThread = BRAID_STORED_NAMES("scan_thread");
  static constexpr StoredNames kWarp = BRAID_STORED_NAMES("scan_warp");
  constexpr unsigned kThreads = 128;
  if (stored > Stored::Int64) throw std::invalid_argument("running sums of such a type");
  const std::int64_t lines = std::int64_t{args.outer} * args.inner;
  if (args.inner >= 32) return {kThread[at(stored)], {blocks_for(lines, kThreads)}, {kThreads}};
  return {kWarp[at(stored)], {blocks_for(lines, kThreads / 32)}, {kThreads}};
}

}  // namespace braid::cuda
