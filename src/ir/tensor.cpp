#include "braid/tensor.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "braid/error.hpp"
#include "support/assert.hpp"
#include "support/mapped_file.hpp"
#include "support/memory_claim.hpp"

namespace braid {

struct Tensor::Storage {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;             // of borrowed bytes
  MemoryClaim claim;                             // of allocated bytes
  std::vector<std::byte> owned;                  // those bytes
  std::vector<std::string> strings;              // string tensors only
  std::vector<Tensor> parts;                     // concatenations only
  int axis = 0;                                  // of a concatenation, in the dims of the parts
  std::function<void(const PieceSink&)> source;  // streams only
};

Tensor Tensor::weightless(DType dtype, std::vector<std::int64_t> dims) {
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.dims_ = std::move(dims);
  return tensor;
}

Tensor Tensor::allocate(DType dtype, std::vector<std::int64_t> dims) {
  Tensor tensor = weightless(dtype, std::move(dims));
  if (std::ranges::any_of(tensor.dims_, [](std::int64_t dim) { return dim < 0; }))
    throw Error(ErrorKind::BadInput, "a tensor would have a negative size");
  tensor.storage_ = std::make_shared<Storage>();
  if (dtype == DType::String) {
    tensor.storage_->claim =
        MemoryClaim(sizeof(std::string) * static_cast<std::size_t>(tensor.size()));
    tensor.storage_->strings.resize(static_cast<std::size_t>(tensor.size()));
    return tensor;
  }
  tensor.storage_->claim = MemoryClaim(tensor.bytes());
  tensor.storage_->owned.resize(tensor.bytes());
  tensor.storage_->bytes = tensor.storage_->owned;
  return tensor;
}

Tensor Tensor::borrow(DType dtype, std::vector<std::int64_t> dims, std::span<const std::byte> bytes,
                      std::shared_ptr<const void> owner) {
  Tensor tensor = weightless(dtype, std::move(dims));
  BRAID_ASSERT(bytes.size() == tensor.bytes(), "borrowed bytes must fit type and dims");
  tensor.storage_ = std::make_shared<Storage>();
  tensor.storage_->bytes = bytes;
  tensor.storage_->owner = std::move(owner);
  return tensor;
}

Tensor Tensor::strings(std::vector<std::int64_t> dims, std::vector<std::string> values) {
  Tensor tensor = weightless(DType::String, std::move(dims));
  BRAID_ASSERT(values.size() == static_cast<std::size_t>(tensor.size()), "strings must fit dims");
  tensor.storage_ = std::make_shared<Storage>();
  tensor.storage_->strings = std::move(values);
  return tensor;
}

std::pair<std::vector<Tensor>, int> Tensor::parts() const {
  if (storage_ == nullptr || storage_->parts.empty()) return {{*this}, 0};
  const auto at = static_cast<std::size_t>(storage_->axis);
  std::vector<std::int64_t> dims = storage_->parts[0].dims_;
  if (dims.size() != dims_.size()) return {{*this}, 0};
  dims[at] = 0;
  for (const Tensor& part : storage_->parts)
    dims[at] += part.dims_[at];
  if (dims != dims_) return {{*this}, 0};
  return {storage_->parts, storage_->axis};
}

Tensor Tensor::concatenation(std::vector<Tensor> parts, int axis) {
  BRAID_ASSERT(!parts.empty(), "a concatenation has parts");
  Tensor tensor = weightless(parts[0].dtype_, parts[0].dims_);
  const auto at = static_cast<std::size_t>(axis);
  tensor.dims_[at] = 0;
  for (const Tensor& part : parts)
    tensor.dims_[at] += part.dims_[at];
  if (!parts[0].has_data()) return tensor;
  tensor.storage_ = std::make_shared<Storage>();
  if (tensor.dtype_ == DType::String) {
    BRAID_ASSERT(axis == 0, "strings are concatenated along their first axis");
    for (const Tensor& part : parts) {
      const auto& values = part.string_values();
      auto& all = tensor.storage_->strings;
      all.insert(all.end(), values.begin(), values.end());
    }
    return tensor;
  }
  tensor.storage_->parts = std::move(parts);
  tensor.storage_->axis = axis;
  return tensor;
}

Tensor Tensor::streamed(DType dtype, std::vector<std::int64_t> dims,
                        std::function<void(const PieceSink&)> source) {
  BRAID_ASSERT(dtype != DType::String, "strings are not streamed");
  Tensor tensor = weightless(dtype, std::move(dims));
  tensor.storage_ = std::make_shared<Storage>();
  tensor.storage_->source = std::move(source);
  return tensor;
}

std::int64_t Tensor::size() const {
  constexpr std::int64_t kMost = std::int64_t{1} << 58;
  if (std::ranges::find(dims_, 0) != dims_.end()) return 0;
  std::int64_t size = 1;
  for (const std::int64_t dim : dims_) {
    if (__builtin_mul_overflow(size, dim, &size) || size > kMost) return kMost;
  }
  return size;
}

bool Tensor::is_contiguous() const {
  return storage_ && storage_->parts.empty() && !storage_->source && dtype_ != DType::String;
}

std::span<const std::byte> Tensor::raw() const {
  BRAID_ASSERT(is_contiguous(), "raw() needs a contiguous tensor with data");
  return storage_->bytes;
}

std::span<std::byte> Tensor::mutable_raw() {
  BRAID_ASSERT(storage_ && storage_->owned.size() == bytes(),
               "only allocated tensors are writable");
  return storage_->owned;
}

const std::vector<std::string>& Tensor::string_values() const {
  BRAID_ASSERT(storage_ && dtype_ == DType::String, "string_values() needs strings");
  return storage_->strings;
}

void Tensor::for_each_piece(const PieceSink& sink) const {
  BRAID_ASSERT(storage_ && dtype_ != DType::String, "pieces exist of data other than strings");
  if (storage_->source) {
    storage_->source(sink);
    return;
  }
  if (storage_->parts.empty()) {
    sink(storage_->bytes);
    return;
  }
  std::int64_t outer = 1;
  for (int i = 0; i < storage_->axis; ++i)
    outer *= storage_->parts[0].dim(i);
  if (outer == 1) {
    for (const Tensor& part : storage_->parts)
      part.for_each_piece(sink);
    return;
  }
  std::vector<Tensor> parts;
  for (const Tensor& part : storage_->parts)
    parts.push_back(part.materialised());
  for (std::int64_t i = 0; i < outer; ++i) {
    for (const Tensor& part : parts) {
      const std::size_t block = part.bytes() / static_cast<std::size_t>(outer);
      sink(part.raw().subspan(static_cast<std::size_t>(i) * block, block));
    }
  }
}

void Tensor::for_each_part(
    const std::function<void(const Tensor& part, const Place&)>& visit) const {
  if (storage_ == nullptr || storage_->parts.empty()) {
    visit(*this, {0, bytes(), bytes()});
    return;
  }
  std::uint64_t outer = 1;
  for (int i = 0; i < storage_->axis; ++i)
    outer *= static_cast<std::uint64_t>(storage_->parts[0].dim(i));
  std::uint64_t offset = 0;
  for (const Tensor& part : storage_->parts) {
    if (outer == 1) {
      part.for_each_part([&](const Tensor& inner, const Place& place) {
        visit(inner, {offset + place.offset, place.block, place.stride});
      });
      offset += part.bytes();
    } else if (outer != 0) {
      const std::uint64_t block = part.bytes() / outer;
      visit(part, {offset, block, bytes() / outer});
      offset += block;
    }
  }
}

Tensor Tensor::reshaped(std::vector<std::int64_t> dims) const {
  Tensor tensor = *this;
  tensor.dims_ = std::move(dims);
  BRAID_ASSERT(tensor.size() == size(), "reshaped() keeps the number of elements");
  return tensor;
}

Tensor Tensor::materialised() const {
  if (!storage_ || is_contiguous() || dtype_ == DType::String) return *this;
  Tensor tensor = allocate(dtype_, dims_);
  std::byte* target = tensor.mutable_raw().data();
  for_each_piece([&](std::span<const std::byte> piece) {
    target = std::copy(piece.begin(), piece.end(), target);
  });
  return tensor;
}

namespace {

// Of one size; both may be long.
bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  bool is_same = true;
  std::size_t at = 0;
  read_through(a, [&](std::span<const std::byte> window) {
    read_through(b.subspan(at, window.size()), [&](std::span<const std::byte> other) {
      is_same = is_same && std::equal(other.begin(), other.end(), a.data() + at);
      at += other.size();
    });
  });
  return is_same;
}

}  // namespace

bool same_content(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.dims() != b.dims() || a.has_data() != b.has_data()) return false;
  if (!a.has_data()) return true;
  if (a.dtype() == DType::String) return a.string_values() == b.string_values();
  // One side is held in memory, the other passes by.
  const Tensor whole = (a.is_contiguous() ? a : b).materialised();
  const Tensor& other = a.is_contiguous() ? b : a;
  if (other.is_contiguous() && other.raw().data() == whole.raw().data()) return true;
  std::span<const std::byte> rest = whole.raw();
  bool is_same = true;
  other.for_each_piece([&](std::span<const std::byte> piece) {
    is_same = is_same && same_bytes(piece, rest.first(piece.size()));
    rest = rest.subspan(piece.size());
  });
  return is_same;
}

namespace {

// Copies, for a mapped file's data may start at any byte.
template <class T>
std::vector<std::int64_t> copy_int64s(const Tensor& tensor) {
  std::vector<T> values(static_cast<std::size_t>(tensor.size()));
  if (!values.empty()) std::memcpy(values.data(), tensor.raw().data(), tensor.bytes());
  return {values.begin(), values.end()};
}

}  // namespace

std::vector<std::int64_t> to_int64s(const Tensor& tensor) {
  const Tensor whole = tensor.materialised();
  if (whole.dtype() == DType::Int64) return copy_int64s<std::int64_t>(whole);
  BRAID_ASSERT(whole.dtype() == DType::Int32, "to_int64s() needs an int32 or int64 tensor");
  return copy_int64s<std::int32_t>(whole);
}

std::string describe(const Tensor& tensor) {
  Shape shape;
  for (const std::int64_t dim : tensor.dims())
    shape.push_back(Dim::known(dim));
  return to_string(Type::tensor(tensor.dtype(), std::move(shape)));
}

namespace {

template <class T>
constexpr DType kDTypeOf = DType::Undefined;
template <>
constexpr DType kDTypeOf<float> = DType::Float32;
template <>
constexpr DType kDTypeOf<double> = DType::Float64;
template <>
constexpr DType kDTypeOf<std::int32_t> = DType::Int32;
template <>
constexpr DType kDTypeOf<std::int64_t> = DType::Int64;

}  // namespace

template <class T>
// NOLINTNEXTLINE(performance-unnecessary-value-param): dims are moved on
Tensor Tensor::of(std::vector<std::int64_t> dims, const std::vector<T>& values) {
  Tensor tensor = allocate(kDTypeOf<T>, std::move(dims));
  BRAID_ASSERT(tensor.size() == static_cast<std::int64_t>(values.size()), "values must fit dims");
  if (!values.empty()) std::memcpy(tensor.mutable_raw().data(), values.data(), tensor.bytes());
  return tensor;
}

template Tensor Tensor::of(std::vector<std::int64_t>, const std::vector<float>&);
template Tensor Tensor::of(std::vector<std::int64_t>, const std::vector<double>&);
template Tensor Tensor::of(std::vector<std::int64_t>, const std::vector<std::int32_t>&);
template Tensor Tensor::of(std::vector<std::int64_t>, const std::vector<std::int64_t>&);

}  // namespace braid
