#include "braid/npz.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <sstream>

#include "braid/error.hpp"

namespace braid {
namespace {

class NpzTest : public testing::Test {
 protected:
  NpzTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "braid-npz-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~NpzTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  std::filesystem::path folder_;
};

NamedTensors some_tensors() {
  return {{"m0/x", Tensor::of<float>({2, 2}, {1, 2, 3, 4})},
          {"y", Tensor::of<std::int64_t>({}, {7})},
          {"empty", Tensor::allocate(DType::Bool, {0, 3})}};
}

TEST_F(NpzTest, ReadsWhatItWrites) {
  save_npz(folder_ / "a.npz", some_tensors(), false);
  const NamedTensors tensors = load_npz(folder_ / "a.npz");
  const NamedTensors expected = some_tensors();
  ASSERT_EQ(tensors.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(tensors[i].first, expected[i].first);
    EXPECT_TRUE(same_content(tensors[i].second, expected[i].second));
  }
}

TEST_F(NpzTest, WritesEqualBytesForEqualTensors) {
  save_npz(folder_ / "a.npz", some_tensors(), false);
  save_npz(folder_ / "b.npz", some_tensors(), false);
  EXPECT_EQ(read(folder_ / "a.npz"), read(folder_ / "b.npz"));
}

TEST_F(NpzTest, WritesBfloat16AsFloat32AndJoinsConcatenations) {
  Tensor narrow = Tensor::allocate(DType::BFloat16, {1});
  narrow.mutable_data<std::uint16_t>()[0] = 0x3FC0;  // 1.5
  save_npz(folder_ / "a.npz", {{"x", Tensor::concatenation({narrow, narrow}, 0)}}, false);
  const Tensor wide = load_npz(folder_ / "a.npz")[0].second;
  ASSERT_EQ(describe(wide), "float[2]");
  EXPECT_EQ(wide.data<float>()[1], 1.5F);
}

TEST_F(NpzTest, RefusesToReplaceAndLeavesNothingBehind) {
  save_npz(folder_ / "a.npz", some_tensors(), false);
  EXPECT_THROW(save_npz(folder_ / "a.npz", some_tensors(), false), Error);
  EXPECT_THROW(save_npz(folder_ / "b.npz", {{"s", Tensor::strings({1}, {"a"})}}, false), Error);
  EXPECT_THROW(save_npz(folder_ / "b.npz", {}, false), Error);
  const Tensor twice = Tensor::of<float>({1}, {1});
  EXPECT_THROW(save_npz(folder_ / "b.npz", {{"x", twice}, {"x", twice}}, false), Error);
  const std::filesystem::directory_iterator files(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(NpzTest, RefusesFilesThatAreNoArchives) {
  EXPECT_THROW(load_npz(folder_ / "missing.npz"), Error);
  write(folder_ / "a.npz", "no archive");
  EXPECT_THROW(load_npz(folder_ / "a.npz"), Error);
  write(folder_ / "a.npz", "");
  EXPECT_THROW(load_npz(folder_ / "a.npz"), Error);
}

TEST_F(NpzTest, SurvivesEveryTruncationAndDamagedByte) {
  save_npz(folder_ / "a.npz", some_tensors(), false);
  const std::string whole = read(folder_ / "a.npz");
  const auto try_to_read = [&](const std::string& text) {
    write(folder_ / "b.npz", text);
    try {
      load_npz(folder_ / "b.npz");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    }
  };
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    try_to_read(whole.substr(0, length));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    try_to_read(damaged);
  }
}

TEST_F(NpzTest, FindsDamagedData) {
  save_npz(folder_ / "a.npz", {{"x", Tensor::of<float>({1}, {1.5F})}}, false);
  std::string text = read(folder_ / "a.npz");
  const float value = 1.5F;
  const std::size_t at = text.find(std::string(reinterpret_cast<const char*>(&value), 4));
  ASSERT_NE(at, std::string::npos);
  text[at] ^= 1;
  write(folder_ / "a.npz", text);
  EXPECT_THROW(load_npz(folder_ / "a.npz"), Error);
}

TEST_F(NpzTest, ReadsOneArray) {
  save_npz(folder_ / "a.npz", {{"x", Tensor::of<float>({1}, {1.5F})}}, false);
  const std::string text = read(folder_ / "a.npz");
  const std::size_t start = text.find("\x93NUMPY");
  const std::size_t header = 128;
  write(folder_ / "x.npy", text.substr(start, header + sizeof(float)));
  EXPECT_EQ(load_npy(folder_ / "x.npy").data<float>()[0], 1.5F);
  EXPECT_THROW(load_npy(folder_ / "missing.npy"), Error);
}

}  // namespace
}  // namespace braid
