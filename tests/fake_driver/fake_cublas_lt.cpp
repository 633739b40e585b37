// cuBLASLt for tests: the functions that Braid calls, in plain loops, over the streams of the fake
// driver. Matrices are as cublasLt.h has them, columns adjacent; what the real library refuses is
// refused.

#include <Eigen/Core>
#include <algorithm>
#include <cstring>
#include <map>

#include "backends/cuda/driver/cublas_lt_api.hpp"
#include "tests/fake_driver/fake_stream.hpp"

namespace braid::cublas_lt {

using Attributes = std::map<int, std::int64_t>;

struct HandleData {};
struct DescriptionData {
  Attributes attributes = {{kEpilogue, kPlainEpilogue}};
};
struct LayoutData {
  int type = kFloat;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t pitch = 0;
  Attributes attributes = {{kBatchCount, 1}};
};
struct PreferenceData {
  Attributes attributes;
};

namespace {

constexpr Status kInvalidValue = 7;
constexpr Status kNotSupported = 15;
constexpr std::size_t kWorkspaceBytes = 1000;  // that each product asks for, and writes

Status set(Attributes& attributes, int attribute, const void* value, std::size_t bytes) {
  std::int64_t wide = 0;
  if (bytes > sizeof(wide)) return kInvalidValue;
  std::memcpy(&wide, value, bytes);
  attributes[attribute] = wide;
  return kSuccess;
}

float read(const void* data, std::int64_t i, int type) {
  if (type == kHalf) return static_cast<float>(static_cast<const Eigen::half*>(data)[i]);
  if (type == kBFloat16) return static_cast<float>(static_cast<const Eigen::bfloat16*>(data)[i]);
  return static_cast<const float*>(data)[i];
}

void write(void* data, std::int64_t i, int type, float value) {
  if (type == kHalf)
    static_cast<Eigen::half*>(data)[i] = static_cast<Eigen::half>(value);
  else if (type == kBFloat16)
    static_cast<Eigen::bfloat16*>(data)[i] = static_cast<Eigen::bfloat16>(value);
  else
    static_cast<float*>(data)[i] = value;
}

std::int64_t attribute_of(const Attributes& attributes, int attribute) {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? 0 : found->second;
}

// Where the element of a matrix of a batch is that op(matrix) has at a row and a column.
std::int64_t place(const LayoutData& layout, bool is_transposed, std::int64_t batch,
                   std::int64_t row, std::int64_t column) {
  if (is_transposed) std::swap(row, column);
  return batch * attribute_of(layout.attributes, kBatchStride) + column * layout.pitch + row;
}

// All that one call needs, copied: descriptions may be destroyed before it is done.
struct Call {
  DescriptionData description;
  LayoutData a_layout, b_layout, c_layout, d_layout;
  const void* a;
  const void* b;
  const void* c;
  void* d;
  float alpha, beta;
  std::byte* workspace;

  bool has(int attribute) const { return attribute_of(description.attributes, attribute) != 0; }

  bool fits() const {
    const std::int64_t depth = has(kTransposeA) ? a_layout.rows : a_layout.columns;
    const std::int64_t other = has(kTransposeB) ? b_layout.columns : b_layout.rows;
    const std::int64_t rows = has(kTransposeA) ? a_layout.columns : a_layout.rows;
    const std::int64_t columns = has(kTransposeB) ? b_layout.rows : b_layout.columns;
    return depth == other && rows == d_layout.rows && columns == d_layout.columns &&
           std::ranges::all_of(std::initializer_list<LayoutData>{a_layout, b_layout, d_layout},
                               [](const LayoutData& each) { return each.pitch >= each.rows; });
  }

  float result_at(std::int64_t batch, std::int64_t row, std::int64_t column) const {
    const std::int64_t depth = has(kTransposeA) ? a_layout.rows : a_layout.columns;
    float sum = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      sum += read(a, place(a_layout, has(kTransposeA), batch, row, k), a_layout.type) *
             read(b, place(b_layout, has(kTransposeB), batch, k, column), b_layout.type);
    }
    sum *= alpha;
    if (beta != 0) sum += beta * read(c, place(c_layout, false, batch, row, column), c_layout.type);
    const std::int64_t epilogue = attribute_of(description.attributes, kEpilogue);
    if ((epilogue & kBias) != 0) {
      const auto* const bias = reinterpret_cast<const void*>(  // NOLINT(performance-no-int-to-ptr)
          attribute_of(description.attributes, kBiasPointer));
      const std::int64_t stride = attribute_of(description.attributes, kBiasBatchStride);
      sum += read(bias, batch * stride + row, d_layout.type);
    }
    return (epilogue & kRelu) != 0 ? std::max(sum, 0.0F) : sum;
  }

  void run() const {
    std::fill(workspace, workspace + kWorkspaceBytes, std::byte{0xFF});
    for (std::int64_t batch = 0; batch < attribute_of(d_layout.attributes, kBatchCount); ++batch)
      for (std::int64_t column = 0; column < d_layout.columns; ++column)
        for (std::int64_t row = 0; row < d_layout.rows; ++row)
          write(d, place(d_layout, false, batch, row, column), d_layout.type,
                result_at(batch, row, column));
  }
};

}  // namespace
}  // namespace braid::cublas_lt

using namespace braid::cublas_lt;  // NOLINT(google-build-using-namespace): of C functions alone

extern "C" {

std::size_t cublasLtGetVersion() {
  return 120000;
}

Status cublasLtCreate(Handle* handle) {
  static HandleData only;
  *handle = &only;
  return kSuccess;
}

Status cublasLtMatmulDescCreate(Description* description, int, int) {
  *description = new DescriptionData;
  return kSuccess;
}

Status cublasLtMatmulDescDestroy(Description description) {
  delete description;
  return kSuccess;
}

Status cublasLtMatmulDescSetAttribute(Description description, int attribute, const void* value,
                                      std::size_t bytes) {
  return set(description->attributes, attribute, value, bytes);
}

Status cublasLtMatrixLayoutCreate(Layout* layout, int type, std::uint64_t rows,
                                  std::uint64_t columns, std::int64_t pitch) {
  *layout = new LayoutData{type, static_cast<std::int64_t>(rows),
                           static_cast<std::int64_t>(columns), pitch};
  return kSuccess;
}

Status cublasLtMatrixLayoutDestroy(Layout layout) {
  delete layout;
  return kSuccess;
}

Status cublasLtMatrixLayoutSetAttribute(Layout layout, int attribute, const void* value,
                                        std::size_t bytes) {
  return set(layout->attributes, attribute, value, bytes);
}

Status cublasLtMatmulPreferenceCreate(Preference* preference) {
  *preference = new PreferenceData;
  return kSuccess;
}

Status cublasLtMatmulPreferenceDestroy(Preference preference) {
  delete preference;
  return kSuccess;
}

Status cublasLtMatmulPreferenceSetAttribute(Preference preference, int attribute, const void* value,
                                            std::size_t bytes) {
  return set(preference->attributes, attribute, value, bytes);
}

Status cublasLtMatmulAlgoGetHeuristic(Handle, Description description, Layout a, Layout b, Layout,
                                      Layout d, Preference preference, int most,
                                      HeuristicResult results[], int* found) {
  const bool has_room = attribute_of(preference->attributes, kMostWorkspace) >=
                        static_cast<std::int64_t>(kWorkspaceBytes);
  const Call call{*description, *a, *b, *d, *d, nullptr, nullptr, nullptr, nullptr, 1, 0, nullptr};
  *found = has_room && call.fits() ? std::min(most, 2) : 0;
  for (int i = 0; i < *found; ++i)
    results[i] = {{}, kWorkspaceBytes, kSuccess, 1.0F, {}};
  return *found == 0 ? kNotSupported : kSuccess;
}

Status cublasLtMatmul(Handle, Description description, const void* alpha, const void* a,
                      Layout a_layout, const void* b, Layout b_layout, const void* beta,
                      const void* c, Layout c_layout, void* d, Layout d_layout, const Algorithm*,
                      void* workspace, std::size_t workspace_bytes, void* stream) {
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0;
  const Call call{*description,
                  *a_layout,
                  *b_layout,
                  *c_layout,
                  *d_layout,
                  a,
                  b,
                  c,
                  d,
                  *static_cast<const float*>(alpha),
                  *static_cast<const float*>(beta),
                  static_cast<std::byte*>(workspace)};
  if (!call.fits() || !is_aligned || workspace_bytes < kWorkspaceBytes) return kInvalidValue;
  return braid::driver::add_work(static_cast<braid::driver::Stream>(stream),
                                 [call] { call.run(); });
}

}  // extern "C"
