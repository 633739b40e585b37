#include "merge/share_parts.hpp"

#include <map>
#include <set>

#include "merge/node_builder.hpp"

namespace braid {
namespace {

constexpr std::size_t kSmall = 64;  // bytes that are not worth a node

class PartSharer {
 public:
  explicit PartSharer(MergedGraph& merged) : merged_(merged), builder_(merged, "shared") {}

  void run() {
    find_holders();
    std::set<ValueId> shared;
    for (const auto& [content, holders] : holders_) {
      if (holders.size() > 1) shared.insert(holders.begin(), holders.end());
    }
    const std::size_t first = merged_.graph.nodes.size();
    for (const ValueId id : shared)
      take_apart(id);
    merged_.move_to_front(first, "mixed");
  }

 private:
  // Views of one content have one number, whatever their dims.
  int bytes_of(const Tensor& tensor) {
    return merged_.contents.id_of(tensor.reshaped({tensor.size()}));
  }

  void find_holders() {
    const Graph& graph = merged_.graph;
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
      const Tensor& constant = graph.values[v].constant;
      if (!constant || constant.bytes() < kSmall) continue;
      for (const Tensor& part : constant.parts().first) {
        if (part.bytes() >= kSmall) holders_[bytes_of(part)].insert(static_cast<ValueId>(v));
      }
    }
  }

  // The constant becomes what nodes yield; its parts are stored each on its own.
  void take_apart(ValueId id) {
    const Tensor constant = merged_.graph.value(id).constant;
    const auto [parts, axis] = constant.parts();
    if (parts.size() == 1) {
      const ValueId whole = stored(constant);
      if (whole == id) return;
      become(id, "Reshape", {whole, builder_.ints(constant.dims())}, {});
      return;
    }
    std::vector<ValueId> inputs;
    for (const Tensor& part : parts) {
      const ValueId whole = stored(part);
      inputs.push_back(merged_.graph.value(whole).constant.dims() == part.dims()
                           ? whole
                           : builder_.reshape(whole, part.dims()));
    }
    Attributes attributes;
    attributes.set("axis", static_cast<std::int64_t>(axis));
    become(id, "Concat", std::move(inputs), std::move(attributes));
  }

  // The one constant that holds these bytes.
  ValueId stored(const Tensor& tensor) {
    const auto [it, is_new] = whole_.try_emplace(bytes_of(tensor), kAbsent);
    if (is_new) it->second = builder_.constant(tensor, "part");
    return it->second;
  }

  void become(ValueId id, const std::string& op_type, std::vector<ValueId> inputs,
              Attributes attributes) {
    Value& value = merged_.graph.value(id);
    value.constant = {};
    value.is_declared = false;
    builder_.define_values({id}, op_type, std::move(inputs), std::move(attributes));
  }

  MergedGraph& merged_;
  NodeBuilder builder_;
  std::map<int, std::set<ValueId>> holders_;  // by content: constants that hold it
  std::map<int, ValueId> whole_;
};

}  // namespace

void share_parts(MergedGraph& merged) {
  PartSharer(merged).run();
}

}  // namespace braid
