#include <bit>
#include <cstdint>
#include <optional>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/choice/form.hpp"
#include "backends/cuda/choice/product_cost.hpp"

namespace braid::cuda {
namespace {

// The matrices of all members and batches at one distance, if that is how they lie.
std::optional<std::int64_t> joint_stride(const GemmMembersArgs& args,
                                         const MatrixStrides& strides) {
  if (args.batches == 1) return args.members == 1 ? 0 : strides.member;
  if (args.members != 1 && strides.member != strides.batch * args.batches) return std::nullopt;
  return strides.batch;
}

std::optional<MatrixBatch> matrices_of(const GemmMembersArgs& args, const MatrixStrides& strides,
                                       int rows, int columns) {
  const auto stride = joint_stride(args, strides);
  if (!stride) return std::nullopt;
  if (strides.column == 1 || columns == 1) {
    const std::int64_t pitch = rows == 1 ? columns : strides.row;
    if (pitch >= columns) return MatrixBatch{pitch, *stride, false};
  }
  if (strides.row == 1 || rows == 1) {
    const std::int64_t pitch = columns == 1 ? rows : strides.column;
    if (pitch >= rows) return MatrixBatch{pitch, *stride, true};
  }
  return std::nullopt;
}

// The product without its epilogue, into rows of floats that lie `pitch` apart.
std::optional<ProductLayout> bare_layout(const GemmMembersArgs& args, Element element, int pitch,
                                         bool rounds_floats) {
  const auto a = matrices_of(args, args.a.strides, args.rows, args.depth);
  const auto b = matrices_of(args, args.b.strides, args.depth, args.columns);
  if (!a || !b) return std::nullopt;
  ProductLayout layout;
  layout.count = args.members * args.batches;
  layout.rows = args.rows;
  layout.columns = args.columns;
  layout.depth = args.depth;
  layout.a = *a;
  layout.b = *b;
  layout.y = {pitch, std::int64_t{args.rows} * pitch, false};
  layout.element = element;
  layout.rounds_floats = rounds_floats;
  layout.yields_floats = true;
  return layout;
}

// With its epilogue, if a library has that one.
std::optional<ProductLayout> whole_layout(const GemmMembersArgs& args, ProductLayout layout,
                                          Addends addends) {
  const Activation activation = args.epilogue.activation;
  if (activation != Activation::None && activation != Activation::Relu) return std::nullopt;
  const auto y = matrices_of(args, args.y_strides, args.rows, args.columns);
  if (!y || y->is_transposed) return std::nullopt;
  layout.y = *y;
  layout.yields_floats = false;
  layout.activation = activation;
  layout.scale = args.epilogue.scale;
  if (addends.has_bias) {
    const MatrixStrides& bias = args.epilogue.bias.strides;
    const auto stride = joint_stride(args, bias);
    const bool is_row =
        (bias.column == 1 || args.columns == 1) && (bias.row == 0 || args.rows == 1);
    if (!stride || !is_row) return std::nullopt;
    layout.has_bias = true;
    layout.bias_stride = *stride;
  }
  if (addends.has_residual) {
    const auto addend = matrices_of(args, args.epilogue.residual.strides, args.rows, args.columns);
    if (!addend || addend->is_transposed) return std::nullopt;
    layout.has_addend = true;
    layout.addend = *addend;
  }
  return layout;
}

// Null stands for an address that is aligned.
bool are_aligned(const ProductAddresses& at) {
  const auto is_aligned = [](const void* address) {
    return std::bit_cast<std::uintptr_t>(address) % kLibraryAlignment == 0;
  };
  return is_aligned(at.a) && is_aligned(at.b) && is_aligned(at.y) && is_aligned(at.bias) &&
         is_aligned(at.addend);
}

using Product = std::shared_ptr<const LibraryProduct>;

// Libraries want their workspace aligned as memory of its own is.
constexpr std::size_t kAlignment = 256;

std::size_t workspace_of(const Product& product) {
  const std::size_t bytes = product->workspace_bytes();
  return bytes == 0 ? 0 : bytes + kAlignment;
}

std::byte* aligned(std::byte* address) {
  return address + (kAlignment - std::bit_cast<std::uintptr_t>(address) % kAlignment) % kAlignment;
}

// Operands that lie where the library cannot take them are multiplied by a kernel that can.
void add_product(const Product& product, const ProductAddresses& at, const GemmMembersArgs& args,
                 Element element, LaunchList& list) {
  if (are_aligned(at)) return list.multiply(product, at);
  list.add(launch_gemm_members(args, element, GemmTile::Medium), args);
}

ProductForm whole_form(const Product& product, Element element) {
  ProductForm form;
  form.name = product->name();
  form.workspace_bytes = workspace_of(product);
  form.add = [=](const GemmMembersArgs& own, std::byte* workspace, LaunchList& list) {
    const ProductAddresses at{
        own.a.data, own.b.data,        own.epilogue.bias.data, own.epilogue.residual.data,
        own.y,      aligned(workspace)};
    add_product(product, at, own, element, list);
  };
  return form;
}

// The library's sums, and the kernel that finishes them.
ProductForm bare_form(const Product& product, const GemmMembersArgs& args, Element element,
                      const DepthSlices& slices) {
  const std::size_t sums_bytes = partial_bytes(sums_of(args, slices));
  ProductForm form;
  form.name = product->name() + std::string(" and epilogue");
  form.workspace_bytes = sums_bytes + workspace_of(product);
  form.add = [=](const GemmMembersArgs& own, std::byte* workspace, LaunchList& list) {
    const ProductAddresses at{own.a.data, own.b.data, nullptr,
                              nullptr,    workspace,  aligned(workspace + sums_bytes)};
    if (!are_aligned(at)) return add_product(product, at, own, element, list);
    list.multiply(product, at);
    DepthSlices sums_at = slices;
    sums_at.partials = reinterpret_cast<float*>(workspace);
    PartialSumsArgs sums = sums_of(own, sums_at);
    const Launch launch = launch_partial_sums(sums, element);
    list.add(launch, sums);
  };
  return form;
}

}  // namespace

std::vector<ProductForm> library_forms(const GemmMembersArgs& args, Element element,
                                       Addends addends, const Target& target) {
  const DepthSlices one_slice = slices_of(args.depth, args.columns, 1);
  const auto bare = bare_layout(args, element, one_slice.pitch, target.rounds_floats);
  if (!bare) return {};
  const auto whole = whole_layout(args, *bare, addends);
  const ProductSize size = size_of(args, element);
  const GpuTraits& gpu = target.gpu.traits();
  const double seconds = library_seconds(size, target.choice().uses_tensor_cores(element), gpu);
  std::vector<ProductForm> forms;
  for (const Product& product : target.gpu.library_products(whole ? *whole : *bare)) {
    forms.push_back(whole ? whole_form(product, element)
                          : bare_form(product, args, element, one_slice));
    forms.back().seconds = whole ? seconds : seconds + epilogue_seconds(size, 1, gpu);
  }
  return forms;
}

}  // namespace braid::cuda
