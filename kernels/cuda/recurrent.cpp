#include "kernels/cuda/recurrent.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 128;

}  // namespace

Launch launch_lstm_cell(const LstmCellArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("lstm_cell");
  return {
      kNames[at(element)], {blocks_for(std::int64_t{args.rows} * args.size, kThreads)}, {kThreads}};
}

Launch launch_gru_cell(const GruCellArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("gru_cell");
  return {
      kNames[at(element)], {blocks_for(std::int64_t{args.rows} * args.size, kThreads)}, {kThreads}};
}

}  // namespace braid::cuda
