#include "plan/backend.hpp"

#include "support/assert.hpp"

namespace braid {

std::unique_ptr<const BoundKernel> Backend::bind(const Operator& /*op*/,
                                                 PackedWeights& /*weights*/) const {
  return nullptr;
}

PackedWeights::Bytes Backend::to_device(const Tensor& /*constant*/,
                                        PackedWeights& /*weights*/) const {
  BRAID_ASSERT(false, "a backend whose kernels run on a device has memory there");
}

std::unique_ptr<Runner> Backend::make_runner(std::shared_ptr<const Program> program,
                                             Arena arena) const {
  return make_host_runner(std::move(program), std::move(arena));
}

std::unique_ptr<DeviceProgram> Backend::make_device_program(
    std::shared_ptr<const Program> /*program*/, const PortNames& /*names*/,
    Launching /*launching*/) const {
  throw Error(ErrorKind::Usage, "the model is compiled for " + std::string(name()) +
                                    ", which has no memory of its own; compile it for a GPU");
}

}  // namespace braid
