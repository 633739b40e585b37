#include "kernels/cpu/elementwise.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

using Dims = std::vector<std::int64_t>;

std::int64_t width_of(DType dtype) {
  return dtype_bits(dtype) / 8;
}

// Rows below this many elements are cheaper to lay side by side than to walk one by one.
constexpr std::int64_t kShortRow = 256;

constexpr std::size_t kMostDims = 16;

Dims broadcast_strides(const Dims& from, const Dims& to) {
  Dims strides(to.size(), 0);
  const std::size_t missing = to.size() - from.size();
  std::int64_t stride = 1;
  for (std::size_t d = from.size(); d-- > 0;) {
    if (from[d] != 1) strides[missing + d] = stride;
    stride *= from[d];
  }
  return strides;
}

template <class T>
BRAID_INLINE void fill(T* to, T value, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    to[i] = value;
}

// Elements that lie evenly (stride 1), or one element again and again (0).
BRAID_CLONES void lay_row(std::int64_t width, const std::byte* from, std::int64_t stride,
                          std::int64_t count, std::byte* to) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(count * width));
  } else if (width == 1) {
    fill(reinterpret_cast<std::uint8_t*>(to), *reinterpret_cast<const std::uint8_t*>(from), count);
  } else if (width == 2) {
    fill(reinterpret_cast<std::uint16_t*>(to), *reinterpret_cast<const std::uint16_t*>(from),
         count);
  } else if (width == 4) {
    fill(reinterpret_cast<std::uint32_t*>(to), *reinterpret_cast<const std::uint32_t*>(from),
         count);
  } else {
    fill(reinterpret_cast<std::uint64_t*>(to), *reinterpret_cast<const std::uint64_t*>(from),
         count);
  }
}

}  // namespace

// One thread's way through some tiles. It lies on the stack.
class ElementwiseProgram::Walk {
 public:
  Walk(const ElementwiseProgram& program, const std::byte* const* inputs, std::byte* output)
      : program_(program), inputs_(inputs), output_(output) {}

  void run(std::int64_t first, std::int64_t last) {
    const std::int64_t pieces = program_.pieces();
    seek(first / pieces * program_.rows_);
    for (std::int64_t tile = first; tile < last; ++tile) {
      if (program_.rows_ > 1) {
        run_rows(tile * program_.rows_);
      } else {
        run_piece(tile / pieces, tile % pieces * program_.piece_);
        if ((tile + 1) % pieces == 0) advance();
      }
    }
  }

 private:
  // What of an operand a register holds.
  struct Cached {
    std::int64_t offset = 0;
    std::int64_t count = 0;
  };

  std::int64_t row_length() const { return program_.dims_.back(); }
  std::size_t input_count() const { return program_.inputs_.size(); }
  std::size_t outer_dims() const { return program_.dims_.size() - 1; }

  void seek(std::int64_t row) {
    for (std::size_t d = outer_dims(); d-- > 0;) {
      index_[d] = row % program_.dims_[d];
      row /= program_.dims_[d];
      for (std::size_t k = 0; k < input_count(); ++k)
        offsets_[k] += index_[d] * program_.inputs_[k].strides[d];
    }
  }

  // To the next row.
  void advance() {
    for (std::size_t d = outer_dims(); d-- > 0;) {
      const bool wraps = ++index_[d] == program_.dims_[d];
      const std::int64_t steps = wraps ? 1 - program_.dims_[d] : 1;
      for (std::size_t k = 0; k < input_count(); ++k)
        offsets_[k] += steps * program_.inputs_[k].strides[d];
      if (!wraps) return;
      index_[d] = 0;
    }
  }

  void run_piece(std::int64_t row, std::int64_t at) {
    const std::int64_t count = std::min(program_.piece_, row_length() - at);
    for (std::size_t k = 0; k < input_count(); ++k) {
      const Input& input = program_.inputs_[k];
      const std::byte* const from = inputs_[k] + offsets_[k] * input.width;
      tiles_[k] = input.strides.back() == 1 ? from + at * input.width : spread(k, from, count);
    }
    compute(row * row_length() + at, count);
  }

  // One element, for a whole tile.
  const std::byte* spread(std::size_t k, const std::byte* from, std::int64_t count) {
    const Input& input = program_.inputs_[k];
    std::byte* const to = registers_[input.cache];
    Cached& cached = cached_[k];
    if (cached.offset != offsets_[k] || cached.count < count) {
      lay_row(input.width, from, 0, count, to);
      cached = {offsets_[k], count};
    }
    return to;
  }

  void run_rows(std::int64_t row) {
    const std::int64_t rows = std::min(program_.rows_, program_.row_count() - row);
    for (std::size_t k = 0; k < input_count(); ++k) {
      const Input& input = program_.inputs_[k];
      tiles_[k] =
          input.is_whole ? inputs_[k] + row * row_length() * input.width : registers_[input.cache];
    }
    for (std::int64_t r = 0; r < rows; ++r) {
      lay_side_by_side(r);
      advance();
    }
    for (std::size_t k = 0; k < input_count(); ++k) {
      if (program_.inputs_[k].is_still) cached_[k].count = std::max(cached_[k].count, rows);
    }
    compute(row * row_length(), rows * row_length());
  }

  // The row where the walk stands, as row `r` of the tile.
  void lay_side_by_side(std::int64_t r) {
    for (std::size_t k = 0; k < input_count(); ++k) {
      const Input& input = program_.inputs_[k];
      if (input.is_whole || r < cached_[k].count) continue;
      lay_row(input.width, inputs_[k] + offsets_[k] * input.width, input.strides.back(),
              row_length(), registers_[input.cache] + r * row_length() * input.width);
    }
  }

  const std::byte* address(const Place& place) const {
    return place.kind == Place::Kind::Input ? tiles_[place.index] : registers_[place.index];
  }

  void compute(std::int64_t at, std::int64_t count) {
    for (const Step& step : program_.steps_) {
      TileCall call = step.call;
      call.count = count;
      call.x = address(step.from[0]);
      if (step.from.size() > 1) call.y = address(step.from[1]);
      if (step.from.size() > 2) call.z = address(step.from[2]);
      call.to = step.to.kind == Place::Kind::Output ? output_ + at * program_.output_width_
                                                    : registers_[step.to.index];
      step.function(call);
    }
  }

  const ElementwiseProgram& program_;
  const std::byte* const* inputs_;
  std::byte* output_;
  std::array<std::int64_t, kMostDims> index_{};      // of the row in the outer loops
  std::array<std::int64_t, kMostInputs> offsets_{};  // of the row in each input, in elements
  std::array<const std::byte*, kMostInputs> tiles_{};
  std::array<Cached, kMostInputs> cached_{};
  alignas(64) std::byte registers_[kMostRegisters][kTileBytes];  // only those used are touched
};

std::optional<ElementwiseProgram> ElementwiseProgram::make(
    const std::vector<ElementwiseOperand>& inputs, const ElementwiseOperand& output,
    const std::vector<Instruction>& instructions, std::size_t registers) {
  ElementwiseProgram program;
  program.output_width_ = width_of(output.dtype);
  std::int64_t widest = program.output_width_;
  for (const Instruction& instruction : instructions) {
    const auto& [opcode, dtype, result, from, to, a, b] = instruction;
    const TileFunction function = find_tile_function(opcode, dtype, result);
    if (function == nullptr) return std::nullopt;
    program.steps_.push_back(
        {function, {.opcode = opcode, .result = result, .a = a, .b = b}, from, to});
    widest = std::max({widest, width_of(dtype), width_of(result)});
  }
  program.dims_ = output.dims;
  for (const ElementwiseOperand& input : inputs) {
    program.inputs_.push_back({width_of(input.dtype), broadcast_strides(input.dims, output.dims)});
    widest = std::max(widest, program.inputs_.back().width);
  }
  program.merge_dims();
  if (program.dims_.size() > kMostDims || inputs.size() > kMostInputs) return std::nullopt;
  program.size_tiles(kTileBytes / widest);
  if (!program.place_caches(registers)) return std::nullopt;
  return program;
}

// Leaves out dims of one element, and makes one of neighbours that all operands walk evenly.
void ElementwiseProgram::merge_dims() {
  ElementwiseProgram merged;
  merged.inputs_.resize(inputs_.size());
  for (std::size_t d = 0; d < dims_.size(); ++d) {
    if (dims_[d] == 1) continue;
    bool is_even = !merged.dims_.empty();
    for (std::size_t k = 0; is_even && k < inputs_.size(); ++k)
      is_even = merged.inputs_[k].strides.back() == inputs_[k].strides[d] * dims_[d];
    for (std::size_t k = 0; k < inputs_.size(); ++k) {
      std::vector<std::int64_t>& strides = merged.inputs_[k].strides;
      if (is_even) strides.pop_back();
      strides.push_back(inputs_[k].strides[d]);
    }
    if (is_even)
      merged.dims_.back() *= dims_[d];
    else
      merged.dims_.push_back(dims_[d]);
  }
  if (merged.dims_.empty()) {  // of a scalar
    merged.dims_ = {1};
    for (Input& input : merged.inputs_)
      input.strides = {0};
  }
  dims_ = merged.dims_;
  for (std::size_t k = 0; k < inputs_.size(); ++k)
    inputs_[k].strides = merged.inputs_[k].strides;
}

void ElementwiseProgram::size_tiles(std::int64_t most) {
  constexpr std::int64_t kRounding = 64;  // pieces start where vectors do
  const std::int64_t length = dims_.back();
  for (const std::int64_t dim : dims_)
    size_ *= dim;
  if (size_ == 0) return;
  if (length < kShortRow && dims_.size() > 1) {
    piece_ = length;
    rows_ = most / length;
    return;
  }
  const std::int64_t pieces = (length + most - 1) / most;
  const std::int64_t even = (length + pieces - 1) / pieces;
  piece_ = std::min(most, (even + kRounding - 1) / kRounding * kRounding);
}

bool ElementwiseProgram::place_caches(std::size_t registers) {
  for (Input& input : inputs_) {
    std::int64_t whole = 1;
    input.is_whole = true;
    input.is_still = true;
    for (std::size_t d = dims_.size(); d-- > 0;) {
      input.is_whole &= input.strides[d] == whole;
      input.is_still &= input.strides[d] == 0 || d + 1 == dims_.size();
      whole *= dims_[d];
    }
    const bool is_read_in_place = rows_ > 1 ? input.is_whole : input.strides.back() == 1;
    if (!is_read_in_place) input.cache = registers++;
  }
  return registers <= kMostRegisters;
}

void ElementwiseProgram::run(const std::byte* const* inputs, std::byte* output) const {
  if (size_ == 0) return;
  const std::int64_t tiles = (row_count() + rows_ - 1) / rows_ * pieces();
  const auto work = static_cast<std::int64_t>(steps_.size()) * piece_ * rows_;
  parallel_ranges(tiles, work, [&](std::int64_t first, std::int64_t last) {
    Walk(*this, inputs, output).run(first, last);
  });
}

}  // namespace braid::cpu
