#include "merge/unify_opsets.hpp"

#include <map>

#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

struct Highest {
  std::int64_t version;
  const Member* member;
};

using Versions = std::map<std::string, Highest>;  // by domain

std::string without_alias(const std::string& domain) {
  return domain == "ai.onnx" ? "" : domain;
}

Versions highest_versions(const std::vector<Member>& members) {
  Versions versions;
  for (const Member& member : members) {
    for (const auto& [name, version] : member.model.opsets) {
      const auto [it, is_new] =
          versions.try_emplace(without_alias(name), Highest{version, &member});
      if (version > it->second.version) it->second = {version, &member};
    }
  }
  return versions;
}

std::string title(const std::string& domain) {
  return domain.empty() ? "ai.onnx" : domain;
}

}  // namespace

std::string place_of(const Member& member) {
  return member.path.empty() ? "member '" + member.name + "'" : member.path.string();
}

std::vector<std::pair<std::string, std::int64_t>> unify_opsets(std::vector<Member>& members) {
  const Versions versions = highest_versions(members);
  std::string problems;
  for (Member& member : members) {
    const auto opsets = member.model.opsets;
    for (const auto& [name, version] : opsets) {
      const std::string domain = without_alias(name);
      const Highest& highest = versions.at(domain);
      if (version == highest.version) continue;
      try {
        convert_opset(member.model, domain, highest.version);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::CannotMerge) {
          throw Error(error.kind(), place_of(member) + ": " + error.what());
        }
        problems += (problems.empty() ? "" : "\n") + place_of(member) + ": " + error.what() + "; " +
                    place_of(*highest.member) + " has version " + std::to_string(highest.version) +
                    " of '" + title(domain) + "': export both with the same";
      }
    }
  }
  if (!problems.empty()) throw Error(ErrorKind::CannotMerge, problems);
  std::vector<std::pair<std::string, std::int64_t>> result;
  for (const auto& [domain, highest] : versions)
    result.emplace_back(domain, highest.version);
  return result;
}

}  // namespace braid
