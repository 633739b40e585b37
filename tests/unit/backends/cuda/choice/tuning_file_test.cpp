#include "backends/cuda/choice/tuning_file.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TuningFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text) const {
    std::filesystem::create_directories(path_.parent_path());
    std::ofstream(path_) << text;
  }

  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                  testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::path path_ = folder_ / "deeper" / "tuned.json";
};

TEST_F(TuningFileTest, KeepsWhatWasMeasuredByDeviceAndLayer) {
  {
    TuningFile file(path_, "one");
    EXPECT_FALSE(file.find("layer"));
    file.put("layer", {"large tiles", {{"large tiles", 12.5e-6}, {"small tiles", 40e-6}}});
  }
  const TuningFile again(path_, "one");
  const auto found = again.find("layer");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kernel, "large tiles");
  EXPECT_EQ(found->seconds.size(), 2U);
  EXPECT_DOUBLE_EQ(found->seconds.at("large tiles"), 12.5e-6);
  EXPECT_DOUBLE_EQ(found->seconds.at("small tiles"), 40e-6);
  EXPECT_FALSE(again.find("other layer"));
  EXPECT_FALSE(TuningFile(path_, "two").find("layer"));
  EXPECT_THAT(again.warnings(), IsEmpty());
}

TEST_F(TuningFileTest, KeepsWhatOthersHaveWrittenMeanwhile) {
  TuningFile first(path_, "one");
  TuningFile second(path_, "one");
  TuningFile other(path_, "two");
  first.put("a", {"x", {{"x", 1e-6}}});
  second.put("b", {"y", {{"y", 1e-6}}});
  other.put("a", {"z", {{"z", 1e-6}}});
  const TuningFile all(path_, "one");
  EXPECT_EQ(all.find("a")->kernel, "x");
  EXPECT_EQ(all.find("b")->kernel, "y");
  EXPECT_EQ(TuningFile(path_, "two").find("a")->kernel, "z");
}

TEST_F(TuningFileTest, IgnoresAndRewritesWhatIsDamagedOrForeign) {
  const char* const texts[] = {
      "",
      "{\"format\": \"braid-tuned\", \"version\": 2, \"devices\": {\"one\": {\"la",
      "[1, 2]",
      "{\"format\": \"other\", \"version\": 2, \"devices\": {}}",
      "{\"format\": \"braid-tuned\", \"version\": 99, \"devices\": {}}",
      "{\"format\": \"braid-tuned\", \"version\": 2, \"devices\": [3]}",
      "{\"format\": \"braid-tuned\", \"version\": 2, \"devices\": {\"one\": {\"layer\": {}}}}",
      "{\"format\": \"braid-tuned\", \"version\": 2, \"devices\": {\"one\": {\"layer\": "
      "{\"kernel\": 1, \"us\": \"x\"}}}}",
      "{\"format\": \"braid-tuned\", \"version\": 2, \"devices\": {\"one\": {\"layer\": "
      "{\"kernel\": \"x\", \"us\": {\"y\": 1}}}}}"};
  for (const char* text : texts) {
    SCOPED_TRACE(text);
    write(text);
    TuningFile file(path_, "one");
    EXPECT_FALSE(file.find("layer"));
    EXPECT_THAT(file.warnings(), ElementsAre(HasSubstr("is written anew")));
    file.put("layer", {"x", {{"x", 1e-6}}});
    EXPECT_TRUE(TuningFile(path_, "one").find("layer"));
  }
}

TEST_F(TuningFileTest, WorksWithoutAFileThatCanBeWritten) {
  write("");
  TuningFile file(path_ / "below a file", "one");
  file.put("layer", {"x", {{"x", 1e-6}}});
  EXPECT_TRUE(file.find("layer"));
  EXPECT_THAT(file.warnings(), ElementsAre(HasSubstr("cannot be written")));
  EXPECT_EQ(text(), "");
}

TEST(DefaultTuningFile, LiesInTheCacheByDevice) {
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before == nullptr ? "" : before;
  setenv("XDG_CACHE_HOME", "/cache", 1);
  EXPECT_EQ(default_tuning_file("NVIDIA H100 80GB"), "/cache/braid/tuned-NVIDIA-H100-80GB.json");
  if (before == nullptr)
    unsetenv("XDG_CACHE_HOME");
  else
    setenv("XDG_CACHE_HOME", kept.c_str(), 1);
}

}  // namespace
}  // namespace braid
