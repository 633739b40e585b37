#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "backends/cuda/driver/cublas_lt_api.hpp"
#include "backends/cuda/driver/driver_api.hpp"
#include "backends/cuda/driver/driver_gpu.hpp"
#include "braid/doctor.hpp"
#include "braid/error.hpp"

namespace braid {
namespace {

Finding find_driver() {
  Finding finding{"CUDA driver"};
  try {
    int version = 0;
    driver::check(driver::api().init(0), "starting");
    driver::check(driver::api().version(&version), "telling its version");
    finding.is_there = true;
    finding.detail = std::string(driver::kLibrary) + ", of CUDA " + std::to_string(version / 1000) +
                     "." + std::to_string(version % 1000 / 10);
  } catch (const Error& error) {
    finding.detail = error.what();
  }
  return finding;
}

Finding find_gpu() {
  Finding finding{"GPU and kernels for it"};
  try {
    const GpuTraits traits = open_gpu(0)->traits();
    finding.is_there = true;
    finding.detail = traits.name + ", sm_" + std::to_string(traits.architecture) + ", " +
                     std::to_string(traits.processors) + " processors, " +
                     std::to_string(traits.memory_bytes >> 20) + " MiB; tensor cores: " +
                     (traits.has_tf32()           ? "tf32 and 16 bits"
                      : traits.has_tensor_cores() ? "16 bits"
                                                  : "none");
  } catch (const Error& error) {
    finding.detail = error.what();
  }
  return finding;
}

Finding find_library() {
  const cublas_lt::Library& library = cublas_lt::library();
  return {"cuBLASLt", library.api.has_value(), library.detail};
}

// Where a program lies that PATH names, or one of the usual places.
std::filesystem::path find_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string places = path == nullptr ? "" : path;
  places += ":/usr/local/cuda/bin";
  for (std::size_t start = 0; start < places.size();) {
    const std::size_t end = std::min(places.find(':', start), places.size());
    std::filesystem::path file = places.substr(start, end - start) + "/" + name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) return file;
    start = end + 1;
  }
  return {};
}

Finding find_compiler() {
  const std::filesystem::path nvcc = find_program("nvcc");
  if (!nvcc.empty()) return {"CUDA compiler", true, nvcc.string()};
  return {"CUDA compiler", false,
          "no nvcc in PATH or /usr/local/cuda/bin; only building the kernels needs it: "
          "tools/setup --cuda"};
}

}  // namespace

std::vector<Finding> examine_cuda() {
  return {find_driver(), find_gpu(), find_library(), find_compiler()};
}

}  // namespace braid
