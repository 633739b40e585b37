#include "passes/reshape_target.hpp"

#include "passes/element_count.hpp"

namespace braid {
namespace {

struct LoneUnknown {
  std::size_t place;
  std::uint64_t others;  // the product of the known dims
};

// Empty if no dim or several are unknown, or if the others leave its size open.
std::optional<LoneUnknown> lone_unknown(const Shape& shape) {
  std::optional<LoneUnknown> found;
  std::uint64_t others = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].is_known()) {
      others *= static_cast<std::uint64_t>(shape[i].size);
    } else if (found) {
      return std::nullopt;
    } else {
      found = LoneUnknown{i, 0};
    }
  }
  if (!found || others == 0) return std::nullopt;
  found->others = others;
  return found;
}

}  // namespace

bool is_same_dim(const Shape& a, std::size_t i, const Shape& b, std::size_t j) {
  if (a[i].same_as(b[j])) return true;
  if (a[i].is_known() || b[j].is_known()) return false;
  const auto x = lone_unknown(a);
  const auto y = lone_unknown(b);
  return x && y && x->others == y->others;
}

Shape reshaped(const Shape& from, const std::vector<ShapeElement>& target, bool allows_zero) {
  Shape to;
  std::optional<std::size_t> open;  // the place of -1
  for (std::size_t i = 0; i < target.size(); ++i) {
    const ShapeElement& element = target[i];
    if (!element.number) {
      to.push_back(Dim::named(element.symbol));
    } else if (*element.number == 0 && !allows_zero) {
      to.push_back(i < from.size() ? from[i] : Dim{});
    } else if (*element.number < 0) {
      open = i;
      to.push_back(Dim::known(1));
    } else {
      to.push_back(Dim::known(*element.number));
    }
  }
  if (!open) return to;
  const auto all = count_elements(from);
  const auto others = count_elements(to);
  const auto rest = all && others ? quotient(*all, *others) : std::nullopt;
  Dim& dim = to[*open];
  dim = Dim{};
  if (rest && rest->symbols.empty()) dim = Dim::known(static_cast<std::int64_t>(rest->factor));
  if (rest && rest->symbols.size() == 1 && rest->factor == 1) dim = Dim::named(rest->symbols[0]);
  return to;
}

std::optional<std::vector<std::int64_t>> reshape_target(const Shape& from, const Shape& to,
                                                        const std::vector<std::int64_t>& given) {
  const auto stays = [&](std::size_t i) {
    if (i >= from.size()) return false;
    return (i < given.size() && given[i] == 0) || is_same_dim(from, i, to, i);
  };
  std::vector<std::int64_t> target;
  int unknown = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i].is_known()) {
      if (to[i].size == 0) return std::nullopt;
      target.push_back(to[i].size);
    } else if (stays(i)) {
      target.push_back(0);
    } else {
      target.push_back(-1);
      ++unknown;
    }
  }
  if (unknown > 1) return std::nullopt;
  return target;
}

}  // namespace braid
