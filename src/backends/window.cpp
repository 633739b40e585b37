#include "backends/window.hpp"

#include <string>

namespace braid {

WindowSteps window_of(const Operator& op, std::vector<std::int64_t> kernel,
                      const std::vector<std::int64_t>& input,
                      const std::vector<std::int64_t>& output) {
  const std::vector<std::int64_t> ones(input.size(), 1);
  WindowSteps steps;
  steps.kernel = std::move(kernel);
  steps.strides = op.attributes.get_ints("strides", ones);
  steps.dilations = op.attributes.get_ints("dilations", ones);
  const std::string auto_pad = op.attributes.get_string("auto_pad", "NOTSET");
  const std::vector<std::int64_t> pads =
      op.attributes.get_ints("pads", std::vector<std::int64_t>(2 * input.size(), 0));
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::int64_t reach = (steps.kernel[i] - 1) * steps.dilations[i] + 1;
    const std::int64_t all = (output[i] - 1) * steps.strides[i] + reach - input[i];
    std::int64_t begin = auto_pad == "NOTSET" ? pads[i] : 0;
    if (auto_pad == "SAME_UPPER" && all > 0) begin = all / 2;
    if (auto_pad == "SAME_LOWER" && all > 0) begin = all - all / 2;
    steps.pads_begin.push_back(begin);
    steps.pads_end.push_back(all - begin);  // below 0: the end of the input is not read
  }
  return steps;
}

}  // namespace braid
