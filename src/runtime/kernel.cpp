#include "runtime/kernel.hpp"

#include <utility>

namespace braid {
namespace {

class PlainCall final : public PreparedCall {
 public:
  PlainCall(const PlainKernel& kernel, BoundKernel::Operands operands)
      : kernel_(kernel), operands_(std::move(operands)) {}

  void run() override { kernel_.run(operands_); }

 private:
  const PlainKernel& kernel_;
  BoundKernel::Operands operands_;
};

}  // namespace

std::unique_ptr<PreparedCall> PlainKernel::prepare(Operands operands) const {
  return std::make_unique<PlainCall>(*this, std::move(operands));
}

}  // namespace braid
