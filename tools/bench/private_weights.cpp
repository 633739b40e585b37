#include "tools/bench/private_weights.hpp"

#include <algorithm>

namespace {

using braid::Tensor;

// Smaller constants may be part of the architecture, such as the factors of a Resize.
bool is_matrix(const Tensor& tensor) {
  return tensor.has_data() && tensor.rank() >= 2 && tensor.bytes() > 0 &&
         braid::is_float(tensor.dtype());
}

Tensor changed(const Tensor& tensor, std::size_t member) {
  Tensor copy = Tensor::allocate(tensor.dtype(), tensor.dims());
  auto to = copy.mutable_raw().begin();
  tensor.for_each_piece([&](auto piece) { to = std::copy(piece.begin(), piece.end(), to); });
  copy.mutable_raw()[0] ^= static_cast<std::byte>(member);
  return copy;
}

}  // namespace

bool share_weights(const std::vector<braid::Member>& members) {
  constexpr double kLittle = 0.05;  // equal biases, and constants of the architecture
  const std::vector<braid::Group> groups = braid::compare_members(members).groups;
  return std::any_of(groups.begin(), groups.end(), [](const braid::Group& group) {
    const braid::Sharing& sharing = group.sharing;
    return static_cast<double>(sharing.unique_bytes) <
           (1 - kLittle) * static_cast<double>(sharing.total_bytes);
  });
}

std::vector<braid::Member> with_private_weights(std::vector<braid::Member> members) {
  for (std::size_t m = 0; m < members.size(); ++m) {
    for (braid::Value& value : members[m].model.graph.values) {
      if (is_matrix(value.constant)) value.constant = changed(value.constant, m);
    }
  }
  return members;
}
