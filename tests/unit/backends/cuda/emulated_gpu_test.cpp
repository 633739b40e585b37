#include "backends/cuda/emulated_gpu.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <span>

namespace braid {
namespace {

float float_at(const std::byte* address) {
  float value = 0;
  std::memcpy(&value, address, sizeof(float));
  return value;
}

TEST(EmulatedGpuTest, WorksWhenSomebodyWaitsAndNotBefore) {
  EmulatedGpu gpu({.name = "emulated"});
  const auto memory = gpu.allocate(sizeof(float));
  const auto stream = gpu.make_stream();
  const float one = 1.0F;
  stream->upload(memory.get(), std::as_bytes(std::span(&one, 1)).data(), sizeof(float));
  EXPECT_TRUE(std::isnan(float_at(memory.get())));
  stream->wait();
  EXPECT_EQ(float_at(memory.get()), 1.0F);
  EXPECT_EQ(gpu.traffic().uploaded, sizeof(float));
}

TEST(EmulatedGpuTest, RecordsWhileItCaptures) {
  EmulatedGpu gpu({.name = "emulated"});
  const auto memory = gpu.allocate(sizeof(float));
  const auto stream = gpu.make_stream();
  stream->begin_capture();
  stream->clear(memory.get(), sizeof(float));
  const auto graph = stream->end_capture();
  stream->wait();
  EXPECT_TRUE(std::isnan(float_at(memory.get())));
  stream->replay(*graph);
  stream->wait();
  EXPECT_EQ(float_at(memory.get()), 0.0F);
  EXPECT_EQ(gpu.traffic().replays, 1U);
}

TEST(EmulatedGpuTest, CountsMemoryThatIsAlive) {
  EmulatedGpu gpu({.name = "emulated"});
  {
    const auto memory = gpu.allocate(100);
    EXPECT_EQ(gpu.traffic().allocated, 100U);
  }
  EXPECT_EQ(gpu.traffic().allocated, 0U);
}

}  // namespace
}  // namespace braid
