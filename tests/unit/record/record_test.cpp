#include "braid/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "record/record_data.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

using ::testing::HasSubstr;

// Members y = Gemm(x, w^T, b): canonical form transposes w.
class RecordTest : public ::testing::Test {
 protected:
  void SetUp() override {
    save("a", 1);
    save("b", 100);
    save_model(merge({load("a"), load("b")}).model, folder_ / "merged.onnx");
    merged_ = load_model(folder_ / "merged.onnx");
  }

  void save(const std::string& name, float first) {
    std::string values;
    for (int i = 0; i < 32; ++i)
      values += (i == 0 ? "" : ", ") + std::to_string(first + static_cast<float>(i));
    const Model model = parse_model_text(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N, 8] x) => (float[N, 4] y) "
        "<float[4, 8] w = {" +
        values + "}, float[4] b = {" + std::to_string(first) +
        ", 2, 3, 4}> { y = Gemm <transB = 1> (x, w, b) }");
    save_model(model, folder_ / (name + ".onnx"), {.overwrite = true});
  }

  Member load(const std::string& name) {
    const std::filesystem::path path = folder_ / (name + ".onnx");
    return {name, path, load_model(path)};
  }

  Record record() { return *Record::of(merged_, folder_ / "merged.onnx"); }

  RecordData data() {
    RecordData result;
    EXPECT_TRUE(read_record(merged_.metadata, "merged", result));
    return result;
  }

  // What is said of the merged model with another record.
  std::string error_of(const RecordData& changed) {
    Model model = merged_;
    std::erase_if(model.metadata,
                  [](const auto& entry) { return entry.first.starts_with("braid.record"); });
    for (auto& entry : write_record(changed))
      model.metadata.push_back(std::move(entry));
    try {
      const std::optional<Record> read = Record::of(model, "merged");
      for (const RecordedMember& member : read->members())
        read->extract(member.name, folder_ / "out.onnx", true);
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::Internal) << error.what();
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
  Model merged_;
};

TEST_F(RecordTest, MembersComeBackByteForByte) {
  const Record known = record();
  ASSERT_EQ(known.members().size(), 2U);
  EXPECT_EQ(known.kept_bytes(), 0U);
  EXPECT_TRUE(known.damages().empty());
  for (const std::string name : {"a", "b"}) {
    known.extract(name, folder_ / "out.onnx", true);
    EXPECT_EQ(read_file(folder_ / "out.onnx"), read_file(folder_ / (name + ".onnx")));
  }
  EXPECT_NE(read_file(folder_ / "a.onnx"), read_file(folder_ / "b.onnx"));
}

TEST_F(RecordTest, ExpandedMembersMergeToTheSameFile) {
  const Member whole{"merged", folder_ / "merged.onnx", merged_};
  save_model(merge(expand_members({whole})).model, folder_ / "again.onnx");
  EXPECT_EQ(read_file(folder_ / "again.onnx"), read_file(folder_ / "merged.onnx"));
}

TEST_F(RecordTest, ModelsWithoutFilesLeaveNoRecord) {
  Member a = load("a");
  a.model.source = nullptr;
  EXPECT_FALSE(Record::of(merge({a, load("b")}).model, "merged"));
  EXPECT_FALSE(Record::of(merge({load("a"), load("b")}, {.records = false}).model, "merged"));
}

TEST_F(RecordTest, ChangedWeightsAreToldByName) {
  RecordData changed = data();
  const std::string tensor = changed.tensors[0];
  changed.contents[0].hash = "0123456789abcdef";
  EXPECT_THAT(error_of(changed), HasSubstr("'" + tensor + "'"));
}

TEST_F(RecordTest, AChangedGraphIsTold) {
  merged_.graph.nodes[0].name = "another";
  EXPECT_THAT(record().damages(), ::testing::SizeIs(1));
  EXPECT_THROW(record().member("a"), Error);
}

TEST_F(RecordTest, WhatARecordSaysIsNotBelieved) {
  EXPECT_EQ(error_of(data()), "");
  const std::uint64_t huge = ~std::uint64_t{0} - 7;
  const std::vector<std::function<void(RecordData&)>> lies = {
      [](RecordData& r) { r.contents[0].tensor = 99; },
      [](RecordData& r) { r.tensors[0] = "nowhere"; },
      [&](RecordData& r) { r.contents[0].place.offset = huge; },
      [](RecordData& r) { r.contents[0].place.block = 0; },
      [&](RecordData& r) {
        r.contents[0].place = {0, 4, huge};
      },
      [](RecordData& r) {
        r.contents[0].place = {0, 4, 1};
      },
      [](RecordData& r) { r.contents[0].rows = 7; },
      [&](RecordData& r) { r.contents[0].rows = static_cast<std::int64_t>(huge >> 2); },
      [](RecordData& r) { r.contents[0].length += 4; },
      [&](RecordData& r) { r.skeletons[0].size = huge; },
      [](RecordData& r) { r.skeletons[0].weights[0].offset += 1'000'000; },
      [](RecordData& r) { r.skeletons[0].text.pop_back(); },
      [](RecordData& r) { r.skeletons[0].text[0] ^= '\x40'; },
      [](RecordData& r) { r.small += "more"; },
      [](RecordData& r) { r.recipes[0][0].skeleton = 5; },
      [](RecordData& r) { r.recipes[0][0].contents[0] = 500; },
      [](RecordData& r) { r.recipes[0][0].contents.pop_back(); },
      [](RecordData& r) { std::swap(r.recipes[0][0].contents, r.recipes[1][0].contents); },
      [](RecordData& r) { r.recipes[0].clear(); },
      [](RecordData& r) { r.members[0].files[0].location = "x"; },
      [](RecordData& r) { r.members[0].files[0].hash = "0"; },
      [](RecordData& r) { r.structure = "0"; },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    RecordData changed = data();
    lies[i](changed);
    EXPECT_NE(error_of(changed), "") << "lie " << i;
  }
}

TEST_F(RecordTest, ExternalDataStayInTheFolder) {
  for (const std::string location : {"../out", "/tmp/braid-out", "a/../../out", "."}) {
    RecordData changed = data();
    // A second file of nothing.
    changed.skeletons.push_back({});
    changed.members[0].files.push_back({location, 0, "99aa06d3014798d86001c324468d497f"});
    changed.recipes[0].push_back({changed.skeletons.size() - 1, {}});
    EXPECT_THAT(error_of(changed), HasSubstr("outside its folder")) << location;
  }
}

TEST_F(RecordTest, RefitReplacesOneMember) {
  save("new", 1000);
  const Merged refitted = refit(record(), "b", load("new").model);
  save_model(refitted.model, folder_ / "refitted.onnx");
  const Record known =
      *Record::of(load_model(folder_ / "refitted.onnx"), folder_ / "refitted.onnx");
  for (const auto& [name, file] : {std::pair("a", "a.onnx"), std::pair("b", "new.onnx")}) {
    known.extract(name, folder_ / "out.onnx", true);
    EXPECT_EQ(read_file(folder_ / "out.onnx"), read_file(folder_ / file));
  }
  try {
    refit(record(), "b", load("a").model);
    FAIL() << "b now shares all with a";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::CannotMerge);
    EXPECT_THAT(error.what(), HasSubstr("now equals one of a"));
  }
}

}  // namespace
}  // namespace braid
