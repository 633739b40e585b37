#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "braid/tensor.hpp"
#include "ir/round_floats.hpp"

namespace braid {

/// Constants as kernels want them, each made once for all Programs of a model and of its subgraphs.
/// A packed form lives as long as a Program that reads it. What has been packed leaves memory if it
/// lies in a mapped file. Safe to use from several threads.
class PackedWeights {
 public:
  using Bytes = std::shared_ptr<const std::byte>;

  enum class Mode {
    Pack,
    Ask,  ///< nothing is packed, for kernels that are bound to see whether there are any
  };
  explicit PackedWeights(Mode mode = Mode::Pack) : mode_(mode) {}

  bool is_asking() const { return mode_ == Mode::Ask; }

  /// The packed form of `weight` called `format`: `bytes` bytes, aligned to 64, which `pack` writes
  /// if they are not there yet. Null in Mode::Ask.
  Bytes get(const Tensor& weight, const std::string& format, std::size_t bytes,
            const std::function<void(std::byte*)>& pack);

  /// The same where `make` yields the bytes, wherever they lie, such as in a device's memory.
  Bytes keep(const Tensor& weight, const std::string& format, std::size_t bytes,
             const std::function<Bytes()>& make);

  /// The weight with its bytes in memory, aligned for its elements: itself if they are there.
  Tensor plain(const Tensor& weight);

  /// A Float32 weight in a type of 16 bits, converted when its bytes are asked for, and the same
  /// tensor each time, so that what is packed of it is found. `name` is for warnings().
  Tensor rounded(const Tensor& weight, DType to, const std::string& name);

  /// A sentence for each weight of which rounded() could not keep all numbers, as far as its bytes
  /// have been asked for. One number below all others is the minus infinity of a mask, and no loss.
  std::vector<std::string> warnings() const;

  /// Of all packed forms that are alive.
  std::size_t bytes() const;

  /// Forgets the forms that no Program reads any more.
  void forget_unread();

 private:
  struct Entry {
    Tensor weight;  ///< keeps its identity from being used again
    std::weak_ptr<const std::byte> packed;
    std::size_t bytes = 0;
  };

  struct Rounded {
    Tensor weight;  ///< keeps its identity from being used again
    Tensor tensor;
    std::string name;
    std::shared_ptr<Overflow> overflow;
  };

  bool is_packed(const Tensor& weight) const;
  void release_pages(std::size_t read);

  const Mode mode_;
  mutable std::mutex mutex_;
  std::map<std::pair<const void*, std::string>, Entry> entries_;
  std::map<std::pair<const void*, DType>, Rounded> rounded_;
  std::size_t read_ = 0;  // bytes of weights since pages were released
};

}  // namespace braid
