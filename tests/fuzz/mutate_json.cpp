#include "fuzz/mutate_json.hpp"

#include <random>
#include <vector>

namespace braid::fuzz {
namespace {

using Json = nlohmann::ordered_json;

void collect(Json& json, std::vector<Json*>& places) {
  places.push_back(&json);
  if (!json.is_structured()) return;
  for (Json& inner : json)
    collect(inner, places);
}

Json extreme(std::mt19937_64& random) {
  static const std::vector<Json> values = {0,
                                           1,
                                           -1,
                                           255,
                                           1.5,
                                           4294967296ULL,
                                           18446744073709551615ULL,
                                           INT64_MIN,
                                           true,
                                           nullptr,
                                           "",
                                           "x",
                                           "../../x",
                                           "/etc/passwd",
                                           "a\nb",
                                           Json::array(),
                                           Json::object()};
  return values[random() % values.size()];
}

}  // namespace

void mutate_json(Json& json, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Json*> places;
  collect(json, places);
  Json& place = *places[random() % places.size()];
  const Json other = *places[random() % places.size()];
  switch (random() % 5) {
    case 0:
      place = other;
      return;
    case 1:
      if (place.is_structured() && !place.empty())
        place.erase(std::next(place.begin(), static_cast<std::ptrdiff_t>(random() % place.size())));
      return;
    case 2:
      if (place.is_array()) place.push_back(other);
      return;
    case 3:
      if (place.is_number_integer()) {
        place = place.get<std::uint64_t>() + (random() % 2 == 0 ? 1 : ~std::uint64_t{0});
        return;
      }
      [[fallthrough]];
    default:
      place = extreme(random);
  }
}

}  // namespace braid::fuzz
