#include "backends/cuda/driver/driver_library.hpp"

#include <string>

#include "braid/error.hpp"

namespace braid::driver {
namespace {

using cuda::Activation;
using cuda::Element;

constexpr int kMostAlgorithms = 3;
constexpr std::size_t kMostWorkspace = std::size_t{32} << 20;

const cublas_lt::Api& api() {
  return *cublas_lt::library().api;
}

void check(cublas_lt::Status status, const char* doing) {
  if (status == cublas_lt::kSuccess) return;
  throw Error(ErrorKind::Device,
              std::string("cuBLASLt fails when ") + doing + ": status " + std::to_string(status));
}

// An object of the library's, destroyed with this.
template <class Object>
class Owned {
 public:
  template <class Create>
  Owned(const Create& create, cublas_lt::Status (*destroy)(Object)) : destroy_(destroy) {
    check(create(&object_), "describing a product");
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { destroy_(object_); }
  Object get() const { return object_; }

 private:
  Object object_ = nullptr;
  cublas_lt::Status (*destroy_)(Object);
};

int type_of(Element element) {
  return element == Element::Half       ? cublas_lt::kHalf
         : element == Element::BFloat16 ? cublas_lt::kBFloat16
                                        : cublas_lt::kFloat;
}

// The library's matrices have adjacent columns: ours, of adjacent rows, are their transposes, and
// so y' = b' a'. What is transposed for us lies as the library has it and is transposed by it.
class MatrixLayout {
 public:
  MatrixLayout(Element element, const MatrixBatch& matrices, int rows, int columns, int count)
      : layout_(
            [&](cublas_lt::Layout* made) {
              const bool is_transposed = matrices.is_transposed;
              return api().create_layout(made, type_of(element),
                                         static_cast<std::uint64_t>(is_transposed ? rows : columns),
                                         static_cast<std::uint64_t>(is_transposed ? columns : rows),
                                         matrices.pitch);
            },
            api().destroy_layout) {
    set(cublas_lt::kBatchCount, static_cast<std::int32_t>(count));
    set(cublas_lt::kBatchStride, matrices.stride);
  }
  cublas_lt::Layout get() const { return layout_.get(); }

 private:
  template <class Value>
  void set(int attribute, const Value& value) {
    check(api().set_layout(get(), attribute, &value, sizeof(value)), "describing a matrix");
  }

  Owned<cublas_lt::Layout> layout_;
};

// What is computed, and where the bias is.
class ProductDescription {
 public:
  ProductDescription(const ProductLayout& layout, const void* bias)
      : description_(
            [&](cublas_lt::Description* made) {
              const int compute = layout.rounds_floats && layout.element == Element::Float
                                      ? cublas_lt::kComputeTensorFloat32
                                      : cublas_lt::kComputeFloat;
              return api().create_description(made, compute, cublas_lt::kFloat);
            },
            api().destroy_description) {
    if (layout.b.is_transposed) set(cublas_lt::kTransposeA, cublas_lt::kTransposed);
    if (layout.a.is_transposed) set(cublas_lt::kTransposeB, cublas_lt::kTransposed);
    const bool is_clipped = layout.activation == Activation::Relu;
    const std::uint32_t epilogue =
        (is_clipped ? cublas_lt::kRelu : 0) | (layout.has_bias ? cublas_lt::kBias : 0);
    set(cublas_lt::kEpilogue, epilogue == 0 ? cublas_lt::kPlainEpilogue : epilogue);
    if (!layout.has_bias) return;
    set(cublas_lt::kBiasPointer, bias);
    set(cublas_lt::kBiasBatchStride, layout.bias_stride);
  }
  cublas_lt::Description get() const { return description_.get(); }

 private:
  template <class Value>
  void set(int attribute, const Value& value) {
    check(api().set_description(get(), attribute, &value, sizeof(value)), "describing a product");
  }

  Owned<cublas_lt::Description> description_;
};

// The matrices of one product, and how the library computes it.
class DriverProduct final : public LibraryProduct {
 public:
  explicit DriverProduct(const ProductLayout& layout)
      : layout_(layout),
        a_(layout.element, layout.a, layout.rows, layout.depth, layout.count),
        b_(layout.element, layout.b, layout.depth, layout.columns, layout.count),
        y_(result_element(), layout.y, layout.rows, layout.columns, layout.count),
        addend_(result_element(), layout.has_addend ? layout.addend : layout.y, layout.rows,
                layout.columns, layout.count) {}

  const char* name() const override { return name_.c_str(); }
  std::size_t workspace_bytes() const override { return workspace_bytes_; }

  // Ways to compute it, the library's favourite first.
  std::vector<cublas_lt::HeuristicResult> find(cublas_lt::Handle handle) const {
    const Owned<cublas_lt::Preference> preference(api().create_preference,
                                                  api().destroy_preference);
    const auto set = [&](int attribute, auto value) {
      check(api().set_preference(preference.get(), attribute, &value, sizeof(value)),
            "describing a product");
    };
    set(cublas_lt::kMostWorkspace, std::uint64_t{kMostWorkspace});
    for (int operand = 0; operand < 4; ++operand)
      set(cublas_lt::kAlignmentA + operand, std::uint32_t{kLibraryAlignment});
    // Nothing is read at this time: any address that is aligned will do.
    const ProductDescription description(
        layout_,
        reinterpret_cast<const void*>(kLibraryAlignment));  // NOLINT(performance-no-int-to-ptr)
    std::vector<cublas_lt::HeuristicResult> found(kMostAlgorithms);
    int count = 0;
    const cublas_lt::Status status =
        api().find_algorithms(handle, description.get(), b_.get(), a_.get(), addend_.get(),
                              y_.get(), preference.get(), kMostAlgorithms, found.data(), &count);
    found.resize(status == cublas_lt::kSuccess ? static_cast<std::size_t>(count) : 0);
    return found;
  }

  void use(const cublas_lt::HeuristicResult& found, std::size_t rank) {
    name_ = "cublasLt " + std::to_string(rank);
    algorithm_ = found.algorithm;
    workspace_bytes_ = found.workspace_bytes;
  }

  // The library reads its description while it is called, and not later.
  void multiply(cublas_lt::Handle handle, const ProductAddresses& at, void* stream) const {
    const ProductDescription description(layout_, at.bias);
    const float addend_scale = layout_.has_addend ? 1.0F : 0.0F;
    check(api().multiply(handle, description.get(), &layout_.scale, at.b, b_.get(), at.a, a_.get(),
                         &addend_scale, layout_.has_addend ? at.addend : at.y, addend_.get(), at.y,
                         y_.get(), &algorithm_, at.workspace, workspace_bytes_, stream),
          "multiplying");
  }

 private:
  Element result_element() const {
    return layout_.yields_floats ? Element::Float : layout_.element;
  }

  ProductLayout layout_;
  MatrixLayout a_;
  MatrixLayout b_;
  MatrixLayout y_;
  MatrixLayout addend_;
  std::string name_;
  cublas_lt::Algorithm algorithm_{};
  std::size_t workspace_bytes_ = 0;
};

std::vector<std::shared_ptr<const LibraryProduct>> find_products(cublas_lt::Handle handle,
                                                                 const ProductLayout& layout) {
  const std::vector<cublas_lt::HeuristicResult> found = DriverProduct(layout).find(handle);
  std::vector<std::shared_ptr<const LibraryProduct>> products;
  for (std::size_t rank = 0; rank < found.size(); ++rank) {
    if (found[rank].state != cublas_lt::kSuccess) continue;
    auto product = std::make_shared<DriverProduct>(layout);
    product->use(found[rank], rank);
    products.push_back(std::move(product));
  }
  return products;
}

}  // namespace

cublas_lt::Handle DriverLibrary::handle() {
  const std::lock_guard lock(mutex_);
  if (is_open_ || !cublas_lt::library().api) return handle_;
  is_open_ = true;
  if (api().create(&handle_) != cublas_lt::kSuccess) handle_ = nullptr;
  return handle_;
}

std::vector<std::shared_ptr<const LibraryProduct>> DriverLibrary::products(
    const ProductLayout& layout) {
  if (handle() == nullptr) return {};
  try {
    return find_products(handle(), layout);
  } catch (const Error&) {  // what the library cannot describe it cannot compute
    return {};
  }
}

void DriverLibrary::multiply(const LibraryProduct& product, const ProductAddresses& at,
                             void* stream) {
  static_cast<const DriverProduct&>(product).multiply(handle(), at, stream);
}

}  // namespace braid::driver
