#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/merge.hpp"
#include "merge/align.hpp"
#include "record/source_contents.hpp"

namespace braid {

/// Gives equal tensors equal numbers: by hash, then by bytes.
class ContentIndex {
 public:
  ContentIndex() = default;

  /// What was read of `files` is not read again for its hash. Keeps the pointer.
  explicit ContentIndex(const SourceContents* files) : files_(files) {}

  /// Number of the content; the same for tensors with the same type, dims and bytes only.
  int id_of(const Tensor& tensor);

  const Tensor& tensor(int id) const { return tensors_[static_cast<std::size_t>(id)]; }

 private:
  std::string hash_of(const Tensor& tensor) const;

  const SourceContents* files_ = nullptr;
  std::vector<Tensor> tensors_;
  std::vector<std::string> hashes_;  // by number; of the bytes alone
  std::vector<Tensor> met_;          // keeps the addresses of by_address_ from being used again
  std::unordered_map<std::string, std::vector<int>> by_hash_;
  std::unordered_map<const void*, std::vector<int>> by_address_;
};

/// Who shares the weight at one position.
struct ShareClasses {
  std::vector<int> contents;  ///< by member: number in the ContentIndex
  std::vector<int> class_of;  ///< by member: share class, numbered by first occurrence
  int count = 0;              ///< number of classes

  static ShareClasses of(std::vector<int> contents);
};

/// Graphs of one architecture, or of the part of it that they have in common.
struct AlignedGroup {
  const Graph* exemplar_graph = nullptr;  ///< names the positions; may be one of the graphs
  std::vector<const Graph*> graphs;
  std::vector<Alignment> alignments;  ///< by member, from the exemplar

  const Graph& exemplar() const { return *exemplar_graph; }
  std::size_t size() const { return graphs.size(); }

  ValueId value_of(std::size_t member, ValueId id) const {
    return alignments[member].values[static_cast<std::size_t>(id)];
  }
  const Node& node_of(std::size_t member, std::size_t node) const {
    const int index = alignments[member].nodes[node];
    return graphs[member]->nodes[static_cast<std::size_t>(index)];
  }
};

/// Share classes of every constant of the exemplar, by its value; count is 0 for other values.
std::vector<ShareClasses> share_classes(const AlignedGroup& group, ContentIndex& index);

/// Sums up the weights of a family of models; structural constants do not count.
class SharingSum {
 public:
  explicit SharingSum(std::size_t member_count) : member_count_(member_count) {}

  /// Adds the positions that `members` have in common.
  void add(const AlignedGroup& group, const std::vector<ShareClasses>& classes,
           const std::vector<std::size_t>& members);

  const Sharing& sharing() const { return sharing_; }

 private:
  std::size_t member_count_;
  Sharing sharing_;
  // A tensor read at several positions of one member counts once for that member.
  std::set<std::pair<std::size_t, int>> counted_;
  std::set<int> unique_;
  std::set<std::pair<std::vector<std::size_t>, std::vector<int>>> positions_;
};

}  // namespace braid
