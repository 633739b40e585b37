#include "property/check.hpp"

#include <unistd.h>
#include <algorithm>
#include <filesystem>

#include "braid/canonicalise.hpp"
#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "property/compare.hpp"
#include "property/take_apart.hpp"
#include "property/type_check.hpp"

namespace braid::property {
namespace {

/// A case that failed, and how.
struct Failure {
  std::string kind;
  std::string details;
};

// Up to the first name or number, which change while a case shrinks.
std::string beginning(const std::string& message) {
  return message.substr(0, std::min<std::size_t>(message.find_first_of("'0123456789(["), 60));
}

template <class Action>
auto guarded(const std::string& kind, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Failure{kind + ": " + beginning(error.what()), error.what()};
  }
}

std::size_t position(const std::vector<Port>& ports, const std::string& name) {
  const auto found = std::ranges::find(ports, name, &Port::name);
  if (found == ports.end()) throw Failure{"a port is missing", name};
  return static_cast<std::size_t>(found - ports.begin());
}

using Tensors = std::vector<Tensor>;

// Runs with inputs in the order of the architecture, and returns outputs in that order.
Tensors run_member(const Executable& program, const CaseMember& member, const Tensors& inputs) {
  Tensors ordered(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    ordered[position(program.inputs(), member.inputs[i])] = inputs[i];
  return program.run(ordered);
}

class Checker {
 public:
  Checker(const Case& test, const CheckOptions& options)
      : test_(test), options_(options), members_(make_members(test)) {}

  Outcome run() {
    try {
      for (const CaseMember& member : members_)
        guarded("a member is not valid", [&] { check_types(member.member.model); });
      merge_members();
      check_model();
      compile_members();
      const Executable merged =
          guarded("the merged model does not compile", [&] { return compile(merged_.model); });
      for (std::int64_t batch = 1; batch <= kLargestBatch; ++batch)
        run_at(merged, batch);
    } catch (const Failure& failure) {
      outcome_.failure = failure.kind;
      outcome_.details = failure.details;
    } catch (const std::exception& error) {
      outcome_.failure = "an exception that is no Error";
      outcome_.details = error.what();
    }
    return outcome_;
  }

 private:
  Merged merge_once() const {
    std::vector<Member> members;
    for (const CaseMember& member : members_)
      members.push_back(member.member);
    return merge(std::move(members), test_.options);
  }

  void merge_members() {
    merged_ = guarded("merging throws", [&] { return merge_once(); });
    const auto& groups = merged_.report.groups;
    if (groups.size() != 1 || groups[0].architectures.size() != 1) {
      const Difference difference = difference_of_members();
      throw Failure{"members are not seen as one architecture",
                    difference.first + " / " + difference.second + ": " + difference.cause};
    }
    outcome_.member_nodes = static_cast<std::int64_t>(test_.model.graph.nodes.size());
    outcome_.merged_nodes = static_cast<std::int64_t>(merged_.model.graph.nodes.size());
  }

  Difference difference_of_members() const {
    std::vector<Member> members;
    for (const CaseMember& member : members_)
      members.push_back(member.member);
    return compare_members(members).groups.back().difference.value_or(
        Difference{"", "", "of several families"});
  }

  void check_model() {
    guarded("the merged model is not valid", [&] { check_types(merged_.model); });
    count_bytes();
    if (options_.merges_twice) check_determinism();
    if (options_.saves) {
      check_saving();
      check_taking_apart();
    }
  }

  // Each distinct constant is stored once. Sums the bytes of the members' distinct ones.
  void count_bytes() {
    const auto add = [](const Model& model, Tensors& seen, bool is_merged) {
      for (const Value& value : model.graph.values) {
        if (!value.is_constant() || !is_float(value.constant.dtype())) continue;
        const bool is_new = std::ranges::none_of(
            seen, [&](const Tensor& other) { return same_content(other, value.constant); });
        if (is_new) seen.push_back(value.constant);
        if (!is_new && is_merged)
          throw Failure{"a weight is stored twice",
                        value.name + " " + braid::describe(value.constant)};
      }
    };
    const auto sum = [](const Tensors& tensors) {
      std::uint64_t bytes = 0;
      for (const Tensor& tensor : tensors)
        bytes += tensor.bytes();
      return bytes;
    };
    Tensors unique, stored;
    for (const CaseMember& member : members_) {
      Model model = member.member.model;
      canonicalise(model);
      add(model, unique, false);
    }
    add(merged_.model, stored, true);
    outcome_.unique_bytes = sum(unique);
    outcome_.merged_bytes = sum(stored);
  }

  void check_determinism() const {
    const Merged again = merge_once();
    if (print_model_text(again.model) != print_model_text(merged_.model))
      throw Failure{"merging twice gives two results", ""};
  }

  void check_saving() const {
    const auto path = std::filesystem::temp_directory_path() /
                      ("braid-random-" + std::to_string(getpid()) + ".onnx");
    guarded("the merged model is not saved and loaded", [&] {
      save_model(merged_.model, path, {.overwrite = true});
      const Model loaded = load_model(path);
      std::filesystem::remove(path);
      if (print_model_text(loaded) != print_model_text(merged_.model))
        throw Failure{"saving and loading changes the model", ""};
    });
  }

  void check_taking_apart() const {
    std::vector<Member> members;
    for (const CaseMember& member : members_)
      members.push_back(member.member);
    const std::string problem = guarded("taking the merged file apart throws",
                                        [&] { return take_apart(members, test_.options); });
    if (!problem.empty()) throw Failure{"taken apart, the merged file is not its members", problem};
  }

  void compile_members() {
    for (const CaseMember& member : members_) {
      programs_.push_back(
          guarded("a member does not compile", [&] { return compile(member.member.model); }));
    }
  }

  // Members that cannot run at a size (an index beyond the batch, say) are not compared at it.
  void run_at(const Executable& merged, std::int64_t batch) {
    std::vector<Tensors> inputs, outputs;
    try {
      for (std::size_t m = 0; m < members_.size(); ++m) {
        inputs.push_back(draw_inputs(test_, static_cast<int>(m), batch));
        outputs.push_back(run_member(programs_[m], members_[m], inputs[m]));
        if (!std::ranges::all_of(outputs[m], is_finite)) return;
      }
    } catch (const Error&) {
      return;
    }
    ++outcome_.sizes_run;
    const std::vector<Tensors> results =
        guarded("the merged model does not run at batch " + std::to_string(batch),
                [&] { return run_merged(merged, inputs); });
    for (std::size_t m = 0; m < members_.size(); ++m)
      compare(m, batch, outputs[m], results[m]);
    run_control(inputs, results);
  }

  std::vector<Tensors> run_merged(const Executable& merged,
                                  const std::vector<Tensors>& inputs) const {
    Tensors ordered(merged.inputs().size());
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (std::size_t i = 0; i < inputs[m].size(); ++i)
        ordered[position(merged.inputs(), input_name(m, i))] = inputs[m][i];
    }
    const Tensors all = merged.run(ordered);
    std::vector<Tensors> outputs(members_.size());
    for (std::size_t m = 0; m < members_.size(); ++m) {
      for (const std::string& name : members_[m].outputs)
        outputs[m].push_back(all[position(merged.outputs(), prefixed(m, name))]);
    }
    return outputs;
  }

  std::string input_name(std::size_t member, std::size_t input) const {
    const std::string& name = members_[member].inputs[input];
    return test_.options.shares_inputs ? name : prefixed(member, name);
  }

  std::string prefixed(std::size_t member, const std::string& name) const {
    return members_[member].member.name + "/" + name;
  }

  static void compare(std::size_t member, std::int64_t batch, const Tensors& expected,
                      const Tensors& actual) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (agree(expected[i], actual[i])) continue;
      throw Failure{"outputs differ", "member " + std::to_string(member) + ", output " +
                                          std::to_string(i) + ", batch " + std::to_string(batch) +
                                          ": " + describe_difference(expected[i], actual[i])};
    }
  }

  // Weights that reach an output in which they can be seen, and in which the first two differ.
  bool has_differing_weights() const {
    Case live = test_;
    Graph& graph = live.model.graph;
    std::erase_if(graph.outputs, [&](ValueId id) { return !is_float(graph.value(id).type.dtype); });
    drop_unused(live);
    return std::ranges::any_of(live.weights, [](const Weight& weight) {
      return weight.class_of[0] != weight.class_of[1];
    });
  }

  // If the merged model gave member 0 the weights of member 1, would the comparison tell?
  void run_control(const std::vector<Tensors>& inputs, const std::vector<Tensors>& results) {
    if (outcome_.control == true || !has_differing_weights()) return;
    const Tensors swapped = run_member(programs_[1], members_[1], inputs[0]);
    outcome_.control = !std::ranges::equal(swapped, results[0], agree);
  }

  const Case& test_;
  CheckOptions options_;
  std::vector<CaseMember> members_;
  std::vector<Executable> programs_;
  Merged merged_;
  Outcome outcome_;
};

}  // namespace

Outcome check(const Case& test, const CheckOptions& options) {
  return Checker(test, options).run();
}

}  // namespace braid::property
