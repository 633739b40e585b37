// RNN, GRU and LSTM whose weights all members share: the members are the batch, which with layout 0
// is the second axis.
//
//   X [T, B, I] in folded(M): [T, M*B, I]   initial states [D, B, H] likewise
//   sequence_lens [B] in folded(1): [M*B]
//   Y [T, D, M*B, H] -> second, Y_h and Y_c [D, M*B, H]: folded(M)
//
// With layout 1 the batch comes first everywhere: all in folded(1).
//
// Members with weights of their own run one by one. Standard ONNX has no batch of recurrent
// weights: block-diagonal ones cost M times the arithmetic and the bytes, and a Scan over batched
// products gives up the runtimes' recurrent kernels for a launch per step, gate and product.

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

constexpr std::size_t kSequenceLens = 4;
constexpr std::size_t kPeepholes = 7;

bool is_state(std::size_t input) {
  return input == 5 || input == 6;
}

Form data_form(const Site& site, std::size_t input) {
  const bool is_batch_first = site.node().attributes.get_int("layout", 0) != 0;
  return is_batch_first || input == kSequenceLens ? Form::folded(1) : Form::folded(site.members());
}

bool is_data(std::size_t input) {
  return input == 0 || input == kSequenceLens || is_state(input);
}

// [T, D, M*B, H] -> [T, M, D, B, H]
ValueId sequence_in_second(const Site& site, Emitter& emitter, ValueId y) {
  const bool is_bidirectional =
      site.node().attributes.get_string("direction", "forward") == "bidirectional";
  const std::int64_t members = emitter.members();
  const std::int64_t hidden = (*site.output_shape())[3].size;
  if (!is_bidirectional) return emitter.reshape(y, {0, members, 1, -1, hidden});
  const ValueId apart = emitter.reshape(y, {0, 2, members, -1, hidden});
  return emitter.transpose(apart, {0, 2, 1, 3, 4});
}

void emit(const Site& site, Emitter& emitter) {
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    inputs.push_back(site.is_absent(i) ? kAbsent
                     : is_data(i)      ? emitter.stacked(site.input(i), data_form(site, i))
                                       : emitter.uniform(site.input(i)));
  }
  const std::vector<ValueId> outputs = emitter.copy(site, std::move(inputs));
  const Form form = data_form(site, 0);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] == kAbsent) continue;
    if (i > 0 || form == Form::folded(1)) {
      emitter.define(site.output(i), form, outputs[i]);
    } else {
      emitter.define(site.output(), Form::second(), sequence_in_second(site, emitter, outputs[i]));
    }
  }
}

bool have_known_ranks(const Site& site) {
  if (site.rank(0) != 3) return false;
  if (!site.is_absent(kSequenceLens) && site.rank(kSequenceLens) != 1) return false;
  for (const std::size_t i : {5, 6}) {
    if (!site.is_absent(i) && site.rank(i) != 3) return false;
  }
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    if (site.output(i) != kAbsent && site.output_rank(i) != (i == 0 ? 4 : 3)) return false;
  }
  return site.output() == kAbsent || (*site.output_shape())[3].is_known();
}

}  // namespace

std::vector<Candidate> recurrent_rule(const Site& site) {
  if (!have_known_ranks(site)) return {};
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}, std::size_t{3}, kPeepholes}) {
    if (site.is_stacked(i)) return {};
  }
  Candidate candidate =
      in_form(site, "stitched", data_form(site, 0), [=](Emitter& emitter) { emit(site, emitter); });
  if (kSequenceLens < site.input_count()) {
    candidate.inputs[kSequenceLens] = data_form(site, kSequenceLens);
  }
  return {std::move(candidate)};
}

}  // namespace braid
