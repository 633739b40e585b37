// Load and save every model at hand, and look at the files with protobuf alone.

#include <gtest/gtest.h>

#include <vector>

#include "onnx/round_trip.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

namespace fs = std::filesystem;

struct Corpus {
  std::string name;
  fs::path folder;
  std::size_t at_least;  // guards against a folder that is not there or has moved
};

std::vector<Corpus> corpora() {
  const fs::path data = BRAID_ONNX_TEST_DATA;
  return {{"light", data / "light", 9},
          {"node", data / "node", 1700},
          {"pytorch_converted", data / "pytorch-converted", 50},
          {"pytorch_operator", data / "pytorch-operator", 30},
          {"simple", data / "simple", 15},
          {"models", BRAID_TEST_MODELS, 15}};
}

std::vector<fs::path> models_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx") found.push_back(entry.path());
  }
  return found;
}

class RoundTrip : public testing::TestWithParam<Corpus> {};

TEST_P(RoundTrip, LosesNothing) {
  const TemporaryFolder folder;
  const std::vector<fs::path> models = models_in(GetParam().folder);
  EXPECT_GE(models.size(), GetParam().at_least);
  for (const fs::path& model : models) {
    try {
      expect_round_trip(model, folder.path());
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  RecordProperty("models", static_cast<int>(models.size()));
}

INSTANTIATE_TEST_SUITE_P(Models, RoundTrip, testing::ValuesIn(corpora()),
                         [](const auto& corpus) { return corpus.param.name; });

}  // namespace
}  // namespace braid
