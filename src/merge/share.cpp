#include "merge/share.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "record/record_data.hpp"

namespace braid {
namespace {

// Where the data lies, if that alone tells that two tensors are equal.
const void* address_of(const Tensor& tensor) {
  if (tensor.bytes() == 0) return nullptr;
  return tensor.is_contiguous() ? tensor.raw().data() : tensor.identity();
}

}  // namespace

// A view of data met before has their hash.
std::string ContentIndex::hash_of(const Tensor& tensor) const {
  const auto met = by_address_.find(address_of(tensor));
  if (met != by_address_.end() && met->first != nullptr) {
    for (const int id : met->second) {
      const auto at = static_cast<std::size_t>(id);
      if (tensors_[at].bytes() == tensor.bytes()) return hashes_[at];
    }
  }
  if (!tensor.has_data()) return "";
  if (const std::string* known = files_ == nullptr ? nullptr : files_->known_hash(tensor))
    return *known;
  return data_hash(tensor);
}

int ContentIndex::id_of(const Tensor& tensor) {
  const void* address = address_of(tensor);
  const auto is_same_view = [&](int id) {
    const Tensor& known = tensors_[static_cast<std::size_t>(id)];
    return known.dtype() == tensor.dtype() && known.dims() == tensor.dims();
  };
  if (address != nullptr) {
    for (const int id : by_address_[address]) {
      if (is_same_view(id)) return id;
    }
  }
  const std::string hash = hash_of(tensor);
  std::vector<int>& candidates = by_hash_[hash];
  const auto found = std::find_if(candidates.begin(), candidates.end(), [&](int id) {
    return same_content(tensors_[static_cast<std::size_t>(id)], tensor);
  });
  int id = 0;
  if (found != candidates.end()) {
    id = *found;
  } else {
    id = static_cast<int>(tensors_.size());
    tensors_.push_back(tensor);
    hashes_.push_back(hash);
    candidates.push_back(id);
  }
  if (address != nullptr) {
    by_address_[address].push_back(id);
    met_.push_back(tensor);
  }
  return id;
}

ShareClasses ShareClasses::of(std::vector<int> contents) {
  ShareClasses classes;
  std::unordered_map<int, int> number;
  for (const int content : contents) {
    const auto [it, is_new] = number.emplace(content, classes.count);
    if (is_new) ++classes.count;
    classes.class_of.push_back(it->second);
  }
  classes.contents = std::move(contents);
  return classes;
}

std::vector<ShareClasses> share_classes(const AlignedGroup& group, ContentIndex& index) {
  const Graph& exemplar = group.exemplar();
  std::vector<ShareClasses> result(exemplar.values.size());
  for (std::size_t v = 0; v < exemplar.values.size(); ++v) {
    if (!exemplar.values[v].is_constant()) continue;
    std::vector<int> contents;
    for (std::size_t m = 0; m < group.size(); ++m) {
      const ValueId id = group.value_of(m, static_cast<ValueId>(v));
      if (id == kAbsent) break;
      contents.push_back(index.id_of(group.graphs[m]->value(id).constant));
    }
    if (contents.size() == group.size()) result[v] = ShareClasses::of(std::move(contents));
  }
  return result;
}

void SharingSum::add(const AlignedGroup& group, const std::vector<ShareClasses>& classes,
                     const std::vector<std::size_t>& members) {
  const Graph& exemplar = group.exemplar();
  const std::vector<bool> is_structural = structural_constants(exemplar);
  for (std::size_t v = 0; v < classes.size(); ++v) {
    const ShareClasses& position = classes[v];
    if (position.count == 0 || is_structural[v]) continue;
    if (!positions_.emplace(members, position.contents).second) continue;
    const std::uint64_t bytes = exemplar.values[v].constant.bytes();
    const bool is_in_all = members.size() == member_count_;
    ++sharing_.positions;
    if (position.count == 1 && is_in_all) ++sharing_.shared_positions;
    const bool is_in_some = static_cast<std::size_t>(position.count) < members.size();
    if (is_in_some && (position.count > 1 || !is_in_all)) ++sharing_.mixed_positions;
    for (std::size_t m = 0; m < members.size(); ++m) {
      const int content = position.contents[m];
      if (counted_.emplace(members[m], content).second) sharing_.total_bytes += bytes;
      if (unique_.insert(content).second) sharing_.unique_bytes += bytes;
    }
  }
}

}  // namespace braid
