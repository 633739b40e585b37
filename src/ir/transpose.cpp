#include "ir/transpose.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace braid {
namespace {

constexpr std::size_t kPanelBytes = std::size_t{4} << 20;

// Tile by tile, so that the cache lines of a tile stay at hand on both sides. A size of elements
// that the compiler knows makes each copy one instruction.
template <std::size_t Bytes>
void copy_panel(const std::byte* source, std::byte* target, std::size_t rows, std::size_t columns,
                std::size_t row_step, std::size_t column_step) {
  constexpr std::size_t kTile = 16;
  const auto copy_tile = [&](std::size_t first_row, std::size_t first_column) {
    const std::size_t last_row = std::min(first_row + kTile, rows);
    const std::size_t last_column = std::min(first_column + kTile, columns);
    for (std::size_t row = first_row; row < last_row; ++row) {
      for (std::size_t column = first_column; column < last_column; ++column) {
        std::memcpy(target + (row * columns + column) * Bytes,
                    source + row * row_step + column * column_step, Bytes);
      }
    }
  };
  for (std::size_t column = 0; column < columns; column += kTile) {
    for (std::size_t row = 0; row < rows; row += kTile)
      copy_tile(row, column);
  }
}

// Walks the result in panels of rows (its last two axes). The rows of a panel lie side by side in
// the source of a plain transpose, so that each of its pages is visited once for all of them.
class Transposition {
 public:
  Transposition(const Tensor& tensor, const std::vector<std::int64_t>& perm)
      : source_(tensor.raw()), bytes_(dtype_bytes(tensor.dtype(), 1)) {
    std::vector<std::size_t> strides(perm.size());
    std::size_t stride = bytes_;
    for (std::size_t axis = perm.size(); axis-- > 0;) {
      strides[axis] = stride;
      stride *= static_cast<std::size_t>(tensor.dims()[axis]);
    }
    dims_.assign(perm.size() < 2 ? 2 - perm.size() : 0, 1);
    steps_.assign(dims_.size(), 0);
    for (const std::int64_t axis : perm) {
      dims_.push_back(static_cast<std::size_t>(tensor.dim(static_cast<int>(axis))));
      steps_.push_back(strides[static_cast<std::size_t>(axis)]);
    }
  }

  void run(const Tensor::PieceSink& sink) {
    if (!source_.empty()) walk(0, 0, sink);
  }

 private:
  void walk(std::size_t axis, std::size_t offset, const Tensor::PieceSink& sink) {
    if (axis + 2 == dims_.size()) {
      write_matrix(offset, sink);
      return;
    }
    for (std::size_t i = 0; i < dims_[axis]; ++i)
      walk(axis + 1, offset + i * steps_[axis], sink);
  }

  void write_matrix(std::size_t offset, const Tensor::PieceSink& sink) {
    const std::size_t row_step = steps_[steps_.size() - 2];
    const std::size_t rows = dims_[dims_.size() - 2];
    const std::size_t columns = dims_.back();
    const std::size_t panel = std::clamp<std::size_t>(kPanelBytes / (columns * bytes_), 1, rows);
    buffer_.resize(panel * columns * bytes_);
    for (std::size_t row = 0; row < rows; row += panel) {
      const std::size_t count = std::min(panel, rows - row);
      copy(source_.data() + offset + row * row_step, count, columns);
      sink(std::span(buffer_).first(count * columns * bytes_));
    }
  }

  void copy(const std::byte* source, std::size_t rows, std::size_t columns) {
    const auto copy_elements = bytes_ == 1   ? copy_panel<1>
                               : bytes_ == 2 ? copy_panel<2>
                               : bytes_ == 4 ? copy_panel<4>
                               : bytes_ == 8 ? copy_panel<8>
                                             : copy_panel<16>;
    copy_elements(source, buffer_.data(), rows, columns, steps_[steps_.size() - 2], steps_.back());
  }

  std::span<const std::byte> source_;
  std::size_t bytes_;               // of an element
  std::vector<std::size_t> dims_;   // of the result, at least two
  std::vector<std::size_t> steps_;  // in the source, by axis of the result
  std::vector<std::byte> buffer_;
};

bool is_permutation(std::vector<std::int64_t> perm, int rank) {
  std::vector<std::int64_t> in_order(static_cast<std::size_t>(rank));
  std::iota(in_order.begin(), in_order.end(), 0);
  std::sort(perm.begin(), perm.end());
  return perm == in_order;
}

}  // namespace

std::optional<Tensor> transposed(const Tensor& tensor, const std::vector<std::int64_t>& perm) {
  const DType dtype = tensor.dtype();
  if (dtype == DType::String || dtype_bits(dtype) % 8 != 0) return std::nullopt;
  if (!is_permutation(perm, tensor.rank())) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const std::int64_t axis : perm)
    dims.push_back(tensor.dim(static_cast<int>(axis)));
  if (!tensor.has_data()) return Tensor::weightless(dtype, std::move(dims));
  return Tensor::streamed(dtype, std::move(dims), [=](const Tensor::PieceSink& sink) {
    const Tensor whole = tensor.materialised();
    Transposition(whole, perm).run(sink);
  });
}

}  // namespace braid
