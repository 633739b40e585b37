// Runs tests/golden/passes/*.golden; README.md beside them explains the format.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "braid/canonicalise.hpp"
#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/kernel.hpp"
#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "ir/rewrite.hpp"
#include "kernels/reference/kernels.hpp"
#include "passes/passes.hpp"
#include "verify/compare_outputs.hpp"

namespace braid {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(BRAID_TEST_DATA) / "golden/passes";

std::optional<std::vector<Tensor>> evaluate(const Node& node, std::int64_t opset,
                                            std::span<const Tensor> inputs) {
  const KernelFunction kernel = reference::find_kernel(node.domain, node.op_type);
  if (kernel == nullptr) return std::nullopt;
  std::vector<Tensor> outputs(node.outputs.size());
  KernelCall call(node.op_type, opset, node.attributes, inputs, outputs);
  kernel(call);
  return outputs;
}

const std::map<std::string, std::function<bool(Model&)>> kPasses = {
    {"clamp_slices", clamp_slices},
    {"densify_sparse_initializers", densify_sparse_initializers},
    {"drop_default_attributes", drop_default_attributes},
    {"drop_default_inputs", drop_default_inputs},
    {"drop_identities", drop_identities},
    {"drop_neutral_operands", drop_neutral_operands},
    {"drop_unread_outputs", drop_unread_outputs},
    {"drop_zero_pads", drop_zero_pads},
    {"drop_zero_states", drop_zero_states},
    {"fill_constants", fill_constants},
    {"fix_reshape_targets", fix_reshape_targets},
    {"flatten_reshapes", flatten_reshapes},
    {"fold_batch_normalization", fold_batch_normalization},
    {"fold_constants", [](Model& model) { return fold_constants(model, evaluate); }},
    {"fold_shapes", fold_shapes},
    {"fold_weight_casts", [](Model& model) { return fold_weight_casts(model, evaluate); }},
    {"fold_weight_views", fold_weight_views},
    {"fuse_gelu", fuse_gelu},
    {"fuse_matmul_add", fuse_matmul_add},
    {"join_slices", join_slices},
    {"join_transposes", join_transposes},
    {"join_views", join_views},
    {"lift_constants", lift_constants},
    {"make_axes_explicit", make_axes_explicit},
    {"merge_equal_nodes", merge_equal_nodes},
    {"name_computed_dims", name_computed_dims},
    {"name_split_sizes", name_split_sizes},
    {"narrow_sums", narrow_sums},
    {"order_commutative_inputs", order_commutative_inputs},
    {"pad_convolutions", pad_convolutions},
    {"pool_means", pool_means},
    {"replace_cast_like", replace_cast_like},
    {"replace_plain_gemm", replace_plain_gemm},
    {"reshape_gathers", reshape_gathers},
    {"respell_shapes", respell_shapes},
    {"take_reciprocals", take_reciprocals},
    {"transpose_gemm_weights", transpose_gemm_weights},
    {"trim_absent_inputs", trim_absent_inputs},
    {"trim_broadcast_constants", trim_broadcast_constants},
    {"unbatch_transposes", unbatch_transposes},
};

// These round once where the given model rounds twice, or the other way round.
const std::map<std::string, double> kTolerances = {
    {"fold_batch_normalization", 1e-5}, {"fuse_gelu", 1e-6}, {"fuse_matmul_add", 1e-6}};

struct Case {
  std::string title;
  std::string input;
  std::string expect;
  bool is_unchanged = false;
};

std::vector<Case> read_cases(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string* section = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), {}, {}, false});
      section = nullptr;
    } else if (line == "--- input") {
      section = &cases.back().input;
    } else if (line == "--- expect") {
      section = &cases.back().expect;
    } else if (line == "--- unchanged") {
      cases.back().is_unchanged = true;
    } else if (section != nullptr) {
      *section += line + "\n";
    }
  }
  return cases;
}

// The model as text, with values renamed in the order in which the nodes mention them.
std::string normalised(Model model) {
  remove_dead(model.graph);
  std::vector<bool> is_named(model.graph.values.size(), false);
  int next = 0;
  const auto rename = [&](ValueId id) {
    if (id == kAbsent || is_named[static_cast<std::size_t>(id)]) return;
    is_named[static_cast<std::size_t>(id)] = true;
    model.graph.value(id).name = "v" + std::to_string(next++);
  };
  for (const ValueId id : model.graph.inputs)
    rename(id);
  std::string constants;
  for (Node& node : model.graph.nodes) {
    for (const ValueId id : node.inputs)
      rename(id);
    for (const ValueId id : node.outputs)
      rename(id);
    node.name.clear();
  }
  for (const ValueId id : model.graph.outputs)
    rename(id);
  std::map<std::string, std::string> by_name;
  for (Value& value : model.graph.values) {
    value.is_declared = false;
    if (value.is_constant() && value.constant.has_data()) {
      value.constant = value.constant.materialised();
      const auto bytes = value.constant.raw();
      std::string& text = by_name[value.name];
      text = describe(value.constant) + ":";
      for (const std::byte byte : bytes)
        text += " " + std::to_string(static_cast<int>(byte));
      value.constant = Tensor();
    }
  }
  for (const auto& [name, text] : by_name)
    constants += name + " = " + text + "\n";
  return print_model_text(model) + "\n" + constants;
}

void expect_same_outputs(const Model& before, const Model& after, double tolerance) {
  const Executable first = compile(before);
  const Executable second = compile(after);
  const std::vector<Tensor> inputs = sample_inputs(before, first.inputs(), 1, {});
  const std::vector<Tensor> expected = first.run(inputs);
  const std::vector<Tensor> actual = second.run(inputs);
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (tolerance == 0) {
      EXPECT_TRUE(same_content(expected[i], actual[i])) << "output " << i;
    } else {
      const OutputCheck check = compare_outputs(expected[i], actual[i], tolerance, tolerance);
      EXPECT_TRUE(check.passed) << "output " << i;
    }
  }
}

void run_case(const std::string& pass, const Case& example) {
  SCOPED_TRACE(pass + ": " + example.title);
  Model model = parse_model_text(example.input);
  infer_types(model);
  const Model before = model;
  const bool has_changed = kPasses.at(pass)(model);
  EXPECT_EQ(has_changed, !example.is_unchanged);
  const Model expected = example.is_unchanged ? before : parse_model_text(example.expect);
  EXPECT_EQ(normalised(model), normalised(expected));
  for (std::size_t i = 0; i < model.graph.outputs.size(); ++i) {
    EXPECT_EQ(model.graph.value(model.graph.outputs[i]).name,
              before.graph.value(before.graph.outputs[i]).name);
  }
  if (has_changed) {
    Model again = model;
    infer_types(again);
    EXPECT_FALSE(kPasses.at(pass)(again)) << "a second run changes something";
  }
  const auto tolerance = kTolerances.find(pass);
  expect_same_outputs(before, model, tolerance == kTolerances.end() ? 0 : tolerance->second);
}

TEST(Golden, EveryPassHasAFileWithAnUnchangedCase) {
  for (const auto& [pass, run] : kPasses) {
    const std::vector<Case> cases = read_cases(kFolder / (pass + ".golden"));
    EXPECT_FALSE(cases.empty()) << pass;
    EXPECT_TRUE(
        std::any_of(cases.begin(), cases.end(), [](const Case& c) { return c.is_unchanged; }))
        << pass << " has no unchanged case";
  }
}

class GoldenPass : public testing::TestWithParam<std::string> {};

TEST_P(GoldenPass, MatchesAndKeepsTheOutputs) {
  for (const Case& example : read_cases(kFolder / (GetParam() + ".golden"))) {
    run_case(GetParam(), example);
  }
}

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const auto& [name, run] : kPasses)
    names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenPass, testing::ValuesIn(pass_names()),
                         [](const auto& item) { return item.param; });

}  // namespace
}  // namespace braid
