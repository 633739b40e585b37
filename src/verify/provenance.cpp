#include "verify/provenance.hpp"

#include <nlohmann/json.hpp>

#include "braid/error.hpp"

namespace braid {
namespace {

using Json = nlohmann::json;

void read_members(const Json& json, Provenance& provenance) {
  for (const Json& member : json) {
    const std::string& name = provenance.members.emplace_back(member.at("name"));
    for (const Json& input : member.value("inputs", Json::array()))
      provenance.inputs[{name, input.at("name")}] = input.at("merged");
    for (const Json& output : member.value("outputs", Json::array()))
      provenance.outputs[name].push_back(output.at("merged"));
  }
}

void read_combination(const Json& json, Provenance& provenance) {
  const auto kind = find_combination(json.at("kind"));
  if (!kind) {
    throw Error(ErrorKind::BadInput, "its metadata have a combination '" +
                                         json.at("kind").get<std::string>() +
                                         "' that this version does not know; use a newer one");
  }
  provenance.combination = *kind;
  provenance.weights = json.value("weights", std::vector<double>{});
  for (const Json& output : json.at("outputs"))
    provenance.combined.push_back(output.at("merged"));
}

}  // namespace

std::string Provenance::input(const std::string& member, const std::string& name) const {
  const auto known = inputs.find({member, name});
  return known == inputs.end() ? member + "/" + name : known->second;
}

Provenance read_provenance(const Model& merged) {
  Provenance provenance;
  for (const auto& [key, text] : merged.metadata) {
    try {
      if (key == "braid.members") read_members(Json::parse(text), provenance);
      if (key == "braid.combination") read_combination(Json::parse(text), provenance);
    } catch (const Json::exception& error) {
      throw Error(ErrorKind::BadInput,
                  "its metadata '" + key + "' are damaged (" + error.what() + "); merge it again");
    }
  }
  return provenance;
}

}  // namespace braid
