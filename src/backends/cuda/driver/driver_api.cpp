#include "backends/cuda/driver/driver_api.hpp"

#include <dlfcn.h>

#include "braid/error.hpp"

namespace braid::driver {
namespace {

void* symbol_of(void* library, const char* name) {
  void* const symbol = dlsym(library, name);
  if (symbol != nullptr) return symbol;
  throw Error(ErrorKind::Device, std::string("the CUDA driver has no function ") + name +
                                     ": it is older than CUDA 12; update the NVIDIA driver");
}

Api load() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(ErrorKind::Device, std::string("there is no CUDA driver: ") + dlerror() +
                                       "; install the NVIDIA driver, or use --device cpu");
  }
  Api api;
#define BRAID_DRIVER_LOAD(name, member, arguments) \
  api.member = reinterpret_cast<decltype(api.member)>(symbol_of(library, #name));
  BRAID_DRIVER_FUNCTIONS(BRAID_DRIVER_LOAD)
#undef BRAID_DRIVER_LOAD
  return api;
}

}  // namespace

const Api& api() {
  static const Api loaded = load();
  return loaded;
}

void check(Result result, const char* doing) {
  if (result == kSuccess) return;
  const char* text = nullptr;
  api().error_string(result, &text);
  const std::string reason = text == nullptr ? "error " + std::to_string(result) : text;
  throw Error(ErrorKind::Device,
              std::string("the CUDA driver fails when ") + doing + ": " + reason);
}

}  // namespace braid::driver
