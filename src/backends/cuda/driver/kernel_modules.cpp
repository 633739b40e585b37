#include "backends/cuda/driver/kernel_modules.hpp"

#include <dlfcn.h>

#include <string>

#include "braid/error.hpp"
#include "kernels/cuda/image.hpp"

namespace braid::driver {
namespace {

// The module lies beside the program or the library, or where the system looks for libraries.
const cuda::Image* load_images() {
  void* const module = dlopen(cuda::kImageModule, RTLD_NOW | RTLD_LOCAL);
  void* const images = module == nullptr ? nullptr : dlsym(module, cuda::kImageSymbol);
  if (images != nullptr) return static_cast<const cuda::Image*>(images);
  throw Error(ErrorKind::Device,
              std::string("there are no CUDA kernels: ") + dlerror() +
                  "; build Braid with a CUDA toolkit (tools/build cuda), or use --device cpu");
}

}  // namespace

KernelModules::KernelModules() {
  for (const cuda::Image* image = load_images(); image->family != nullptr; ++image) {
    const std::string doing = std::string("loading the kernels ") + image->family;
    check(api().load_module(&modules_.emplace_back(), image->code), doing.c_str());
  }
}

Function KernelModules::find(const char* kernel) {
  const std::lock_guard lock(mutex_);
  Function& function = functions_[kernel];
  for (auto module = modules_.begin(); function == nullptr && module != modules_.end(); ++module) {
    if (api().function(&function, *module, kernel) != kSuccess) function = nullptr;
  }
  if (function != nullptr) return function;
  throw Error(ErrorKind::Device, std::string("the module of CUDA kernels has no ") + kernel +
                                     "; build it anew, it is of another version");
}

}  // namespace braid::driver
