#include "merge/architecture.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <type_traits>

#include "braid/onnx.hpp"

namespace braid::testing_support {
namespace {

// Bit patterns of small values that are exact in the type: -1, -0.5, 0.5, 1, 2.
template <class T>
Tensor draw_pattern(DType dtype, const std::vector<std::int64_t>& dims, std::mt19937& random,
                    const std::array<T, 5>& patterns) {
  Tensor tensor = Tensor::allocate(dtype, dims);
  for (T& value : tensor.mutable_data<T>())
    value = patterns[random() % 5];
  return tensor;
}

template <class T>
Tensor draw_integers(DType dtype, const std::vector<std::int64_t>& dims, std::mt19937& random,
                     bool is_positive) {
  Tensor tensor = Tensor::allocate(dtype, dims);
  for (T& value : tensor.mutable_data<T>()) {
    value =
        static_cast<T>(std::is_unsigned_v<T> || is_positive ? 1 + random() % 9 : random() % 9 - 4U);
  }
  return tensor;
}

template <class T>
Tensor draw_reals(DType dtype, const std::vector<std::int64_t>& dims, std::mt19937& random,
                  bool is_positive) {
  Tensor tensor = Tensor::allocate(dtype, dims);
  for (T& value : tensor.mutable_data<T>()) {
    value = static_cast<T>(random() % 2001) / T{1000} - (is_positive ? T{-0.5} : T{1});
  }
  return tensor;
}

Tensor draw(DType dtype, const std::vector<std::int64_t>& dims, unsigned seed, bool is_positive) {
  std::mt19937 random(seed);
  switch (dtype) {
    case DType::Float64:
      return draw_reals<double>(dtype, dims, random, is_positive);
    case DType::Float16:
      return draw_pattern<std::uint16_t>(dtype, dims, random,
                                         {0xBC00, 0xB800, 0x3800, 0x3C00, 0x4000});
    case DType::BFloat16:
      return draw_pattern<std::uint16_t>(dtype, dims, random,
                                         {0xBF80, 0xBF00, 0x3F00, 0x3F80, 0x4000});
    case DType::Float8E4M3FN:
      return draw_pattern<std::uint8_t>(dtype, dims, random, {0xB8, 0xB0, 0x30, 0x38, 0x40});
    case DType::Bool:
      return draw_pattern<std::uint8_t>(dtype, dims, random, {0, 1, 0, 1, 1});
    case DType::Int8:
      return draw_integers<std::int8_t>(dtype, dims, random, is_positive);
    case DType::UInt8:
      return draw_integers<std::uint8_t>(dtype, dims, random, is_positive);
    case DType::Int32:
      return draw_integers<std::int32_t>(dtype, dims, random, is_positive);
    case DType::Int64:
      return draw_integers<std::int64_t>(dtype, dims, random, is_positive);
    default:
      return draw_reals<float>(dtype, dims, random, is_positive);
  }
}

std::vector<std::int64_t> numbers(const std::string& text) {
  std::vector<std::int64_t> result;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');)
    result.push_back(std::stoll(item));
  return result;
}

// "ints DIMS NAME VALUES", "floats NAME VALUE", "set TYPE NAME VALUES" or "constant float[1,3]
// NAME" as an initializer in text syntax.
std::string initializer_text(const std::string& line) {
  std::istringstream words(line);
  std::string kind, first, second, values;
  words >> kind >> first >> second >> values;
  if (kind == "floats") return "float " + first + " = {" + second + "}";
  if (kind == "set") return first + " " + second + " = {" + values + "}";
  if (kind == "constant") {
    const std::size_t open = first.find('[');
    std::int64_t size = 1;
    for (const std::int64_t dim : numbers(first.substr(open + 1)))
      size *= dim;
    std::string text = first + " " + second + " = {";
    for (std::int64_t i = 0; i < size; ++i) {
      text += (i > 0 ? "," : "") + std::to_string(static_cast<double>(i % 7) - 2.5);
    }
    return text + "}";
  }
  const std::string dims = first == "0" ? "" : "[" + first + "]";
  return "int64" + dims + " " + second + " = {" + values + "}";
}

// Initializers stand behind the signature of the graph.
std::string complete_text(const Architecture& architecture) {
  std::string initializers;
  std::istringstream parts(architecture.constants);
  for (std::string part; std::getline(parts, part, ';');) {
    if (part.find_first_not_of(' ') == std::string::npos) continue;
    initializers += (initializers.empty() ? "" : ", ") + initializer_text(part);
  }
  std::string text = architecture.text;
  if (!initializers.empty())
    text.insert(text.find('{', text.find("=>")), "<" + initializers + "> ");
  return text;
}

int class_of(int member, int position, int count, Pattern pattern, unsigned seed) {
  switch (pattern) {
    case Pattern::Different:
      return member;
    case Pattern::Shared:
      return 0;
    case Pattern::TwoBlocks:
      return member * 2 / count;
    case Pattern::Interleaved:
      return member % 2;
    case Pattern::FirstShared:
      return position == 0 ? 0 : member;
    case Pattern::Random:
      break;
  }
  std::mt19937 random(seed + static_cast<unsigned>(1000 * position + member));
  return static_cast<int>(random() % 3);
}

void read_file(const std::filesystem::path& path, std::vector<Architecture>& result) {
  std::ifstream file(path);
  const std::size_t before = result.size();
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      Architecture& added = result.emplace_back();
      const std::size_t bar = line.find(" | ");
      added.title = line.substr(4, bar - 4);
      if (bar == std::string::npos) continue;
      added.constants = line.substr(bar + 3);
      const std::size_t marker = added.constants.find("per member");
      added.runs_per_member = marker != std::string::npos;
      if (added.runs_per_member) added.constants.erase(marker);
    } else if (result.size() > before) {
      result.back().text += line + "\n";
    }
  }
}

}  // namespace

std::vector<Architecture> read_architectures() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = std::string(BRAID_TEST_DATA) + "/golden/merge";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Architecture> result;
  for (const auto& path : files)
    read_file(path, result);
  return result;
}

std::vector<Member> make_members(const Architecture& architecture, int count, Pattern pattern,
                                 unsigned seed) {
  std::vector<Member> members;
  for (int m = 0; m < count; ++m) {
    Model model = parse_model_text(complete_text(architecture));
    Graph& graph = model.graph;
    int position = 0;
    std::erase_if(graph.inputs, [&](ValueId id) {
      Value& value = graph.value(id);
      if (value.name[0] != 'w' && value.name[0] != 'p') return false;
      std::vector<std::int64_t> dims;
      for (const Dim& dim : *value.type.shape)
        dims.push_back(dim.size);
      const int number = class_of(m, position, count, pattern, seed);
      value.constant =
          draw(value.type.dtype, dims, seed + static_cast<unsigned>(100 * position + number),
               value.name[0] == 'p');
      ++position;
      return true;
    });
    // Other names in every member: names must play no part.
    for (Value& value : graph.values) {
      if (!graph.is_output(static_cast<ValueId>(&value - graph.values.data())) &&
          value.is_constant()) {
        value.name += "_of_" + std::to_string(m);
      }
    }
    members.push_back({"m" + std::to_string(m), {}, std::move(model)});
  }
  return members;
}

}  // namespace braid::testing_support
