// Adapters that replace those of ONNX's version converter which are silently wrong:
//
//   Hardmax 12 -> 13              registered as compatible, but it no longer flattens at the axis
//   GroupNormalization 20 -> 21   the right adapter is overwritten by a compatible one
//   BatchNormalization, Dropout 6 -> 7   without is_test they train, since 7 they do not
//   Resize 10 -> 11               the new default samples elsewhere
//   Resize 12 -> 13               loses the mode tf_half_pixel_for_nn
//   Scan 8 -> 9                   drops the scalars among its inputs
//   Add, And, ... 6 -> 7          {axis} put the 1s where only axis 0 wants them, or had no adapter
//   Gemm 6 -> 7                   refused symbolic dims, which do not matter
//   PRelu 6 -> 7                  the slope of each channel became one of each column

#include "onnx/version_converter.hpp"

#include <algorithm>
#include <stdexcept>

#include "onnx/defs/tensor_util.h"

namespace braid {
namespace {

namespace conversion = onnx::version_conversion;
using GraphRef = std::shared_ptr<onnx::Graph>;

// Inserts an Unsqueeze before input 1 that gives it `count` more dims behind its own.
void append_unit_dims(const GraphRef& graph, onnx::Node* node, std::int64_t count) {
  onnx::Value* operand = node->inputs()[1];
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < count; ++i)
    axes.push_back(static_cast<std::int64_t>(operand->sizes().size()) + i);
  onnx::Node* unsqueeze = graph->create(onnx::kUnsqueeze);
  unsqueeze->addInput(operand);
  unsqueeze->is_(onnx::kaxes, std::move(axes));
  unsqueeze->insertBefore(node);
  node->replaceInput(1, unsqueeze->output());
}

std::int64_t rank(const onnx::Node* node, std::size_t input) {
  const onnx::Value* value = node->inputs()[input];
  if (!value->has_sizes()) throw std::invalid_argument("the rank of an input is not known");
  return static_cast<std::int64_t>(value->sizes().size());
}

// Until opset 6, {broadcast: 1, axis} says at which axis of A the dims of B lie.
onnx::Node* broadcast_as_numpy(const GraphRef& graph, onnx::Node* node) {
  const bool is_broadcast = node->hasAttribute(onnx::kbroadcast) && node->i(onnx::kbroadcast) != 0;
  if (is_broadcast && node->hasAttribute(onnx::kaxis)) {
    const std::int64_t a = rank(node, 0);
    const std::int64_t axis = node->i(onnx::kaxis);
    const std::int64_t behind = a - (axis < 0 ? axis + a : axis) - rank(node, 1);
    if (behind < 0) throw std::invalid_argument("its axis does not fit its inputs");
    if (behind > 0) append_unit_dims(graph, node, behind);
  }
  for (const auto attribute : {onnx::kbroadcast, onnx::kaxis}) {
    if (node->hasAttribute(attribute)) node->removeAttribute(attribute);
  }
  return node;
}

// Until opset 6, a slope of one dim is one value for all channels or one for each.
onnx::Node* slope_per_channel(const GraphRef& graph, onnx::Node* node) {
  if (rank(node, 1) != 1) return node;
  const onnx::Dimension slopes = node->inputs()[1]->sizes()[0];
  if (!slopes.is_int) throw std::invalid_argument("the size of its slope is not known");
  const std::int64_t behind = rank(node, 0) - 2;
  if (slopes.dim != 1 && behind > 0) append_unit_dims(graph, node, behind);
  return node;
}

// Trained or not was an attribute until opset 6, with training as its default.
onnx::Node* drop_is_test(const GraphRef&, onnx::Node* node) {
  if (!node->hasAttribute(onnx::kis_test) || node->i(onnx::kis_test) == 0) {
    throw std::invalid_argument("it is in training mode");
  }
  return node->removeAttribute(onnx::kis_test);
}

bool only_enlarges(const onnx::Graph& graph, const onnx::Value* scales) {
  const auto found = graph.getInitializer(scales->uniqueName());
  if (found == graph.initializers().end()) return false;
  const std::vector<float> values = onnx::ParseData<float>(&*found);
  return std::all_of(values.begin(), values.end(), [](float scale) { return scale >= 1.0F; });
}

// Opset 10 defines no mode; its runtimes sample at floor(x / scale), and to shrink differently.
onnx::Node* resize_asymmetrically(const GraphRef& graph, onnx::Node* node) {
  static const onnx::Symbol kNearestMode("nearest_mode");
  const bool was_upsample = node->hasAttribute(onnx::kcoordinate_transformation_mode);
  const bool is_nearest = !node->hasAttribute(onnx::kmode) || node->s(onnx::kmode) == "nearest";
  if (is_nearest && !was_upsample && !only_enlarges(*graph, node->inputs()[1])) {
    throw std::invalid_argument("opset 10 does not say how it shrinks");
  }
  node = conversion::Resize_10_11().adapt(graph, node);
  node->s_(onnx::kcoordinate_transformation_mode, "asymmetric");
  return node->s_(kNearestMode, "floor");
}

// Upsample only enlarges. The attribute, which opset 10 does not have, tells the next step so.
onnx::Node* upsample_asymmetrically(const GraphRef& graph, onnx::Node* node) {
  node = conversion::Upsample_9_10().adapt(graph, node);
  return node->s_(onnx::kcoordinate_transformation_mode, "asymmetric");
}

onnx::Node* refuse_old_mode(const GraphRef&, onnx::Node* node) {
  constexpr auto kMode = onnx::kcoordinate_transformation_mode;
  if (node->hasAttribute(kMode) && node->s(kMode) == "tf_half_pixel_for_nn") {
    throw std::invalid_argument("its mode tf_half_pixel_for_nn no longer exists");
  }
  return node;
}

onnx::Node* refuse(const GraphRef&, onnx::Node*) {
  throw std::invalid_argument("it is defined in another way");
}

}  // namespace

VersionConverter::VersionConverter() {
  correct_normalizations();
  correct_resizing();
  correct_broadcasts();
  registerAdapter("Scan", 8, 9, refuse);
}

void VersionConverter::correct_normalizations() {
  registerAdapter(std::make_unique<conversion::Softmax_12_13>("Hardmax"));
  registerAdapter(std::make_unique<conversion::GroupNormalization_20_21>());
  registerAdapter("BatchNormalization", 6, 7, drop_is_test);
  registerAdapter("Dropout", 6, 7, drop_is_test);
}

void VersionConverter::correct_resizing() {
  registerAdapter("Upsample", 9, 10, upsample_asymmetrically);
  registerAdapter("Resize", 10, 11, resize_asymmetrically);
  registerAdapter("Resize", 12, 13, refuse_old_mode);
}

void VersionConverter::correct_broadcasts() {
  for (const char* op :
       {"Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"}) {
    registerAdapter(op, 6, 7, broadcast_as_numpy);
  }
  registerAdapter("Gemm", 6, 7, conversion::RemoveAttribute(onnx::kbroadcast));
  registerAdapter("PRelu", 6, 7, slope_per_channel);
}

VersionConverter::Step VersionConverter::step(const std::string& op_type, std::int64_t from) const {
  const onnx::OpSetID before(from);
  const onnx::OpSetID after(from + 1);
  const auto* schema = onnx::OpSchemaRegistry::Schema(op_type, static_cast<int>(from + 1), "");
  if (schema == nullptr) return Step::Missing;
  if (schema->since_version() != from + 1) return Step::Same;
  const auto of_operator = adapters.find(op_type);
  if (of_operator == adapters.end()) return Step::Missing;
  const auto from_version = of_operator->second.find(before.toString());
  if (from_version == of_operator->second.end()) return Step::Missing;
  const auto adapter = from_version->second.find(after.toString());
  if (adapter == from_version->second.end()) return Step::Missing;
  const auto* compatible =
      dynamic_cast<const conversion::CompatibleAdapter*>(adapter->second.get());
  return compatible != nullptr ? Step::Widened : Step::Adapted;
}

}  // namespace braid
