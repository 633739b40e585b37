#include "backends/cpu/recurrent_kernel.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "kernels/cpu/recurrent.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

using Layer = RecurrentLayer;
using Direction = RecurrentDirection;

/// Parts of the workspace, in bytes.
struct Layout {
  std::size_t sums = 0;             // W x, of all steps
  std::size_t recurrent = 0;        // R h, block after block
  std::size_t candidate = 0;        // R (r h), likewise
  std::size_t h = 0;                // the state before and after a step, which take turns
  std::size_t c = 0;                // the cell; of a GRU, gate z
  std::size_t kept = 0;             // r h of a GRU
  std::size_t input = 0;            // of the product with W
  std::vector<std::size_t> blocks;  // of the products of each block
  std::size_t total = 0;
};

class Recurrent final : public BoundKernel {
 public:
  Recurrent(const Layer& layer, std::vector<Direction> directions, std::size_t input_count)
      : layer_(layer), directions_(std::move(directions)), input_count_(input_count) {
    const std::int64_t state = layer.batch * layer.hidden;
    layout_.sums = add_floats(layer.steps * layer.batch * layer.columns());
    layout_.recurrent = add_floats(layer.batch * layer.columns());
    layout_.candidate = add_floats(layer.resets_before() ? state : 0);
    layout_.h = add_floats(2 * state);
    layout_.c = add_floats(state);
    layout_.kept = add_floats(layer.resets_before() ? state : 0);
    // One direction after the other; their blocks are alike.
    layout_.input = add(directions_[0].input->workspace_bytes());
    for (const RecurrentBlock& block : directions_[0].blocks) {
      const std::size_t other = block.candidate ? block.candidate->workspace_bytes() : 0;
      layout_.blocks.push_back(add(std::max(block.recurrent->workspace_bytes(), other)));
    }
  }

  std::string name() const override {
    return "cpu recurrent, onednn " + directions_[0].blocks[0].recurrent->name();
  }
  bool reads(std::size_t input) const override {
    return input == 0 || (input >= 4 && input < input_count_);
  }
  std::size_t workspace_bytes() const override { return layout_.total; }
  std::unique_ptr<PreparedCall> prepare(Operands operands) const override;

 private:
  class Call;

  std::size_t add(std::size_t bytes) {
    constexpr std::size_t kAlignment = 64;
    const std::size_t offset = layout_.total;
    layout_.total += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return offset;
  }
  std::size_t add_floats(std::int64_t floats) {
    return add(static_cast<std::size_t>(floats) * sizeof(float));
  }

  Layer layer_;
  std::vector<Direction> directions_;
  std::size_t input_count_;
  Layout layout_;
};

class Recurrent::Call final : public PreparedCall {
 public:
  Call(const Recurrent& kernel, Operands operands)
      : kernel_(kernel), layer_(kernel.layer_), operands_(std::move(operands)) {
    const Layout& layout = kernel.layout_;
    sums_ = at(layout.sums);
    recurrent_ = at(layout.recurrent);
    candidate_ = at(layout.candidate);
    h_ = {at(layout.h), at(layout.h) + layer_.batch * layer_.hidden};
    c_ = at(layout.c);
    kept_ = at(layout.kept);
    const auto* const x = reinterpret_cast<const float*>(operands_.inputs[0]);
    for (const Direction& direction : kernel.directions_) {
      Products& products = products_.emplace_back();
      products.input = prepare(*direction.input, x, sums_, layout.input);
      for (std::size_t i = 0; i < direction.blocks.size(); ++i)
        products.blocks.push_back(prepare_block(direction.blocks[i], layout.blocks[i]));
    }
  }

  void run() override {
    for (std::size_t d = 0; d < kernel_.directions_.size(); ++d)
      run_direction(static_cast<std::int64_t>(d));
  }

 private:
  struct BlockProducts {
    std::array<std::unique_ptr<PreparedCall>, 2> recurrent;  // of either state
    std::unique_ptr<PreparedCall> candidate;
  };
  struct Products {
    std::unique_ptr<PreparedCall> input;
    std::vector<BlockProducts> blocks;
  };

  float* at(std::size_t offset) const {
    return reinterpret_cast<float*>(operands_.workspace + offset);
  }

  std::unique_ptr<PreparedCall> prepare(const BoundKernel& product, const float* from, float* to,
                                        std::size_t workspace) const {
    Operands operands;
    operands.inputs = {reinterpret_cast<const std::byte*>(from)};
    operands.outputs = {reinterpret_cast<std::byte*>(to)};
    operands.workspace = operands_.workspace + workspace;
    return product.prepare(std::move(operands));
  }

  BlockProducts prepare_block(const RecurrentBlock& block, std::size_t workspace) const {
    BlockProducts products;
    for (std::size_t i = 0; i < h_.size(); ++i) {
      products.recurrent[i] =
          prepare(*block.recurrent, h_[i], sums_of(recurrent_, block, gates_together()), workspace);
    }
    if (block.candidate)
      products.candidate =
          prepare(*block.candidate, kept_, sums_of(candidate_, block, 1), workspace);
    return products;
  }

  // Gates whose product is taken at once.
  std::int64_t gates_together() const { return layer_.resets_before() ? 2 : layer_.gates; }

  // Where a block's part of R h lies.
  float* sums_of(float* all, const RecurrentBlock& block, std::int64_t gates) const {
    return all + layer_.batch * gates * block.first;
  }

  const float* input(std::size_t i) const {
    return i < operands_.inputs.size() ? reinterpret_cast<const float*>(operands_.inputs[i])
                                       : nullptr;
  }
  float* output(std::size_t i) const {
    return i < operands_.outputs.size() ? reinterpret_cast<float*>(operands_.outputs[i]) : nullptr;
  }

  // Steps that a sequence has.
  std::int64_t length(std::int64_t b) const {
    const auto* const lengths = operands_.inputs.size() > 4
                                    ? reinterpret_cast<const std::int32_t*>(operands_.inputs[4])
                                    : nullptr;
    if (lengths == nullptr) return layer_.steps;
    return std::clamp<std::int64_t>(lengths[b], 0, layer_.steps);
  }

  // No exception may leave a parallel region, nor keep a thread from its next barrier.
  void run_product(PreparedCall& product) {
    try {
      product.run();
    } catch (...) {
      has_failed_ = true;
    }
  }

  void run_direction(std::int64_t d) {
    const Products& products = products_[static_cast<std::size_t>(d)];
    read_state(d, input(5), h_[0]);
    if (layer_.cell == Cell::Lstm) read_state(d, input(6), c_);
    products.input->run();
    const std::size_t blocks = products.blocks.size();
#pragma omp parallel if (blocks > 1)
    {
      const auto threads = static_cast<std::size_t>(omp_get_num_threads());
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      run_steps(d, blocks * thread / threads, blocks * (thread + 1) / threads);
    }
    BRAID_ASSERT(!has_failed_, "products that were made can be executed");
    write_state(d, h_[static_cast<std::size_t>(layer_.steps % 2)], output(1));
    if (layer_.cell == Cell::Lstm) write_state(d, c_, output(2));
  }

  void read_state(std::int64_t d, const float* from, float* to) const {
    for (std::int64_t b = 0; b < layer_.batch; ++b) {
      float* const row = to + b * layer_.hidden;
      if (from == nullptr) {
        std::fill_n(row, layer_.hidden, 0.0F);
      } else {
        std::copy_n(from + layer_.state_at(d, b), layer_.hidden, row);
      }
    }
  }

  void write_state(std::int64_t d, const float* from, float* to) const {
    for (std::int64_t b = 0; to != nullptr && b < layer_.batch; ++b)
      std::copy_n(from + b * layer_.hidden, layer_.hidden, to + layer_.state_at(d, b));
  }

  // One thread's part of all steps: of the blocks [first, last). Every other step goes through them
  // the other way round, as the weights that were read last may still be in the cache.
  void run_steps(std::int64_t d, std::size_t first, std::size_t last) {
    const Direction& direction = kernel_.directions_[static_cast<std::size_t>(d)];
    const std::vector<BlockProducts>& products = products_[static_cast<std::size_t>(d)].blocks;
    const auto for_blocks = [&](std::int64_t s, const auto& body) {
      for (std::size_t i = first; i < last; ++i) {
        const std::size_t block = s % 2 == 0 ? i : last - 1 - (i - first);
        body(direction.blocks[block], products[block]);
      }
    };
    for (std::int64_t s = 0; s < layer_.steps; ++s) {
      const auto before = static_cast<std::size_t>(s % 2);
      for_blocks(s, [&](const RecurrentBlock& block, const BlockProducts& own) {
        run_product(*own.recurrent[before]);
        if (block.candidate) {
          open_gates(d, s, block);
        } else {
          move_on(d, s, block);
        }
      });
      if (layer_.resets_before()) {
#pragma omp barrier
        for_blocks(s, [&](const RecurrentBlock& block, const BlockProducts& own) {
          run_product(*own.candidate);
          move_on(d, s, block);
        });
      }
#pragma omp barrier
    }
  }

  std::int64_t step_of(std::int64_t s, std::int64_t d, std::int64_t b) const {
    return layer_.is_reverse || d == 1 ? length(b) - 1 - s : s;
  }

  // The sums of a block's gates from `gate` on.
  cpu::GateSums sums(std::int64_t d, std::int64_t b, std::int64_t t, const RecurrentBlock& block,
                     std::int64_t gate, const float* recurrent) const {
    const Direction& direction = kernel_.directions_[static_cast<std::size_t>(d)];
    const std::int64_t first = gate * layer_.hidden + block.first;
    return {sums_ + layer_.row(t, b) * layer_.columns() + first,
            recurrent,
            direction.bias.data() + first,
            layer_.clip,
            layer_.hidden,
            block.units};
  }

  // Of a GRU that resets before the product: gate z, and r times the state.
  void open_gates(std::int64_t d, std::int64_t s, const RecurrentBlock& block) const {
    const std::int64_t gates = gates_together();
    const float* const own = sums_of(recurrent_, block, gates);
    const float* const h = h_[static_cast<std::size_t>(s % 2)];
    for (std::int64_t b = 0; b < layer_.batch; ++b) {
      if (s >= length(b)) continue;
      const std::int64_t state = b * layer_.hidden + block.first;
      cpu::gru_gates(sums(d, b, step_of(s, d, b), block, 0, own + b * gates * block.units),
                     h + state, c_ + state, kept_ + state);
    }
  }

  // The block's units of the next state, and of the output.
  void move_on(std::int64_t d, std::int64_t s, const RecurrentBlock& block) const {
    const float* const h = h_[static_cast<std::size_t>(s % 2)];
    float* const next = h_[static_cast<std::size_t>((s + 1) % 2)];
    float* const y = output(0);
    for (std::int64_t b = 0; b < layer_.batch; ++b) {
      const std::int64_t state = b * layer_.hidden + block.first;
      const bool is_over = s >= length(b);
      const std::int64_t t = is_over ? s : step_of(s, d, b);
      if (is_over) {
        std::copy_n(h + state, block.units, next + state);
      } else {
        compute_cell(d, b, t, block, h + state, next + state);
      }
      if (y == nullptr) continue;
      float* const row = y + layer_.output_at(t, d, b) + block.first;
      if (is_over) {
        std::fill_n(row, block.units, 0.0F);
      } else {
        std::copy_n(next + state, block.units, row);
      }
    }
  }

  void compute_cell(std::int64_t d, std::int64_t b, std::int64_t t, const RecurrentBlock& block,
                    const float* h, float* next) const {
    const std::int64_t gates = gates_together();
    float* const c = c_ + b * layer_.hidden + block.first;
    const float* const own = sums_of(recurrent_, block, gates) + b * gates * block.units;
    if (layer_.cell == Cell::Lstm) {
      const auto cell = layer_.is_coupled ? cpu::coupled_lstm_cell : cpu::lstm_cell;
      cell(sums(d, b, t, block, 0, own), c, next);
    } else if (layer_.cell == Cell::Rnn) {
      cpu::rnn_cell(sums(d, b, t, block, 0, own), next);
    } else if (layer_.resets_after) {
      const Direction& direction = kernel_.directions_[static_cast<std::size_t>(d)];
      cpu::gru_cell(sums(d, b, t, block, 0, own), direction.candidate_bias.data() + block.first, h,
                    next);
    } else {
      const float* const candidate = sums_of(candidate_, block, 1) + b * block.units;
      cpu::gru_candidate(sums(d, b, t, block, 2, candidate), c, h, next);
    }
  }

  const Recurrent& kernel_;
  const Layer& layer_;
  Operands operands_;
  float* sums_ = nullptr;
  float* recurrent_ = nullptr;
  float* candidate_ = nullptr;
  std::array<float*, 2> h_{};
  float* c_ = nullptr;  // of a GRU: gate z
  float* kept_ = nullptr;
  std::vector<Products> products_;
  std::atomic<bool> has_failed_ = false;
};

std::unique_ptr<PreparedCall> Recurrent::prepare(Operands operands) const {
  return std::make_unique<Call>(*this, std::move(operands));
}

}  // namespace

std::unique_ptr<const BoundKernel> make_recurrent(const RecurrentLayer& layer,
                                                  std::vector<RecurrentDirection> directions,
                                                  std::size_t input_count) {
  return std::make_unique<Recurrent>(layer, std::move(directions), input_count);
}

}  // namespace braid
