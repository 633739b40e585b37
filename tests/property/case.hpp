#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "braid/merge.hpp"

namespace braid::property {

/// Cases run at batch sizes 1 to this.
inline constexpr int kLargestBatch = 3;

/// Values that an input or weight is drawn from: [low, high), whole numbers for integers.
struct Range {
  double low = -1;
  double high = 1;
};

/// A constant that members may have different values of.
struct Weight {
  std::string name;  ///< of the constant in Case::model
  Range range;
  std::uint64_t seed = 0;     ///< of its values, together with the share class
  std::vector<int> class_of;  ///< by member
};

/// Ways in which one member is written down differently from the next.
struct Disguise {
  bool reorders_nodes = false;
  bool reorders_inputs = false;
  bool inserts_identities = false;
  bool uses_constant_nodes = false;
};

/// One random test: an architecture, how its members share weights, and how they are merged.
struct Case {
  std::uint64_t seed = 0;
  Model model;                          ///< the architecture; data of weights do not matter
  std::map<std::string, Range> ranges;  ///< of all values, from a sample
  std::vector<Weight> weights;
  int members = 2;
  Disguise disguise;
  bool merges_always = true;
};

/// A member, and the names of its inputs and outputs by position in the architecture.
struct CaseMember {
  Member member;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

/// The members that a case describes; equal cases give equal members.
std::vector<CaseMember> make_members(const Case& test);

/// Values of a range, of float, integer or bool types.
Tensor draw_tensor(DType dtype, std::vector<std::int64_t> dims, Range range, std::uint64_t seed);

/// Sizes of the symbolic dims at a batch size.
std::int64_t size_of(const Dim& dim, std::int64_t batch);

/// Inputs of the architecture for one member.
std::vector<Tensor> draw_inputs(const Case& test, int member, std::int64_t batch);

/// Drops nodes, inputs, constants and weights that no output needs.
void drop_unused(Case& test);

/// Architecture, members and share classes as text.
std::string describe(const Case& test);

}  // namespace braid::property
