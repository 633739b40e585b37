#include "tests/unit/kernels/call_kernel.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace braid::reference {
namespace {

/// The product of two matrices, added up in long double.
std::vector<double> naive(const Tensor& a, const Tensor& b, std::int64_t m, std::int64_t n,
                          std::int64_t k) {
  const std::vector<double> x = to_doubles(a);
  const std::vector<double> y = to_doubles(b);
  std::vector<double> result;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      long double total = 0;
      for (std::int64_t p = 0; p < k; ++p) {
        total += static_cast<long double>(x[static_cast<std::size_t>(i * k + p)]) *
                 y[static_cast<std::size_t>(p * n + j)];
      }
      result.push_back(static_cast<double>(total));
    }
  }
  return result;
}

TEST(MatMul, AgreesWithPlainLoopsAroundTheBlockSizes) {
  for (const std::int64_t m : {1, 5, 6, 97}) {
    for (const std::int64_t n : {1, 15, 17, 193}) {
      for (const std::int64_t k : {1, 255, 257}) {
        SCOPED_TRACE(format_dims({m, n, k}));
        const Tensor a = noise({m, k});
        const Tensor b = noise({k, n}, DType::Float32, 2.0);
        expect_values(call("MatMul", {a, b}), {m, n}, naive(a, b, m, n, k), 1e-6);
      }
    }
  }
}

TEST(MatMul, EveryFloatType) {
  for (const DType dtype : {DType::Float64, DType::Float16, DType::BFloat16}) {
    const Tensor a = noise({7, 33}, dtype);
    const Tensor b = noise({33, 5}, dtype);
    const double tolerance = dtype == DType::Float64 ? 1e-13 : 1e-2;
    expect_values(call("MatMul", {a, b}), {7, 5}, naive(a, b, 7, 5, 33), tolerance);
  }
}

TEST(MatMul, BatchesVectorsAndEmptyOperands) {
  const Tensor matrix = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor vector = floats({3}, {1, 0, -1});
  expect_values(call("MatMul", {matrix, vector}), {2}, {-2, -2});
  expect_values(call("MatMul", {floats({2}, {1, 1}), matrix}), {3}, {5, 7, 9});
  expect_values(call("MatMul", {vector, vector}), {}, {2});
  const Tensor left = floats({2, 1, 1, 2}, {1, 2, 3, 4});
  const Tensor right = floats({3, 2, 1}, {1, 0, 0, 1, 1, 1});
  expect_values(call("MatMul", {left, right}), {2, 3, 1, 1}, {1, 2, 3, 3, 4, 7});
  expect_values(call("MatMul", {floats({2, 0}, {}), floats({0, 2}, {})}), {2, 2}, {0, 0, 0, 0});
  expect_values(call("MatMul", {floats({0, 3}, {}), floats({3, 2}, {1, 2, 3, 4, 5, 6})}), {0, 2},
                {});
  expect_fails("inner dimensions", "MatMul", {matrix, matrix});
  expect_fails("scalars", "MatMul", {floats({}, {1}), matrix});
  expect_fails("do not broadcast", "MatMul", {noise({2, 1, 1}), noise({3, 1, 1})});
}

TEST(MatMul, IntegersWrapAround) {
  const Tensor a = tensor(DType::Int32, {1, 2}, {65536, 3});
  const Tensor b = tensor(DType::Int32, {2, 1}, {65536, 5});
  expect_values(call("MatMul", {a, b}), {1, 1}, {15});
}

TEST(MatMul, AnElementDependsOnItsRowAndColumnOnly) {
  // Bit for bit: not on the other rows and columns, the batch, or the threads.
  const Tensor a = noise({3, 50, 700});
  const Tensor b = noise({3, 700, 60}, DType::Float32, 4.0);
  const Tensor all = call("MatMul", {a, b});
  for (std::int64_t member = 0; member < 3; ++member) {
    const auto part = [&](const Tensor& whole) { return call("Gather", {whole, scalar(member)}); };
    EXPECT_TRUE(same_content(part(all), call("MatMul", {part(a), part(b)})));
    const Tensor row = call("Gather", {part(a), list({49})});
    const Tensor column = call("Gather", {part(b), list({59})}, attrs({{"axis", 1}}));
    EXPECT_EQ(call("MatMul", {row, column}).data<float>()[0], part(all).data<float>()[50 * 60 - 1]);
  }
#ifdef _OPENMP
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  EXPECT_TRUE(same_content(all, call("MatMul", {a, b})));
  omp_set_num_threads(3);
  EXPECT_TRUE(same_content(all, call("MatMul", {a, b})));
  omp_set_num_threads(threads);
#endif
}

TEST(Gemm, TransposesScalesAndBroadcasts) {
  const Tensor a = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor at = floats({3, 2}, {1, 4, 2, 5, 3, 6});
  const Tensor b = floats({3, 2}, {1, 0, 0, 1, 1, 1});
  const Tensor bt = floats({2, 3}, {1, 0, 1, 0, 1, 1});
  expect_values(call("Gemm", {a, b}), {2, 2}, {4, 5, 10, 11});
  expect_values(call("Gemm", {at, bt}, attrs({{"transA", 1}, {"transB", 1}})), {2, 2},
                {4, 5, 10, 11});
  const Attributes scaled = attrs({{"alpha", 2.0F}, {"beta", 0.5F}});
  expect_values(call("Gemm", {a, b, floats({2}, {2, 4})}, scaled), {2, 2}, {9, 12, 21, 24});
  expect_values(call("Gemm", {a, b, floats({2, 1}, {2, 4})}, scaled), {2, 2}, {9, 11, 22, 24});
  expect_values(call("Gemm", {a, b, floats({}, {2})}, scaled), {2, 2}, {9, 11, 21, 23});
  expect_values(call("Gemm", {floats({2, 0}, {}), floats({0, 2}, {}), floats({2}, {1, 2})}), {2, 2},
                {1, 2, 1, 2});
  expect_fails("inner dimensions", "Gemm", {a, bt});
  expect_fails("broadcast", "Gemm", {a, b, floats({3}, {1, 2, 3})});
  expect_fails("matrices", "Gemm", {a, floats({3}, {1, 2, 3})});
}

TEST(Einsum, AgreesWithMatMulAndTranspose) {
  const Tensor a = noise({2, 5, 3, 4});
  const Tensor b = noise({2, 6, 3, 4}, DType::Float32, 3.0);
  const Tensor scores = call("Einsum", {a, b}, attrs({{"equation", "bmhd,bnhd->bhmn"}}));
  const Tensor left = call("Transpose", {a}, attrs({{"perm", Dims{0, 2, 1, 3}}}));
  const Tensor right = call("Transpose", {b}, attrs({{"perm", Dims{0, 2, 3, 1}}}));
  EXPECT_TRUE(same_content(scores, call("MatMul", {left, right})));
}

TEST(Einsum, Forms) {
  const auto einsum = [](const std::string& equation, const std::vector<Tensor>& operands) {
    return call("Einsum", operands, attrs({{"equation", equation}}));
  };
  const Tensor m = floats({2, 2}, {1, 2, 3, 4});
  expect_values(einsum("ij->ji", {m}), {2, 2}, {1, 3, 2, 4});
  expect_values(einsum("ba", {m}), {2, 2}, {1, 3, 2, 4});
  expect_values(einsum("ii->i", {m}), {2}, {1, 4});
  expect_values(einsum("ii", {m}), {}, {5});
  expect_values(einsum("ij->", {m}), {}, {10});
  expect_values(einsum("i, j -> ij", {floats({2}, {1, 2}), floats({2}, {3, 4})}), {2, 2},
                {3, 4, 6, 8});
  expect_values(einsum("ij,jk,k->i", {m, m, floats({2}, {1, 1})}), {2}, {17, 37});
  expect_values(einsum("...j,j->...", {floats({1, 2, 2}, {1, 2, 3, 4}), floats({2}, {1, 10})}),
                {1, 2}, {21, 43});
  expect_values(einsum("...a,...a->...", {floats({2, 1, 1}, {2, 3}), floats({2, 1}, {5, 7})}),
                {2, 2}, {10, 14, 15, 21});
  expect_values(einsum("ij,jk->ik", {ints({1, 2}, {1, 2}), ints({2, 1}, {3, 4})}), {1, 1}, {11});
  expect_values(einsum("ij,jk->ik", {floats({2, 0}, {}), floats({0, 1}, {})}), {2, 1}, {0, 0});
}

TEST(Einsum, RefusesWhatMakesNoSense) {
  const Tensor m = floats({2, 2}, {1, 2, 3, 4});
  const auto refuse = [&](const std::string& part, const std::string& equation, Tensor x) {
    expect_fails(part, "Einsum", {m, std::move(x)}, attrs({{"equation", equation}}));
  };
  refuse("too few terms", "ij->ij", m);
  refuse("too many terms", "ij,jk,kl->il", m);
  refuse("does not fit", "ij,jkl->il", m);
  refuse("invalid output", "ij,jk->iz", m);
  refuse("invalid output", "ij,jk->ii", m);
  refuse("character", "i1,jk->ik", m);
  refuse("is 2 and 3", "ij,jk->ik", floats({3, 1}, {1, 2, 3}));
  refuse("types", "ij,jk->ik", ints({2, 1}, {1, 2}));
}

}  // namespace
}  // namespace braid::reference
