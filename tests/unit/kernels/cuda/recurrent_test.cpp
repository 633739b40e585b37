#include "kernels/cuda/recurrent.hpp"

#include <gtest/gtest.h>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

double sigmoid_of(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

struct Case {
  const char* name;
  int size;
  Element element = Element::Float;
  bool has_peephole = true;
};

constexpr std::size_t kRows = 6;
constexpr std::size_t kRowsPerMember = 3;

class CellTest : public testing::TestWithParam<Case> {
 protected:
  std::size_t size() const { return static_cast<std::size_t>(GetParam().size); }
  Values random(std::size_t count, std::uint32_t seed) const {
    return Values::random(GetParam().element, count, seed);
  }
  double tolerance() const { return 1e-6 + 2 * rounding_of(GetParam().element); }
};

TEST_P(CellTest, LstmAgreesWithDoublePrecision) {
  const Values gates = random(kRows * 4 * size(), 1);
  const Values cell = random(kRows * size(), 2);
  const Values peephole = random(2 * 3 * size(), 3);
  Values next_cell(GetParam().element, cell.size());
  Values hidden(GetParam().element, cell.size());
  LstmCellArgs args{gates.data(),  cell.data(), nullptr,        next_cell.data(),
                    hidden.data(), kRows,       kRowsPerMember, GetParam().size};
  if (GetParam().has_peephole) args.peephole = peephole.data();
  std::vector<double> cells;
  std::vector<double> hiddens;
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t i = 0; i < size(); ++i) {
      const auto gate = [&](std::size_t index) { return gates[(row * 4 + index) * size() + i]; };
      const auto peep = [&](std::size_t index) {
        const std::size_t at = (row / kRowsPerMember * 3 + index) * size() + i;
        return GetParam().has_peephole ? peephole[at] : 0.0;
      };
      const double old = cell[row * size() + i];
      const double next = sigmoid_of(gate(2) + peep(2) * old) * old +
                          sigmoid_of(gate(0) + peep(0) * old) * std::tanh(gate(3));
      cells.push_back(next);
      hiddens.push_back(sigmoid_of(gate(1) + peep(1) * next) * std::tanh(next));
    }
  emulator::launch(launch_lstm_cell(args, GetParam().element), &args);
  expect_close(next_cell, cells, tolerance());
  expect_close(hidden, hiddens, tolerance());
}

TEST_P(CellTest, GruAgreesWithDoublePrecision) {
  const Values x = random(kRows * 3 * size(), 1);
  const Values h = random(kRows * 3 * size(), 2);
  const Values hidden = random(kRows * size(), 3);
  Values next(GetParam().element, hidden.size());
  const GruCellArgs args{x.data(), h.data(), hidden.data(), next.data(), kRows, GetParam().size};
  std::vector<double> expected;
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t i = 0; i < size(); ++i) {
      const auto at = [&](std::size_t gate) { return (row * 3 + gate) * size() + i; };
      const double update = sigmoid_of(x[at(0)] + h[at(0)]);
      const double reset = sigmoid_of(x[at(1)] + h[at(1)]);
      const double candidate = std::tanh(x[at(2)] + reset * h[at(2)]);
      expected.push_back((1 - update) * candidate + update * hidden[row * size() + i]);
    }
  emulator::launch(launch_gru_cell(args, GetParam().element), &args);
  expect_close(next, expected, tolerance());
}

TEST_P(CellTest, GruThatResetsFirstAgreesWithDoublePrecision) {
  const Values gates = random(kRows * 2 * size(), 1);
  const Values candidate = random(kRows * size(), 2);
  const Values hidden = random(kRows * size(), 3);
  Values kept(GetParam().element, hidden.size());
  Values next(GetParam().element, hidden.size());
  const GruResetArgs reset{gates.data(), hidden.data(), kept.data(), kRows, GetParam().size};
  emulator::launch(launch_gru_reset(reset, GetParam().element), &reset);
  const GruUpdateArgs update{gates.data(), candidate.data(), hidden.data(), next.data(),
                             kRows,        GetParam().size};
  emulator::launch(launch_gru_update(update, GetParam().element), &update);
  std::vector<double> resets;
  std::vector<double> expected;
  for (std::size_t row = 0; row < kRows; ++row)
    for (std::size_t i = 0; i < size(); ++i) {
      const std::size_t at = row * size() + i;
      const double share = sigmoid_of(gates[row * 2 * size() + i]);
      resets.push_back(sigmoid_of(gates[(row * 2 + 1) * size() + i]) * hidden[at]);
      expected.push_back((1 - share) * std::tanh(candidate[at]) + share * hidden[at]);
    }
  expect_close(kept, resets, tolerance());
  expect_close(next, expected, tolerance());
}

TEST_P(CellTest, KeepsTheStateOfRowsThatAreOver) {
  const Values gates = random(kRows * 4 * size(), 1);
  const Values cell = random(kRows * size(), 2);
  const Values hidden = random(kRows * size(), 3);
  const std::vector<int> lengths{2, 3, 0, 5, 2, 1};
  const auto run = [&](bool has_lengths) {
    const Element element = GetParam().element;
    std::vector<Values> results(3, Values(element, cell.size()));
    LstmCellArgs args{gates.data(),      cell.data(), nullptr,        results[0].data(),
                      results[1].data(), kRows,       kRowsPerMember, GetParam().size};
    args.hidden = hidden.data();
    args.step = {has_lengths ? lengths.data() : nullptr, 2, results[2].data()};
    emulator::launch(launch_lstm_cell(args, element), &args);
    return results;
  };
  const std::vector<Values> all = run(false);
  const std::vector<Values> some = run(true);
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const bool is_over = lengths[i / size()] <= 2;
    EXPECT_EQ(some[0][i], is_over ? cell[i] : all[0][i]);
    EXPECT_EQ(some[1][i], is_over ? hidden[i] : all[1][i]);
    EXPECT_EQ(some[2][i], is_over ? 0.0 : all[1][i]);
    EXPECT_EQ(all[2][i], all[1][i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, CellTest,
                         testing::Values(Case{"one", 1}, Case{"ragged", 33},
                                         Case{"plain", 40, Element::Float, false},
                                         Case{"half", 64, Element::Half},
                                         Case{"bfloat", 5, Element::BFloat16}),
                         name_of<Case>);

}  // namespace
}  // namespace braid::cuda
