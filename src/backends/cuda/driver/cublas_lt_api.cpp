#include "backends/cuda/driver/cublas_lt_api.hpp"

#include <dlfcn.h>

namespace braid::cublas_lt {
namespace {

// Of the releases of CUDA whose functions are declared here, the newest first.
constexpr const char* kNames[] = {"libcublasLt.so.13", "libcublasLt.so.12"};

std::string text_of(std::size_t version) {
  const bool is_long = version >= 100000;  // 130100, but 12 and older: 120905 too
  return is_long ? std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) +
                       "." + std::to_string(version % 100)
                 : std::to_string(version);
}

// Nothing if a function is missing, which `missing` then names.
std::optional<Api> functions_of(void* library, std::string& missing) {
  Api api;
#define BRAID_CUBLAS_LT_LOAD(name, member, result, arguments)                 \
  api.member = reinterpret_cast<decltype(api.member)>(dlsym(library, #name)); \
  if (api.member == nullptr) missing = #name;
  BRAID_CUBLAS_LT_FUNCTIONS(BRAID_CUBLAS_LT_LOAD)
#undef BRAID_CUBLAS_LT_LOAD
  return missing.empty() ? std::optional(api) : std::nullopt;
}

Library load() {
  std::string reasons;
  for (const char* name : kNames) {
    void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      reasons += std::string(reasons.empty() ? "" : "; ") + dlerror();
      continue;
    }
    std::string missing;
    const auto api = functions_of(library, missing);
    if (api) return {api, std::string(name) + ", " + text_of(api->version())};
    reasons += std::string(reasons.empty() ? "" : "; ") + name + " has no " + missing;
  }
  return {std::nullopt, reasons +
                            "; looked for where the system looks for libraries, LD_LIBRARY_PATH "
                            "included; without it products run in kernels of Braid alone"};
}

}  // namespace

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

}  // namespace braid::cublas_lt
