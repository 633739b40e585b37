#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/tensor.hpp"

namespace braid {

/// What a model takes and yields when it runs: a tensor, a sequence, or an optional, which is empty
/// or holds one of these. Copying shares the storage.
class Datum {
 public:
  enum class Kind {
    Absent,  ///< nothing at all, as an operand that is left out
    Tensor,
    Sequence,
    Optional,
  };

  Datum() = default;

  /// Absent if the tensor is default-constructed.
  Datum(Tensor tensor);

  static Datum sequence(std::vector<Datum> elements);
  static Datum optional(Datum content);
  static Datum empty_optional();

  Kind kind() const { return kind_; }
  bool is_tensor() const { return kind_ == Kind::Tensor; }

  /// False if absent.
  explicit operator bool() const { return kind_ != Kind::Absent; }

  /// Default-constructed if absent. Throws Error (BadInput) if this is no tensor.
  const Tensor& tensor() const;

  /// Of a sequence; an optional has one or none. Throws Error (BadInput) for others.
  const std::vector<Datum>& elements() const;

 private:
  Datum(Kind kind, std::vector<Datum> elements);

  Kind kind_ = Kind::Absent;
  Tensor tensor_;
  std::shared_ptr<const std::vector<Datum>> elements_;
};

/// "float[8,768]", "sequence of 3", "optional(float[2])"
std::string describe(const Datum& datum);

/// The same with `change` applied to each tensor in it.
Datum map_tensors(const Datum& datum, const std::function<Tensor(const Tensor&)>& change);

std::vector<Datum> to_data(std::span<const Tensor> tensors);

/// Throws Error (BadInput) if one is no tensor.
std::vector<Tensor> to_tensors(std::span<const Datum> data);

}  // namespace braid
