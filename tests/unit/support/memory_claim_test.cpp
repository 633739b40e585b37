#include "support/memory_claim.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "braid/error.hpp"
#include "braid/limits.hpp"
#include "braid/tensor.hpp"

namespace braid {
namespace {

class MemoryClaims : public testing::Test {
 protected:
  MemoryClaims() {
    Limits small = limits();
    small.memory = std::uint64_t{64} << 20;  // more than all tensors that other tests keep
    set_limits(small);
  }
  ~MemoryClaims() override { set_limits(Limits()); }
};

ErrorKind kind_of_refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::Internal;
}

TEST_F(MemoryClaims, AreRefusedBeyondTheLimitAndGivenBack) {
  for (int round = 0; round < 3; ++round) {
    const MemoryClaim most(std::uint64_t{40} << 20);
    EXPECT_EQ(kind_of_refusal([] { MemoryClaim(std::uint64_t{40} << 20); }), ErrorKind::Device);
  }
  EXPECT_EQ(kind_of_refusal([] { MemoryClaim(~std::uint64_t{0}); }), ErrorKind::Device);
}

TEST_F(MemoryClaims, AreMadeForTensors) {
  const auto allocate = [](std::vector<std::int64_t> dims) {
    return [=] { Tensor::allocate(DType::Float32, dims); };
  };
  EXPECT_EQ(kind_of_refusal(allocate({1 << 10})), ErrorKind::Internal);  // there is room
  EXPECT_EQ(kind_of_refusal(allocate({1 << 15, 1 << 15})), ErrorKind::Device);
  EXPECT_EQ(kind_of_refusal(allocate({std::int64_t{1} << 40, std::int64_t{1} << 40})),
            ErrorKind::Device);
  EXPECT_EQ(kind_of_refusal(allocate({std::int64_t{1} << 62, 4, 0})), ErrorKind::Internal);
  EXPECT_EQ(kind_of_refusal(allocate({2, -1})), ErrorKind::BadInput);
}

}  // namespace
}  // namespace braid
