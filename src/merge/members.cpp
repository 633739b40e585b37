#include <set>

#include "braid/merge.hpp"
#include "braid/onnx.hpp"
#include "support/utf8.hpp"

namespace braid {

std::vector<std::string> member_names(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const auto& path : paths) {
    const std::string stem = as_utf8(path.stem().string());
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = stem + "-" + std::to_string(number);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<Member> load_members(const std::vector<std::filesystem::path>& paths) {
  const std::vector<std::string> names = member_names(paths);
  std::vector<Member> members;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    members.push_back({names[i], paths[i], load_model(paths[i])});
  }
  return members;
}

}  // namespace braid
