#include "braid/record.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "record/options_json.hpp"
#include "record/record_data.hpp"

namespace braid {
namespace {

// Whether a content lies within its tensor.
bool fits(const Content& content, const Tensor& tensor) {
  if (!tensor.has_data() || tensor.dtype() == DType::String) return false;
  const Tensor::Place& place = content.place;
  const std::uint64_t bytes = tensor.bytes();
  const std::uint64_t blocks = content.length / place.block;
  if (place.block > bytes || place.offset > bytes - place.block) return false;
  if (blocks - 1 > (bytes - place.block - place.offset) / place.stride) return false;
  if (content.rows == 0) return true;
  const std::uint64_t element = dtype_bytes(tensor.dtype(), 1);
  const auto rows = static_cast<std::uint64_t>(content.rows);
  return dtype_bits(tensor.dtype()) % 8 == 0 && rows <= content.length / element &&
         content.length % (rows * element) == 0;
}

void find_tensors(RecordData& record) {
  std::unordered_map<std::string, const Tensor*> by_name;
  for (const Value& value : record.merged.graph.values) {
    if (value.is_constant()) by_name.emplace(value.name, &value.constant);
  }
  for (const std::string& name : record.tensors) {
    const auto found = by_name.find(name);
    record.data.push_back(found == by_name.end() ? Tensor() : found->second->materialised());
  }
  for (const Content& content : record.contents) {
    if (content.tensor < 0) continue;
    const auto at = static_cast<std::size_t>(content.tensor);
    if (fits(content, record.data[at])) continue;
    throw Error(ErrorKind::BadInput,
                record.path.string() + ": tensor '" + record.tensors[at] +
                    "' is gone or has another size, so another program has changed the file since "
                    "it was merged; merge the members' files again");
  }
}

// Zeros that take no memory until they are written.
std::shared_ptr<std::byte> allocate_zeros(std::uint64_t size, const std::string& what) {
  std::shared_ptr<std::byte> zeros(static_cast<std::byte*>(std::calloc(size, 1)), std::free);
  if (!zeros) {
    throw Error(ErrorKind::BadInput, what + ": says that it has " + std::to_string(size) +
                                         " bytes, for which there is no room; the record is "
                                         "damaged, merge the members' files again");
  }
  return zeros;
}

SourceFile rebuild(const std::shared_ptr<const RecordData>& record, const FileRecipe& recipe,
                   const RecordedFile& recorded, const std::string& what) {
  const Skeleton& skeleton = record->skeletons[recipe.skeleton];
  const std::shared_ptr<std::byte> image = allocate_zeros(skeleton.size, what);
  SourceFile file{recorded.location, {image.get(), skeleton.size}, image, {}};
  std::string_view text = skeleton.text;
  std::uint64_t at = 0;
  const auto copy_text = [&](std::uint64_t end) {
    const auto bytes = std::as_bytes(std::span(text.substr(0, end - at)));
    std::ranges::copy(bytes, image.get() + at);
    text.remove_prefix(end - at);
  };
  for (std::size_t i = 0; i < recipe.contents.size(); ++i) {
    const Skeleton::Weight& weight = skeleton.weights[i];
    copy_text(weight.offset);
    at = weight.offset + weight.length;
    file.weights.push_back(
        {weight.offset, content_bytes(record, record->contents[recipe.contents[i]])});
  }
  copy_text(skeleton.size);
  return file;
}

std::size_t place_of(const RecordData& record, const std::string& name) {
  const auto found = std::ranges::find(record.members, name, &RecordedMember::name);
  if (found != record.members.end())
    return static_cast<std::size_t>(found - record.members.begin());
  std::string names;
  for (const RecordedMember& member : record.members)
    names += (names.empty() ? "" : ", ") + member.name;
  throw Error(ErrorKind::Usage,
              record.path.string() + ": has no member '" + name + "'; it has " + names);
}

std::string tensor_name(const RecordData& record, const Content& content) {
  return content.tensor < 0 ? "braid.record"
                            : record.tensors[static_cast<std::size_t>(content.tensor)];
}

bool is_intact(const std::shared_ptr<const RecordData>& record, const Content& content) {
  return data_hash(content_bytes(record, content)) == content.hash;
}

void check_structure(const RecordData& record) {
  if (record.is_structure_same) return;
  throw Error(ErrorKind::BadInput,
              record.path.string() +
                  ": its graph is not the one that was written, so another program has changed it "
                  "since and its members may no longer be in it; merge their files again");
}

void check_contents(const std::shared_ptr<const RecordData>& record, std::size_t member) {
  std::set<std::size_t> own;
  for (const FileRecipe& recipe : record->recipes[member])
    own.insert(recipe.contents.begin(), recipe.contents.end());
  for (const std::size_t id : own) {
    const Content& content = record->contents[id];
    if (is_intact(record, content)) continue;
    throw Error(ErrorKind::BadInput,
                record->path.string() + ": the weights of member '" + record->members[member].name +
                    "' in tensor '" + tensor_name(*record, content) +
                    "' are not those that were written; merge the members' files again");
  }
}

}  // namespace

std::optional<Record> Record::of(const Model& merged, const std::filesystem::path& path) {
  const auto data = std::make_shared<RecordData>();
  if (!read_record(merged.metadata, path, *data)) return std::nullopt;
  data->merged = merged;
  data->path = path;
  data->is_structure_same = structure_hash(merged) == data->structure;
  find_tensors(*data);
  return Record(data);
}

const std::vector<RecordedMember>& Record::members() const {
  return data_->members;
}

const std::vector<RecordedGroup>& Record::groups() const {
  return data_->groups;
}

std::uint64_t Record::weight_bytes() const {
  std::uint64_t bytes = 0;
  for (const Content& content : data_->contents)
    bytes += content.length;
  return bytes;
}

std::uint64_t Record::kept_bytes() const {
  std::uint64_t bytes = 0;
  for (const Content& content : data_->contents) {
    const bool is_in_tensor = content.tensor >= 0 && !data_->kept.empty();
    if (is_in_tensor && tensor_name(*data_, content) == data_->kept) bytes += content.length;
  }
  return bytes;
}

std::vector<std::string> Record::damages() const {
  std::vector<std::string> lines;
  if (!data_->is_structure_same) lines.emplace_back("the graph is not the one that was written");
  std::set<std::string> damaged;
  for (const Content& content : data_->contents) {
    if (!is_intact(data_, content)) damaged.insert(tensor_name(*data_, content));
  }
  std::unordered_map<std::string, const Tensor*> by_name;
  for (const Value& value : data_->merged.graph.values) {
    if (value.is_constant()) by_name.emplace(value.name, &value.constant);
  }
  for (const auto& [name, hash] : data_->others) {
    const auto found = by_name.find(name);
    const bool is_there = found != by_name.end() && found->second->has_data();
    if (!is_there || data_hash(*found->second) != hash) damaged.insert(name);
  }
  for (const std::string& name : damaged)
    lines.push_back("tensor '" + name + "' has other bytes than were written");
  return lines;
}

Member Record::member(const std::string& name) const {
  const std::size_t at = place_of(*data_, name);
  check_structure(*data_);
  check_contents(data_, at);
  const RecordedMember& recorded = data_->members[at];
  const std::filesystem::path path = data_->path / recorded.file;
  auto source = std::make_shared<ModelSource>();
  for (std::size_t f = 0; f < recorded.files.size(); ++f) {
    source->files.push_back(
        rebuild(data_, data_->recipes[at][f], recorded.files[f], path.string()));
  }
  return {name, path, load_model(std::move(source), path)};
}

bool Record::has_structure_of(const Model& model) const {
  return structure_hash(model) == data_->structure;
}

MergeOptions Record::options() const {
  return read_options(data_->options, data_->path);
}

std::vector<Member> expand_members(std::vector<Member> members) {
  std::vector<Member> expanded;
  for (Member& member : members) {
    const std::optional<Record> record = Record::of(member.model, member.path);
    if (!record) {
      expanded.push_back(std::move(member));
      continue;
    }
    for (const RecordedMember& own : record->members())
      expanded.push_back(record->member(own.name));
  }
  return expanded;
}

}  // namespace braid
