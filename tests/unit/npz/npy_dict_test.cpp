#include "npz/npy_dict.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace braid {
namespace {

TEST(NpyDictTest, ReadsWhatNumPyWrites) {
  const NpyDict dict =
      parse_npy_dict("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }        \n");
  EXPECT_EQ(dict.descr, "<f4");
  EXPECT_FALSE(dict.is_fortran_order);
  EXPECT_EQ(dict.shape, (std::vector<std::int64_t>{2, 3}));
}

TEST(NpyDictTest, ReadsOtherSpellings) {
  const NpyDict dict = parse_npy_dict("{\"shape\":(3L,),\"fortran_order\":True,\"descr\":\"|b1\"}");
  EXPECT_EQ(dict.descr, "|b1");
  EXPECT_TRUE(dict.is_fortran_order);
  EXPECT_EQ(dict.shape, std::vector<std::int64_t>{3});
  EXPECT_TRUE(
      parse_npy_dict("{'descr': '<f4', 'fortran_order': False, 'shape': ()}").shape.empty());
}

TEST(NpyDictTest, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "{",
           "{}",
           "{'descr'",
           "{'descr': '<f4",
           "{'descr': '<f4', 'fortran_order': False}",
           "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (1,",
           "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
           "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
           "{'descr': '<f4', 'fortran_order': False, 'shape': ()} more",
           "{'other': '<f4', 'fortran_order': False, 'shape': ()}",
       }) {
    EXPECT_THROW(parse_npy_dict(text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace braid
