// RecordData <-> metadata of a model: "braid.record", JSON, and "braid.record.bytes", the
// skeletons' texts and the small contents, both packed.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/error.hpp"
#include "record/packed_text.hpp"
#include "record/record_data.hpp"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRecord = "braid.record";
constexpr const char* kBytes = "braid.record.bytes";
constexpr int kVersion = 1;

// ---- writing ----

Json content_json(const Content& content) {
  Json json = {content.length, content.hash};
  if (content.tensor < 0) return json;
  json.push_back(content.tensor);
  json.push_back(content.place.offset);
  const bool is_whole = content.place.block == content.length;
  if (is_whole && content.rows == 0) return json;
  json.push_back(content.place.block);
  json.push_back(content.place.stride);
  if (content.rows != 0) json.push_back(content.rows);
  return json;
}

// Each weight as the gap before it and its length.
Json skeleton_json(const Skeleton& skeleton) {
  Json weights = Json::array();
  std::uint64_t end = 0;
  for (const Skeleton::Weight& weight : skeleton.weights) {
    weights.push_back(weight.offset - end);
    weights.push_back(weight.length);
    end = weight.offset + weight.length;
  }
  return {{"size", skeleton.size}, {"weights", std::move(weights)}};
}

Json member_json(const RecordedMember& member, const std::vector<FileRecipe>& recipes) {
  Json files = Json::array();
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    files.push_back({{"location", member.files[i].location},
                     {"xxh3_128", member.files[i].hash},
                     {"skeleton", recipes[i].skeleton},
                     {"contents", recipes[i].contents}});
  }
  return {{"name", member.name}, {"file", member.file}, {"files", std::move(files)}};
}

Json group_json(const RecordedGroup& group) {
  return {{"members", group.members},
          {"architectures", group.architectures},
          {"positions", group.sharing.positions},
          {"shared_positions", group.sharing.shared_positions},
          {"mixed_positions", group.sharing.mixed_positions},
          {"total_bytes", group.sharing.total_bytes},
          {"unique_bytes", group.sharing.unique_bytes}};
}

// ---- reading ----

struct Damaged {
  std::string what;
};

void check(bool holds, const char* what) {
  if (!holds) throw Damaged{what};
}

// Sizes and places; neither negative nor a fraction.
std::uint64_t number(const Json& json) {
  check(json.is_number_unsigned(), "a size or place is no number");
  return json.get<std::uint64_t>();
}

Content read_content(const Json& json, const std::vector<std::string>& tensors) {
  Content content;
  content.length = number(json.at(0));
  content.hash = json.at(1);
  content.place = {0, content.length, content.length};
  if (json.size() > 2) {
    check(number(json.at(2)) < tensors.size(), "a weight lies in a tensor that is not listed");
    content.tensor = json.at(2);
    content.place.offset = number(json.at(3));
  }
  if (json.size() > 4) {
    content.place.block = number(json.at(4));
    content.place.stride = number(json.at(5));
  }
  if (json.size() > 6) content.rows = static_cast<std::int64_t>(number(json.at(6)));
  const Tensor::Place& place = content.place;
  check(content.length > 0 && place.block > 0 && content.length % place.block == 0 &&
            place.stride >= place.block && content.rows >= 0,
        "a weight has an impossible place");
  return content;
}

// Sums that a hostile file makes too large are told from those that fit.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  check(a <= a + b, "a size is too large");
  return a + b;
}

// Hands out the bytes of `text` one after the other.
class ByteReader {
 public:
  explicit ByteReader(std::string_view text) : text_(text) {}

  std::string take(std::uint64_t length) {
    check(length <= text_.size(), "bytes are missing");
    std::string taken(text_.substr(0, length));
    text_.remove_prefix(length);
    return taken;
  }

  std::string rest() const { return std::string(text_); }

 private:
  std::string_view text_;
};

Skeleton read_skeleton(const Json& json, ByteReader& bytes) {
  Skeleton skeleton;
  skeleton.size = number(json.at("size"));
  const Json& weights = json.at("weights");
  check(weights.size() % 2 == 0, "a file's weights are not listed in full");
  std::uint64_t end = 0;
  std::uint64_t between = skeleton.size;
  for (std::size_t i = 0; i < weights.size(); i += 2) {
    const std::uint64_t offset = sum(end, number(weights.at(i)));
    const std::uint64_t length = number(weights.at(i + 1));
    end = sum(offset, length);
    check(length > 0 && end <= skeleton.size, "a weight lies beyond the end of its file");
    between -= length;
    skeleton.weights.push_back({offset, length});
  }
  skeleton.text = bytes.take(between);
  return skeleton;
}

void read_file(const Json& json, RecordData& record, RecordedMember& member,
               std::vector<FileRecipe>& recipes) {
  FileRecipe recipe;
  recipe.skeleton = number(json.at("skeleton"));
  recipe.contents = json.at("contents").get<std::vector<std::size_t>>();
  check(recipe.skeleton < record.skeletons.size(), "a file has no skeleton");
  const Skeleton& skeleton = record.skeletons[recipe.skeleton];
  check(recipe.contents.size() == skeleton.weights.size(), "a file's weights are not all named");
  for (std::size_t i = 0; i < recipe.contents.size(); ++i) {
    check(recipe.contents[i] < record.contents.size() &&
              record.contents[recipe.contents[i]].length == skeleton.weights[i].length,
          "a file's weight is not the one that is recorded");
  }
  member.files.push_back({json.at("location"), skeleton.size, json.at("xxh3_128")});
  check(member.files.back().location.empty() == (member.files.size() == 1),
        "a member has no model file");
  recipes.push_back(std::move(recipe));
}

void read_groups(const Json& json, RecordData& record) {
  for (const Json& entry : json) {
    RecordedGroup& group = record.groups.emplace_back();
    group.members = entry.at("members").get<std::vector<std::string>>();
    group.architectures = entry.at("architectures");
    group.sharing = {entry.at("positions"), entry.at("shared_positions"),
                     entry.at("mixed_positions"), entry.at("total_bytes"),
                     entry.at("unique_bytes")};
  }
}

void read_json(const Json& json, ByteReader& bytes, RecordData& record) {
  record.structure = json.at("structure");
  record.options = json.at("options").dump();
  record.tensors = json.at("tensors").get<std::vector<std::string>>();
  record.kept = json.at("kept");
  for (const Json& content : json.at("contents"))
    record.contents.push_back(read_content(content, record.tensors));
  for (const Json& other : json.at("others"))
    record.others.emplace_back(other.at(0), other.at(1));
  for (const Json& skeleton : json.at("skeletons"))
    record.skeletons.push_back(read_skeleton(skeleton, bytes));
  std::uint64_t small = 0;
  for (Content& content : record.contents) {
    if (content.tensor >= 0) continue;
    content.place.offset = small;
    small = sum(small, content.length);
  }
  record.small = bytes.rest();
  check(record.small.size() == small, "bytes of small weights are missing");
  for (const Json& entry : json.at("members")) {
    RecordedMember& member = record.members.emplace_back();
    member.name = entry.at("name");
    member.file = entry.at("file");
    std::vector<FileRecipe>& recipes = record.recipes.emplace_back();
    for (const Json& file : entry.at("files"))
      read_file(file, record, member, recipes);
    check(!recipes.empty(), "a member has no files");
  }
  read_groups(json.at("groups"), record);
}

std::string unpacked(const Metadata& metadata, const char* key) {
  const auto found =
      std::ranges::find_if(metadata, [&](const auto& entry) { return entry.first == key; });
  check(found != metadata.end(), "a part is missing");
  std::optional<std::string> bytes = unpack(found->second);
  check(bytes.has_value(), "it does not unpack");
  return std::move(*bytes);
}

}  // namespace

Metadata write_record(const RecordData& record) {
  Json contents = Json::array();
  for (const Content& content : record.contents)
    contents.push_back(content_json(content));
  Json skeletons = Json::array();
  std::string bytes;
  for (const Skeleton& skeleton : record.skeletons) {
    skeletons.push_back(skeleton_json(skeleton));
    bytes += skeleton.text;
  }
  bytes += record.small;
  Json members = Json::array();
  for (std::size_t m = 0; m < record.members.size(); ++m)
    members.push_back(member_json(record.members[m], record.recipes[m]));
  Json groups = Json::array();
  for (const RecordedGroup& group : record.groups)
    groups.push_back(group_json(group));
  Json others = Json::array();
  for (const auto& [name, hash] : record.others)
    others.push_back({name, hash});
  const Json json = {{"version", kVersion},
                     {"structure", record.structure},
                     {"options", Json::parse(record.options)},
                     {"tensors", record.tensors},
                     {"kept", record.kept},
                     {"contents", std::move(contents)},
                     {"others", std::move(others)},
                     {"skeletons", std::move(skeletons)},
                     {"members", std::move(members)},
                     {"groups", std::move(groups)}};
  return {{kRecord, pack(json.dump())}, {kBytes, pack(bytes)}};
}

bool read_record(const Metadata& metadata, const std::filesystem::path& path, RecordData& record) {
  const auto fail = [&](const std::string& cause) {
    throw Error(ErrorKind::BadInput, path.string() + ": the record of its members is damaged: " +
                                         cause + "; merge the members' files again");
  };
  if (std::ranges::none_of(metadata, [](const auto& entry) { return entry.first == kRecord; }))
    return false;
  try {
    const Json json = Json::parse(unpacked(metadata, kRecord));
    if (json.at("version") != kVersion) {
      throw Error(ErrorKind::BadInput,
                  path.string() + ": the record of its members is of version " +
                      json.at("version").dump() + ", this build reads 1; use a newer one");
    }
    const std::string bytes = unpacked(metadata, kBytes);
    ByteReader reader(bytes);
    read_json(json, reader, record);
  } catch (const Json::exception& error) {
    fail(error.what());
  } catch (const Damaged& damage) {
    fail(damage.what);
  }
  return true;
}

}  // namespace braid
