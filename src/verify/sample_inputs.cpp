#include <Eigen/Core>
#include <algorithm>
#include <limits>

#include "braid/error.hpp"
#include "braid/verify.hpp"
#include "verify/index_bounds.hpp"
#include "verify/random.hpp"

namespace braid {
namespace {

constexpr std::int64_t kDefaultDim = 2;
constexpr std::int64_t kMaximumElements = std::int64_t{1} << 40;

std::vector<std::int64_t> choose_dims(const Port& port,
                                      const std::map<std::string, std::int64_t>& sizes) {
  if (!port.type.shape) {
    throw Error(ErrorKind::BadInput, "input '" + port.name +
                                         "' has no known rank, so no values can be made up for "
                                         "it; give them in a file");
  }
  std::vector<std::int64_t> dims;
  std::int64_t elements = 1;
  for (const Dim& dim : *port.type.shape) {
    const auto given = sizes.find(dim.symbol);
    const std::int64_t chosen = given == sizes.end() ? kDefaultDim : given->second;
    dims.push_back(dim.is_known() ? dim.size : chosen);
    if (dims.back() < 0 || dims.back() > kMaximumElements / std::max<std::int64_t>(elements, 1)) {
      throw Error(ErrorKind::Usage, "input '" + port.name + "': dim " +
                                        std::to_string(dims.size() - 1) + " of size " +
                                        std::to_string(dims.back()) +
                                        " is out of range; give another size of it");
    }
    elements *= dims.back();
  }
  return dims;
}

template <class T>
void fill_normal(Tensor& tensor, Random& random) {
  for (T& element : tensor.mutable_data<T>())
    element = static_cast<T>(random.normal());
}

// Half and bfloat16 are rounded from float, as Eigen does it.
template <class T>
void fill_narrow(Tensor& tensor, Random& random) {
  for (T& element : tensor.mutable_data<T>()) {
    element = static_cast<T>(static_cast<float>(random.normal()));
  }
}

template <class T>
void fill_integer(Tensor& tensor, std::int64_t bound, Random& random) {
  const std::span<T> elements = tensor.mutable_data<T>();
  const std::uint64_t largest = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  const std::uint64_t count =
      bound == kNoBound ? 2 : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(bound));
  for (T& element : elements) {
    const std::uint64_t drawn = random.below(count);
    element = static_cast<T>(std::min(drawn, largest));
  }
  if (bound != kNoBound || tensor.rank() == 0) return;
  // Likely a mask: one that keeps nothing would hide the whole input.
  const auto row = static_cast<std::size_t>(tensor.dims().back());
  for (std::size_t i = 0; i < elements.size(); i += row)
    elements[i] = 1;
}

[[noreturn]] void refuse(const Port& port) {
  throw Error(ErrorKind::Unsupported, "input '" + port.name +
                                          "': no values can be made up for type " +
                                          to_string(port.type) + "; give them in a file");
}

void fill(Tensor& tensor, const Port& port, std::int64_t bound, Random& random) {
  switch (tensor.dtype()) {
    case DType::Float32:
      return fill_normal<float>(tensor, random);
    case DType::Float64:
      return fill_normal<double>(tensor, random);
    case DType::Float16:
      return fill_narrow<Eigen::half>(tensor, random);
    case DType::BFloat16:
      return fill_narrow<Eigen::bfloat16>(tensor, random);
    case DType::Int8:
      return fill_integer<std::int8_t>(tensor, bound, random);
    case DType::Int16:
      return fill_integer<std::int16_t>(tensor, bound, random);
    case DType::Int32:
      return fill_integer<std::int32_t>(tensor, bound, random);
    case DType::Int64:
      return fill_integer<std::int64_t>(tensor, bound, random);
    case DType::Bool:
      return fill_integer<std::uint8_t>(tensor, kNoBound, random);
    case DType::UInt8:
      return fill_integer<std::uint8_t>(tensor, bound, random);
    case DType::UInt16:
      return fill_integer<std::uint16_t>(tensor, bound, random);
    case DType::UInt32:
      return fill_integer<std::uint32_t>(tensor, bound, random);
    case DType::UInt64:
      return fill_integer<std::uint64_t>(tensor, bound, random);
    default:
      refuse(port);
  }
}

std::int64_t bound_of(const Graph& graph, const std::vector<std::int64_t>& bounds,
                      const std::string& name) {
  for (const ValueId id : graph.inputs) {
    if (graph.value(id).name == name) return bounds[static_cast<std::size_t>(id)];
  }
  return kNoBound;
}

}  // namespace

std::vector<Tensor> sample_inputs(const Model& model, const std::vector<Port>& ports,
                                  std::uint64_t seed,
                                  const std::map<std::string, std::int64_t>& dims) {
  const std::vector<std::int64_t> bounds = index_bounds(model.graph);
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Port& port = ports[i];
    if (port.type.inner) refuse(port);  // no tensor
    Tensor& tensor =
        tensors.emplace_back(Tensor::allocate(port.type.dtype, choose_dims(port, dims)));
    Random random(mix_seed(seed, i));
    fill(tensor, port, bound_of(model.graph, bounds, port.name), random);
  }
  return tensors;
}

}  // namespace braid
