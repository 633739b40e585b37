#include "tools/plan_file.hpp"

#include <algorithm>
#include <fstream>

#include "braid/error.hpp"
#include "tools/merge_flags.hpp"

namespace {

using braid::Error;
using braid::ErrorKind;

constexpr const char* kSchema = "braid-plan-1";
constexpr const char* kFree = "free";

/// A value in the file and where it is; takes it as what it must be, or says what is wrong.
class Place {
 public:
  Place(const Json& json, std::string file, std::string where)
      : json_(json), file_(std::move(file)), where_(std::move(where)) {}

  [[noreturn]] void fail(const std::string& cause) const {
    throw Error(ErrorKind::BadInput, file_ + ": " + where_ + ": " + cause +
                                         "; correct it or make the plan again with braid plan");
  }

  bool has(const std::string& key) const { return object().contains(key); }

  Place at(const std::string& key) const {
    if (!has(key)) fail("has no '" + key + "'");
    return {json_.at(key), file_, where_ == kTop ? key : where_ + "." + key};
  }

  std::vector<Place> items() const {
    if (!json_.is_array()) fail("is no list");
    std::vector<Place> places;
    for (std::size_t i = 0; i < json_.size(); ++i)
      places.push_back({json_[i], file_, where_ + "[" + std::to_string(i) + "]"});
    return places;
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object().items())
      keys.push_back(key);
    return keys;
  }

  std::string text() const {
    if (!json_.is_string()) fail("is no text in quotes");
    return json_.get<std::string>();
  }

  bool truth() const {
    if (!json_.is_boolean()) fail("is neither true nor false");
    return json_.get<bool>();
  }

  std::int64_t size() const {
    if (!json_.is_number_integer() || json_.get<std::int64_t>() < 1)
      fail("is no size of 1 or more");
    return json_.get<std::int64_t>();
  }

  static constexpr const char* kTop = "the plan";

 private:
  const Json& object() const {
    if (!json_.is_object()) fail("is no {...}");
    return json_;
  }

  const Json& json_;
  std::string file_;
  std::string where_;
};

Json parse(const std::filesystem::path& path) {
  std::error_code ignored;
  std::ifstream file;
  if (std::filesystem::is_regular_file(path, ignored)) file.open(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    throw Error(
        ErrorKind::BadInput,
        path.string() + ": cannot be read; is it there, and a file that braid plan --json wrote?");
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto read = static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
    const auto line = 1 + std::count(text.begin(), text.begin() + read, '\n');
    throw Error(ErrorKind::BadInput,
                path.string() + ": line " + std::to_string(line) +
                    ": is not valid JSON; correct it or make the plan again with braid plan");
  }
}

void read_options(const Place& place, braid::MergeOptions& options) {
  const auto set = [&](const std::string& key,
                       std::string (*setter)(braid::MergeOptions&, const std::string&)) {
    const Place value = place.at(key);
    const std::string problem = setter(options, value.text());
    if (!problem.empty()) value.fail("'" + value.text() + "' " + problem);
  };
  set("target", set_target);
  set("inputs", set_inputs);
  set("combine", set_combination);
  options.merges_always = place.at("merge_always").truth();
  const Place dims = place.at("dims");
  for (const std::string& name : dims.keys())
    options.dims[name] = dims.at(name).size();
}

braid::MergePlan::Group read_group(const Place& place) {
  braid::MergePlan::Group group;
  for (const Place& member : place.at("members").items())
    group.members.push_back(member.text());
  if (group.members.empty()) place.fail("has no members; leave the whole group out");
  if (!place.has("sites")) return group;
  for (const Place& site : place.at("sites").items()) {
    std::string rule = site.at("rule").text();
    group.sites.push_back({site.at("node").text(), rule == kFree ? "" : std::move(rule),
                           site.has("form") ? site.at("form").text() : ""});
  }
  return group;
}

}  // namespace

Json json_options(const braid::MergeOptions& options) {
  return {{"target", target_text(options)},
          {"inputs", inputs_text(options)},
          {"combine", combination_text(options)},
          {"merge_always", options.merges_always},
          {"dims", options.dims.empty() ? Json::object() : Json(options.dims)}};
}

braid::MergeOptions read_plan(const std::filesystem::path& path) {
  const Json json = parse(path);
  const Place plan(json, path.string(), Place::kTop);
  if (const Place schema = plan.at("schema"); schema.text() != kSchema) {
    schema.fail("is '" + schema.text() + "', not '" + kSchema + "'");
  }
  braid::MergeOptions options;
  read_options(plan.at("options"), options);
  options.plan.emplace();
  for (const Place& group : plan.at("groups").items())
    options.plan->groups.push_back(read_group(group));
  return options;
}
