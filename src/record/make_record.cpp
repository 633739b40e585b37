// Finds the members' weights in the merged model by their bytes, whatever the passes did: each is a
// part of some initializer, as it was or transposed, or else is kept beside.

#include "record/make_record.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "ir/retype.hpp"
#include "ir/transpose.hpp"

namespace braid {
namespace {

constexpr std::uint64_t kNotLookedFor = 16;  // a place takes as many bytes
constexpr std::uint64_t kLargestSmall = 4096;

class RecordMaker {
 public:
  RecordMaker(const std::vector<SourceMember>& members, const SourceContents& sources,
              Model& merged)
      : members_(members), sources_(sources), merged_(merged) {}

  RecordData run() {
    for (const SourceMember& member : members_)
      add_member(member);
    for (const Value& value : merged_.graph.values) {
      if (value.is_constant()) search(value);
    }
    keep_others();
    record_.structure = structure_hash(merged_);
    return std::move(record_);
  }

 private:
  void add_member(const SourceMember& member) {
    RecordedMember& recorded = record_.members.emplace_back();
    recorded.name = member.name;
    recorded.file = member.file;
    std::vector<FileRecipe>& recipes = record_.recipes.emplace_back();
    for (std::size_t f = 0; f < member.files.size(); ++f) {
      const SourceFile& file = member.source->files[f];
      recorded.files.push_back({file.location, file.image.size(), member.files[f].hash});
      FileRecipe& recipe = recipes.emplace_back();
      recipe.skeleton = skeleton_of(file);
      for (const std::size_t content : member.files[f].contents)
        recipe.contents.push_back(own_number(content));
    }
  }

  std::size_t skeleton_of(const SourceFile& file) {
    Skeleton skeleton;
    skeleton.size = file.image.size();
    std::uint64_t at = 0;
    const auto add_text = [&](std::uint64_t end) {
      const auto text = file.image.subspan(at, end - at);
      skeleton.text.append(reinterpret_cast<const char*>(text.data()), text.size());
    };
    for (const SourceFile::Weight& weight : file.weights) {
      skeleton.weights.push_back({weight.offset, weight.bytes.bytes()});
      add_text(weight.offset);
      at = weight.end();
    }
    add_text(skeleton.size);
    const auto known = std::ranges::find(record_.skeletons, skeleton);
    const auto index = static_cast<std::size_t>(known - record_.skeletons.begin());
    if (known == record_.skeletons.end()) record_.skeletons.push_back(std::move(skeleton));
    return index;
  }

  // Contents are numbered by first use, whichever other models were read.
  std::size_t own_number(std::size_t content) {
    const auto [it, is_new] = numbers_.emplace(content, record_.contents.size());
    if (is_new) {
      record_.contents.push_back(sources_.content(content));
      bytes_.push_back(sources_.bytes(content));
      lengths_.insert(record_.contents.back().length);
    }
    return it->second;
  }

  // An initializer some of whose bytes are no content of their own has a hash of its own.
  void search(const Value& value) {
    const Tensor& tensor = value.constant;
    bool is_covered = tensor.dtype() != DType::String;
    if (is_covered) {
      tensor.for_each_part([&](const Tensor& part, const Tensor::Place& place) {
        if (!search_part(value, part, place)) is_covered = false;
      });
    }
    if (!is_covered) record_.others.emplace_back(value.name, data_hash(tensor));
  }

  bool search_part(const Value& value, const Tensor& part, const Tensor::Place& place) {
    if (!lengths_.contains(part.bytes()) || part.bytes() <= kNotLookedFor) return false;
    if (const auto found = sources_.find(part)) return take(*found, value, place, 0);
    std::vector<std::int64_t> dims = part.dims();
    std::erase(dims, 1);
    if (dims.size() != 2) return false;
    const auto turned = transposed(part.reshaped(dims).materialised(), {1, 0});
    if (!turned) return false;
    const auto found = sources_.find(*turned);
    return found && take(*found, value, place, dims[0]);
  }

  // False if the content has a place already, or is not one of these members.
  bool take(std::size_t source, const Value& value, const Tensor::Place& place, std::int64_t rows) {
    const auto number = numbers_.find(source);
    if (number == numbers_.end()) return false;
    Content& content = record_.contents[number->second];
    if (content.tensor >= 0) return false;
    content.tensor = tensor_number(value.name);
    content.place = place;
    content.rows = rows;
    return true;
  }

  int tensor_number(const std::string& name) {
    if (record_.tensors.empty() || record_.tensors.back() != name) record_.tensors.push_back(name);
    return static_cast<int>(record_.tensors.size()) - 1;
  }

  void keep_others() {
    std::vector<Tensor> kept;
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < record_.contents.size(); ++i) {
      Content& content = record_.contents[i];
      if (content.tensor >= 0) continue;
      if (content.length <= kLargestSmall) {
        bytes_[i].for_each_piece([&](std::span<const std::byte> piece) {
          record_.small.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        });
        continue;
      }
      if (kept.empty()) record_.tensors.push_back(kept_name());
      content.tensor = static_cast<int>(record_.tensors.size()) - 1;
      content.place = {offset, content.length, content.length};
      offset += content.length;
      kept.push_back(bytes_[i]);
    }
    if (kept.empty()) return;
    record_.kept = record_.tensors.back();
    merged_.graph.add_constant(record_.kept, Tensor::concatenation(std::move(kept), 0));
  }

  std::string kept_name() const {
    std::string name = "braid.kept";
    while (std::ranges::find(merged_.graph.values, name, &Value::name) !=
           merged_.graph.values.end())
      name += "_";
    return name;
  }

  const std::vector<SourceMember>& members_;
  const SourceContents& sources_;
  Model& merged_;
  RecordData record_;
  std::map<std::size_t, std::size_t> numbers_;  // of the sources' contents among the record's
  std::vector<Tensor> bytes_;                   // by content of the record
  std::unordered_set<std::uint64_t> lengths_;   // of contents
};

}  // namespace

std::uint64_t add_record(const std::vector<SourceMember>& members, const SourceContents& contents,
                         std::vector<RecordedGroup> groups, std::string options, Model& merged) {
  const std::size_t values = merged.graph.values.size();
  RecordData record = RecordMaker(members, contents, merged).run();
  record.groups = std::move(groups);
  record.options = std::move(options);
  for (auto& entry : write_record(record))
    merged.metadata.push_back(std::move(entry));
  return record.kept.empty() ? 0 : merged.graph.values[values].constant.bytes();
}

}  // namespace braid
