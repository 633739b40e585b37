#include "merge/rules/member_offsets.hpp"

namespace braid {

ValueId member_offsets(Emitter& emitter, int rank, std::optional<std::int64_t> known,
                       const std::function<ValueId()>& at_run_time) {
  std::vector<std::int64_t> offsets;
  for (int member = 0; member < emitter.members(); ++member)
    offsets.push_back(member * known.value_or(1));
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank) + 1, 1);
  dims[0] = emitter.members();
  const ValueId table = emitter.constant(Tensor::of<std::int64_t>(dims, offsets), "offsets");
  return known ? table : emitter.add("Mul", {table, at_run_time()});
}

}  // namespace braid
