// If, Loop and Scan run once for all members where all take the same way through them: the
// condition of If is uniform, the trip count of Loop and all its conditions are. Their subgraphs
// are merged as models are (Body); stacked values enter and leave them in front:
//
//   If     cond -> the merged branches; an output that is uniform in one branch is repeated there
//   Loop   carried values [M, d...]; what it collects is [T, M, d...]: second
//   Scan   states [M, d...]; what it scans along the first axis is [T, M, d...]: second
//
// A carried value is uniform if it starts so and stays so; that is found by repetition.

#include <algorithm>

#include "ir/rewrite.hpp"
#include "merge/body.hpp"
#include "merge/rules/rules.hpp"

namespace braid {
namespace {

using Bodies = std::vector<std::shared_ptr<Body>>;

bool have_known_ranks(const Site& site) {
  for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
    if (site.output(i) != kAbsent && site.output_rank(i) < 0) return false;
  }
  return true;
}

Candidate merged_whole(const Site& site, std::function<void(Emitter&)> emit) {
  return in_form(site, "stacked", Form::front(), std::move(emit));
}

std::vector<Kind> all_stacked(std::size_t count) {
  return std::vector<Kind>(count, Kind::Stacked);
}

// Kinds of what a subgraph passes on from turn to turn: inputs from `first_in` on, outputs from
// `first_out` on. False if the subgraph cannot be merged.
bool settle(Body& body, std::size_t first_in, std::size_t first_out, std::size_t count) {
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    if (!body.find_kinds()) return false;
    for (std::size_t i = 0; i < count; ++i) {
      const bool becomes_stacked = body.output_kind(first_out + i) == Kind::Stacked &&
                                   body.input_kind(first_in + i) != Kind::Stacked;
      if (!becomes_stacked) continue;
      body.set_input_kind(first_in + i, Kind::Stacked);
      has_changed = true;
    }
  }
  return true;
}

// [d...] -> [M, d...]
ValueId repeated(Emitter& emitter, ValueId id, int rank) {
  std::vector<std::int64_t> target(static_cast<std::size_t>(rank) + 1, 1);
  target[0] = emitter.members();
  return emitter.add("Expand", {emitter.unsqueeze(id, {0}), emitter.ints(target)});
}

// Defines an output of which the node has yielded `id`, in `form` or uniform.
void define_output(Emitter& emitter, const Site& site, std::size_t i, ValueId id, Kind kind,
                   const Form& form) {
  if (site.output(i) == kAbsent) return;
  if (kind == Kind::Stacked) {
    emitter.define(site.output(i), form, id);
  } else {
    emitter.define(site.output(i), Form::front(), repeated(emitter, id, site.output_rank(i)));
  }
}

ValueId entering(Emitter& emitter, ValueId value, Kind kind) {
  if (value == kAbsent) return kAbsent;
  return kind == Kind::Stacked ? emitter.stacked(value, Form::front()) : emitter.uniform(value);
}

}  // namespace

std::vector<Candidate> if_rule(const Site& site) {
  if (!site.is_uniform(0) || !have_known_ranks(site)) return {};
  const std::shared_ptr<Body> then_branch = Body::find(site, "then_branch");
  const std::shared_ptr<Body> else_branch = Body::find(site, "else_branch");
  if (!then_branch || !else_branch) return {};
  const std::size_t count = site.node().outputs.size();
  for (const auto& branch : {then_branch, else_branch}) {
    if (!branch->find_kinds()) return {};
    for (const ValueId id : branch->graph().outputs) {
      if (!rank_of(branch->graph(), id)) return {};
    }
  }
  return {merged_whole(site, [=](Emitter& emitter) {
    Attributes attributes = site.node().attributes;
    attributes.set("then_branch", then_branch->emit(emitter, all_stacked(count)));
    attributes.set("else_branch", else_branch->emit(emitter, all_stacked(count)));
    emitter.copy_as(site, Form::front(), {emitter.uniform(site.input(0))}, std::move(attributes));
  })};
}

std::vector<Candidate> loop_rule(const Site& site) {
  constexpr std::size_t kCarried = 2;  // behind trip count and condition
  if (site.is_stacked(0) || site.is_stacked(1) || !have_known_ranks(site)) return {};
  const std::shared_ptr<Body> body = Body::find(site, "body");
  if (!body || site.input_count() < kCarried) return {};
  const std::size_t carried = site.input_count() - kCarried;
  if (body->input_count() != carried + kCarried) return {};
  for (std::size_t i = 0; i < carried; ++i) {
    const int rank = site.rank(kCarried + i);
    if (rank < 0 || rank_of(body->graph(), body->graph().outputs[1 + i]) != rank) return {};
    if (rank_of(body->graph(), body->graph().inputs[kCarried + i]) != rank) return {};
    body->set_input_kind(kCarried + i, site.kind(kCarried + i));
  }
  if (!settle(*body, kCarried, 1, carried) || body->output_kind(0) == Kind::Stacked) return {};
  return {merged_whole(site, [=](Emitter& emitter) {
    std::vector<ValueId> inputs;
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      const Kind kind = i < kCarried ? Kind::Uniform : body->input_kind(i);
      inputs.push_back(entering(emitter, site.input(i), kind));
    }
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < body->graph().outputs.size(); ++i) {
      const bool is_carried = i >= 1 && i < 1 + carried;
      kinds.push_back(is_carried ? body->input_kind(kCarried + i - 1) : body->output_kind(i));
    }
    Attributes attributes = site.node().attributes;
    attributes.set("body", body->emit(emitter, kinds));
    const std::vector<ValueId> outputs =
        emitter.copy(site, std::move(inputs), std::move(attributes));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Form form = i < carried ? Form::front() : Form::second();
      define_output(emitter, site, i, outputs[i], kinds[1 + i], form);
    }
  })};
}

namespace {

// Axes along which Scan scans, or writes.
std::vector<std::int64_t> axes_of(const Site& site, const std::string& name, std::size_t count) {
  std::vector<std::int64_t> axes = site.node().attributes.get_ints(name);
  axes.resize(count, 0);
  return axes;
}

// Scanned along its first axis, a stacked value lies in second, where that axis stays the first;
// along another axis it lies in front, and the axis moves.
Form scanned_form(std::int64_t axis) {
  return axis == 0 ? Form::second() : Form::front();
}

void set_axes(Attributes& attributes, const std::string& name,
              const std::vector<std::int64_t>& axes) {
  if (std::all_of(axes.begin(), axes.end(), [](std::int64_t axis) { return axis == 0; })) {
    attributes.erase(name);
  } else {
    attributes.set(name, axes);
  }
}

void emit_scan(Emitter& emitter, const Site& site, Body& body, std::size_t states) {
  const std::size_t output_count = body.graph().outputs.size();
  std::vector<std::int64_t> axes_in = axes_of(site, "scan_input_axes", site.input_count() - states);
  std::vector<std::int64_t> axes_out = axes_of(site, "scan_output_axes", output_count - states);
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (i < states || body.input_kind(i) != Kind::Stacked) {
      inputs.push_back(entering(emitter, site.input(i), body.input_kind(i)));
      continue;
    }
    std::int64_t& axis = axes_in[i - states];
    axis = from_front(axis, site.rank(i));
    inputs.push_back(emitter.stacked(site.input(i), scanned_form(axis)));
    axis = scanned_form(axis).physical(static_cast<int>(axis));
  }
  std::vector<Kind> kinds;
  std::vector<Form> forms;
  for (std::size_t i = 0; i < output_count; ++i) {
    kinds.push_back(i < states ? body.input_kind(i) : body.output_kind(i));
    forms.push_back(Form::front());
    if (i < states || kinds[i] != Kind::Stacked) continue;
    std::int64_t& axis = axes_out[i - states];
    axis = from_front(axis, site.output_rank(i));
    forms[i] = scanned_form(axis);
    axis = forms[i].physical(static_cast<int>(axis));
  }
  Attributes attributes = site.node().attributes;
  set_axes(attributes, "scan_input_axes", axes_in);
  set_axes(attributes, "scan_output_axes", axes_out);
  attributes.set("body", body.emit(emitter, kinds));
  const std::vector<ValueId> outputs = emitter.copy(site, std::move(inputs), std::move(attributes));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    define_output(emitter, site, i, outputs[i], kinds[i], forms[i]);
}

}  // namespace

std::vector<Candidate> scan_rule(const Site& site) {
  constexpr std::int64_t kWithoutBatch = 9;
  if (site.opset() < kWithoutBatch || !have_known_ranks(site)) return {};
  const std::shared_ptr<Body> body = Body::find(site, "body");
  if (!body || body->input_count() != site.input_count()) return {};
  const auto scans = static_cast<std::size_t>(site.node().attributes.get_int("num_scan_inputs", 0));
  if (scans > site.input_count()) return {};
  const std::size_t states = site.input_count() - scans;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    const int rank = site.rank(i) - (i < states ? 0 : 1);
    if (site.rank(i) < 0 || rank_of(body->graph(), body->graph().inputs[i]) != rank) return {};
    body->set_input_kind(i, site.kind(i));
  }
  if (!settle(*body, 0, 0, states)) return {};
  for (std::size_t i = 0; i < states; ++i) {
    if (rank_of(body->graph(), body->graph().outputs[i]) != site.rank(i)) return {};
  }
  Candidate candidate =
      merged_whole(site, [=](Emitter& emitter) { emit_scan(emitter, site, *body, states); });
  const std::vector<std::int64_t> axes = axes_of(site, "scan_input_axes", scans);
  for (std::size_t i = 0; i < scans; ++i)
    candidate.inputs[states + i] = scanned_form(from_front(axes[i], site.rank(states + i)));
  return {std::move(candidate)};
}

}  // namespace braid
