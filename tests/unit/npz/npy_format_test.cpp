#include "npz/npy_format.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "braid/error.hpp"

namespace braid {
namespace {

// A .npy file of version 1 with this dictionary and data.
std::string file_of(const std::string& dict, const std::string& data) {
  std::string file = "\x93NUMPY";
  file += '\x01';
  file += '\0';
  file += static_cast<char>(dict.size() & 0xFF);
  file += static_cast<char>(dict.size() >> 8);
  return file + dict + data;
}

Tensor parse(const std::string& file) {
  const auto owner = std::make_shared<std::string>(file);
  return parse_npy(std::as_bytes(std::span(*owner)), owner, "file");
}

std::string message_of(const std::string& file) {
  try {
    parse(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

std::string dict(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + "}\n";
}

TEST(NpyFormatTest, ReadsEveryTypeThatItWrites) {
  for (const DType dtype : {DType::Bool, DType::Int8, DType::UInt8, DType::Int16, DType::UInt16,
                            DType::Int32, DType::UInt32, DType::Int64, DType::UInt64,
                            DType::Float16, DType::Float32, DType::Float64}) {
    for (const std::vector<std::int64_t>& dims :
         {std::vector<std::int64_t>{}, {0}, {3}, {2, 1, 3}, std::vector<std::int64_t>(40, 1)}) {
      Tensor tensor = Tensor::allocate(dtype, dims);
      if (tensor.bytes() > 0) tensor.mutable_raw()[0] = std::byte{1};
      const std::string header = npy_header(dtype, dims, "file");
      EXPECT_EQ(header.size() % 64, 0U);
      const std::string data(reinterpret_cast<const char*>(tensor.raw().data()), tensor.bytes());
      EXPECT_TRUE(same_content(parse(header + data), tensor)) << describe(tensor);
    }
  }
}

TEST(NpyFormatTest, TurnsFortranOrder) {
  const Tensor tensor = parse(file_of(dict("|u1", "True", "(2, 3)"), "adbecf"));
  EXPECT_EQ(std::memcmp(tensor.raw().data(), "abcdef", 6), 0);
}

TEST(NpyFormatTest, CopiesWhatIsNotAligned) {
  const Tensor tensor = parse(file_of(dict("<i4", "False", "(1,)") + " ", std::string(4, '\1')));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.raw().data()) % alignof(std::int32_t), 0U);
  EXPECT_EQ(tensor.data<std::int32_t>()[0], 0x01010101);
}

TEST(NpyFormatTest, BringsBoolsToZeroAndOne) {
  const Tensor tensor = parse(file_of(dict("|b1", "False", "(2,)"), std::string("\x05\0", 2)));
  EXPECT_EQ(tensor.raw()[0], std::byte{1});
  EXPECT_EQ(tensor.raw()[1], std::byte{0});
}

TEST(NpyFormatTest, SaysWhyItRefuses) {
  EXPECT_NE(message_of(file_of(dict(">f4", "False", "(1,)"), "1234")).find("'>f4' is big-endian"),
            std::string::npos);
  EXPECT_NE(message_of(file_of(dict("<U4", "False", "(1,)"), "1234")).find("not supported"),
            std::string::npos);
  EXPECT_NE(message_of("not NumPy").find("is no .npy file"), std::string::npos);
}

TEST(NpyFormatTest, RefusesFalseClaims) {
  EXPECT_NE(message_of(file_of(dict("<f4", "False", "(2,)"), "1234")).find("says 8"),
            std::string::npos);
  EXPECT_NE(message_of(file_of(dict("<f4", "False", "(1,)"), "12345")).find("holds 5"),
            std::string::npos);
  const std::string huge = "(4611686018427387904, 4611686018427387904, 4)";
  EXPECT_NE(message_of(file_of(dict("<f8", "False", huge), "")).find("overflows"),
            std::string::npos);
  EXPECT_NE(message_of(file_of(dict("<f8", "False", "(0, 9223372036854775807)"), "1")), "");
}

TEST(NpyFormatTest, SurvivesEveryTruncation) {
  const std::string file = file_of(dict("<f4", "False", "(1,)"), "1234");
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_THROW(parse(file.substr(0, length)), Error) << length;
  }
}

TEST(NpyFormatTest, RefusesTypesThatNumPyLacks) {
  EXPECT_THROW(npy_header(DType::Float8E5M2, {1}, "file"), Error);
  EXPECT_THROW(npy_header(DType::String, {1}, "file"), Error);
}

}  // namespace
}  // namespace braid
