#include "kernels/cuda/recurrent.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 128;

Launch launch_cell(const ElementNames& names, Element element, int rows, int size) {
  return {names[at(element)], {blocks_for(std::int64_t{rows} * size, kThreads)}, {kThreads}};
}

}  // namespace

Launch launch_lstm_cell(const LstmCellArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("lstm_cell");
  return launch_cell(kNames, element, args.rows, args.size);
}

Launch launch_gru_cell(const GruCellArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("gru_cell");
  return launch_cell(kNames, element, args.rows, args.size);
}

Launch launch_gru_reset(const GruResetArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("gru_reset");
  return launch_cell(kNames, element, args.rows, args.size);
}

Launch launch_gru_update(const GruUpdateArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("gru_update");
  return launch_cell(kNames, element, args.rows, args.size);
}

}  // namespace braid::cuda
