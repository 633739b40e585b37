// Runs models on given inputs, many in one process. Each line of the standard input is a case:
// MODEL, a tab, the folder with input_0.pb and so on, a tab, and the .npz that the outputs go to.
// Each line of the answer is "ok", or the kind of the error, a tab, and its message.
#include <algorithm>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/npz.hpp"
#include "braid/onnx.hpp"

namespace {

// NumPy files hold no strings: these become bytes, each string with a 0 behind it, and their dims a
// part of the name.
void encode_strings(std::string& name, braid::Tensor& tensor) {
  if (tensor.dtype() != braid::DType::String) return;
  std::vector<std::uint8_t> bytes;
  for (const std::string& text : tensor.string_values()) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.push_back(0);
  }
  name += ":strings:";
  for (const std::int64_t dim : tensor.dims())
    name += std::to_string(dim) + ",";
  tensor = braid::Tensor::allocate(braid::DType::UInt8, {static_cast<std::int64_t>(bytes.size())});
  std::copy(bytes.begin(), bytes.end(), tensor.mutable_data<std::uint8_t>().begin());
}

void run_case(const std::string& line, braid::Device device) {
  std::istringstream fields(line);
  std::string model;
  std::string folder;
  std::string outputs_path;
  std::getline(fields, model, '\t');
  std::getline(fields, folder, '\t');
  std::getline(fields, outputs_path, '\t');
  const braid::Executable program = braid::compile(braid::load_model(model), {device, 1});
  std::vector<braid::Datum> inputs;
  for (const braid::Port& port : program.inputs()) {
    const std::string file = folder + "/input_" + std::to_string(inputs.size()) + ".pb";
    inputs.push_back(braid::load_datum(file, port.type));
  }
  const std::vector<braid::Datum> outputs = program.run(inputs);
  braid::NamedTensors named;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (auto& entry : braid::name_tensors(std::to_string(i), outputs[i])) {
      encode_strings(entry.first, entry.second);
      named.push_back(std::move(entry));
    }
  }
  braid::save_npz(outputs_path, named, true);
}

std::string answer_to(const std::string& line, braid::Device device) {
  try {
    run_case(line, device);
    return "ok";
  } catch (const braid::Error& error) {
    const bool is_unsupported = error.kind() == braid::ErrorKind::Unsupported;
    return (is_unsupported ? "unsupported\t" : "error\t") + std::string(error.what());
  } catch (const std::exception& error) {
    return "exception\t" + std::string(error.what());
  }
}

}  // namespace

int main(int count, char** arguments) {
  const bool is_reference = count > 1 && std::string(arguments[1]) == "reference";
  const braid::Device device = is_reference ? braid::Device::Reference : braid::Device::Cpu;
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer = answer_to(line, device);
    for (char& c : answer) {
      if (c == '\n') c = ' ';
    }
    std::cout << answer << std::endl;
  }
}
