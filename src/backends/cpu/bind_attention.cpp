// ai.braid.Attention: for each head, oneDNN's gemm makes a tile of scores in a buffer that stays in
// the cache, kernels/cpu makes weights of it, and gemm multiplies these with the values. Heads run
// side by side, each on one thread; heads with many rows are cut into blocks of rows.

#include <dnnl.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "backends/cpu/bind.hpp"
#include "backends/operands.hpp"
#include "kernels/cpu/attention.hpp"
#include "kernels/cpu/parallel.hpp"
#include "plan/attention_layout.hpp"
#include "runtime/thread_limit.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

using Matrices = AttentionLayout::Matrices;

// Elements of a tile of scores: what fits the second cache beside the operands.
constexpr std::int64_t kTile = std::int64_t{1} << 16;

// Rows below which gemm spends its time on packing the keys and values.
constexpr std::int64_t kFewRows = 32;

constexpr std::int64_t kAlignment = 16;  // elements in 64 bytes

constexpr std::size_t kMostAddends = 4;
constexpr std::size_t kFirstAddend = 3;

// How gemm reads a matrix.
struct GemmLayout {
  char transposed = 'N';
  std::int64_t leading = 1;
};

// Nothing if neither rows nor columns are contiguous.
std::optional<GemmLayout> gemm_layout(const Matrices& at, std::int64_t rows, std::int64_t columns) {
  const bool has_whole_rows = columns == 1 || at.column == 1;
  if (has_whole_rows && (rows == 1 || at.row >= columns))
    return GemmLayout{'N', std::max(at.row, columns)};
  const bool has_whole_columns = rows == 1 || at.row == 1;
  if (has_whole_columns && (columns == 1 || at.column >= rows))
    return GemmLayout{'T', std::max(at.column, rows)};
  return std::nullopt;
}

GemmLayout flipped(const GemmLayout& layout) {
  return {layout.transposed == 'N' ? 'T' : 'N', layout.leading};
}

class AttentionKernel final : public PlainKernel {
 public:
  struct Gemms {
    GemmLayout q;
    GemmLayout k;  // as the transposed keys
    GemmLayout v;
    GemmLayout y;
  };

  AttentionKernel(AttentionLayout layout, const Gemms& gemms)
      : layout_(std::move(layout)), gemms_(gemms), heads_(product(layout_.batch)) {
    const std::int64_t threads = omp_get_max_threads();
    const std::int64_t blocks_wanted = (threads + heads_ - 1) / heads_;
    const std::int64_t share = (layout_.rows + blocks_wanted - 1) / blocks_wanted;
    const std::int64_t most = std::max(std::min(kTile / layout_.keys, share), kFewRows);
    block_ = std::min(layout_.rows, most);
    blocks_ = (layout_.rows + block_ - 1) / block_;
    const std::int64_t work =
        block_ * layout_.keys * (layout_.width + layout_.value_width) / kStepsAtOnce;
    const bool is_worthwhile = heads_ * blocks_ * work > cpu::kParallelWork;
    lanes_ = is_worthwhile ? std::min(threads, heads_ * blocks_) : 1;
    tile_ = (block_ * layout_.keys + kAlignment - 1) / kAlignment * kAlignment;
  }

  std::string name() const override { return "attention"; }

  std::size_t workspace_bytes() const override {
    return static_cast<std::size_t>(lanes_ * tile_) * sizeof(float);
  }

  void run(const Operands& operands) const override {
    std::atomic<int> failures = 0;
    const std::int64_t count = heads_ * blocks_;
    cpu::parallel_ranges(lanes_, cpu::kParallelWork, [&](std::int64_t first, std::int64_t last) {
      const ThreadLimit limit(1);
      for (std::int64_t lane = first; lane < last; ++lane) {
        float* const scores = reinterpret_cast<float*>(operands.workspace) + lane * tile_;
        for (std::int64_t i = count * lane / lanes_; i < count * (lane + 1) / lanes_; ++i) {
          if (!run_block(operands, i / blocks_, i % blocks_ * block_, scores)) ++failures;
        }
      }
    });
    BRAID_ASSERT(failures == 0, "gemm takes the layouts that it was bound to");
  }

 private:
  // Multiplications that a core does in the time of one elementary step of other kernels.
  static constexpr std::int64_t kStepsAtOnce = 16;

  // Where the matrix of a head starts.
  std::int64_t start_of(const Matrices& at, std::int64_t head) const {
    std::int64_t start = at.offset;
    for (std::size_t i = layout_.batch.size(); i-- > 0;) {
      start += head % layout_.batch[i] * at.batch[i];
      head /= layout_.batch[i];
    }
    return start;
  }

  const float* read(const Operands& operands, std::size_t input, const Matrices& at,
                    std::int64_t head, std::int64_t row) const {
    const auto* const data = reinterpret_cast<const float*>(operands.inputs[input]);
    return data + start_of(at, head) + row * at.row;
  }

  bool run_block(const Operands& operands, std::int64_t head, std::int64_t row,
                 float* scores) const {
    const AttentionLayout& a = layout_;
    const std::int64_t rows = std::min(block_, a.rows - row);
    const float* const q = read(operands, 0, a.q, head, row);
    const float* const k = read(operands, 1, a.k, head, 0);
    const float* const v = read(operands, 2, a.v, head, 0);
    float* const y =
        reinterpret_cast<float*>(operands.outputs[0]) + start_of(a.y, head) + row * a.y.row;
    const dnnl_status_t products =
        dnnl_sgemm(gemms_.q.transposed, gemms_.k.transposed, rows, a.keys, a.width, a.scale, q,
                   gemms_.q.leading, k, gemms_.k.leading, 0.0F, scores, a.keys);
    std::array<cpu::ScoreAddend, kMostAddends> addends;
    for (std::size_t i = 0; i < a.addends.size(); ++i) {
      const auto& [at, factor] = a.addends[i];
      addends[i] = {read(operands, kFirstAddend + i, at, head, row), at.row, at.column, factor};
    }
    cpu::attention_weights(rows, a.keys, {addends.data(), a.addends.size()}, a.is_guarded, scores);
    const dnnl_status_t sums =
        dnnl_sgemm('N', gemms_.v.transposed, rows, a.value_width, a.keys, 1.0F, scores, a.keys, v,
                   gemms_.v.leading, 0.0F, y, gemms_.y.leading);
    return products == dnnl_success && sums == dnnl_success;
  }

  AttentionLayout layout_;
  Gemms gemms_;
  std::int64_t heads_;
  std::int64_t block_ = 0;   // rows of a tile
  std::int64_t blocks_ = 0;  // of a head
  std::int64_t lanes_ = 0;   // tiles in the workspace, each of them one thread's
  std::int64_t tile_ = 0;    // elements
};

}  // namespace

std::unique_ptr<const BoundKernel> bind_attention(const Operator& op, PackedWeights& /*weights*/) {
  AttentionLayout layout = AttentionLayout::of(op.attributes);
  const auto q = gemm_layout(layout.q, layout.rows, layout.width);
  const auto k = gemm_layout(layout.k, layout.keys, layout.width);
  const auto v = gemm_layout(layout.v, layout.keys, layout.value_width);
  const auto y = gemm_layout(layout.y, layout.rows, layout.value_width);
  if (!q || !k || !v || !y || y->transposed != 'N') return nullptr;
  if (layout.addends.size() > kMostAddends) return nullptr;
  for (const AttentionLayout::Addend& addend : layout.addends) {
    if (addend.at.column != 0 && addend.at.column != 1) return nullptr;
  }
  return std::make_unique<AttentionKernel>(std::move(layout),
                                           AttentionKernel::Gemms{*q, flipped(*k), *v, *y});
}

}  // namespace braid
