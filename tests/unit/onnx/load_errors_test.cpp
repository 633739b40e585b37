// Damaged and hostile files: an error that says what is wrong, never a crash, a hang, or memory
// as large as the file claims.

#include <gtest/gtest.h>

#include <functional>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/defs/parser.h"
#include "onnx/proto.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

onnx::ModelProto small_model() {
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, R"(
      <ir_version: 9, opset_import: ["" : 17, "local" : 1]>
      g (float[2] x, bool flag) => (float[2] y) <float[2] w = {1, 2}, string[1] s = {"a"}>
      { y = If (flag) <then_branch = a () => (float[2] r) { r = local.f (x, w) },
                       else_branch = b () => (float[2] q) { q = Neg (x) }> }
      <domain: "local", opset_import: ["" : 17]>
      f (a, b) => (c) { k = Constant <value = float[2] {3, 4}> ()
                        d = Add (a, b)
                        c = Mul (d, k) })");
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  onnx::TensorProto& large = *model.mutable_graph()->add_initializer();
  large.set_name("large");
  large.set_data_type(onnx::TensorProto::FLOAT);
  large.add_dims(75);
  large.set_raw_data(std::string(300, '\1'));
  return model;
}

class LoadErrors : public testing::Test {
 protected:
  // Empty if the bytes load, else the message. Only an Error may come out of it.
  std::string load(const std::string& bytes) {
    write_file(folder_ / "m.onnx", bytes);
    try {
      load_model(folder_ / "m.onnx");
      return {};
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::BadInput) << error.what();
      EXPECT_EQ(std::string(error.what()).find((folder_ / "m.onnx").string()), 0U) << error.what();
      return error.what();
    }
  }

  std::string load_with(const std::function<void(onnx::TensorProto&)>& change) {
    onnx::ModelProto model = small_model();
    onnx::TensorProto& tensor = *model.mutable_graph()->mutable_initializer(2);
    EXPECT_EQ(tensor.name(), "large");
    change(tensor);
    return load(model.SerializeAsString());
  }

  std::string load_external(const std::string& location, const std::string& offset,
                            const std::string& length) {
    return load_with([&](onnx::TensorProto& tensor) {
      tensor.clear_raw_data();
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
      const auto add = [&](const char* key, const std::string& value) {
        if (value.empty()) return;
        auto& entry = *tensor.add_external_data();
        entry.set_key(key);
        entry.set_value(value);
      };
      add("location", location);
      add("offset", offset);
      add("length", length);
    });
  }

  TemporaryFolder folder_;
};

bool says(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

TEST_F(LoadErrors, ACutFileIsRefusedAtEveryByte) {
  const std::string bytes = small_model().SerializeAsString();
  EXPECT_EQ(load(bytes), "");
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (!load(bytes.substr(0, size)).empty()) ++refused;
  }
  // A cut between two fields of the model leaves a model that is shorter but sound.
  EXPECT_GT(refused, bytes.size() - 4);
}

TEST_F(LoadErrors, AChangedByteGivesAnErrorOrAModel) {
  const std::string bytes = small_model().SerializeAsString();
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {0xFF, 0x01}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      if (!load(changed).empty()) ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

// If inside If: each level is three messages.
std::string nested_ifs(int levels) {
  onnx::ModelProto model = small_model();
  onnx::GraphProto inner = model.graph().node(0).attribute(1).g();
  for (int i = 0; i < levels; ++i) {
    onnx::GraphProto outer;
    outer.set_name("level");
    onnx::NodeProto& node = *outer.add_node();
    node.set_op_type("If");
    node.add_input("flag");
    node.add_output("o" + std::to_string(i));
    outer.add_output()->set_name(node.output(0));
    for (const char* branch : {"then_branch", "else_branch"}) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(branch);
      attribute.set_type(onnx::AttributeProto::GRAPH);
      *attribute.mutable_g() = *branch == 't' ? inner : model.graph().node(0).attribute(1).g();
    }
    inner = outer;
  }
  *model.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_g() = inner;
  return model.SerializeAsString();
}

TEST_F(LoadErrors, NestingIsLimited) {
  EXPECT_EQ(load(nested_ifs(50)), "");
  EXPECT_TRUE(says(load(nested_ifs(100)), "nested too deeply"));
}

TEST_F(LoadErrors, DeepTypesLoadOrAreRefused) {
  for (const int levels : {100, 2000}) {
    onnx::TypeProto type;
    for (int i = 0; i < levels; ++i) {
      onnx::TypeProto outer;
      outer.mutable_sequence_type()->mutable_elem_type()->Swap(&type);
      type.Swap(&outer);
    }
    onnx::ModelProto model = small_model();
    model.mutable_graph()->mutable_input(0)->mutable_type()->Swap(&type);
    EXPECT_EQ(load(model.SerializeAsString()).empty(), levels == 100) << levels;
  }
}

TEST_F(LoadErrors, LengthsThatTheFileDoesNotHaveAreRefused) {
  const std::string path = "m.onnx";
  const auto strip = [&](const std::string& bytes) {
    try {
      strip_weights(SourceFile{"", std::as_bytes(std::span(bytes)), nullptr, {}}, path);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  const std::string graph = "\x3A";  // field 7, length-delimited
  EXPECT_EQ(strip(graph + std::string(1, '\0')), "");
  EXPECT_TRUE(says(strip(graph), "malformed length"));
  EXPECT_TRUE(says(strip(graph + "\x01"), "longer than what is left"));
  EXPECT_TRUE(says(strip(graph + "\xFF\xFF\xFF\xFF\x0F"), "longer than what is left"));
  EXPECT_FALSE(strip(graph + std::string(11, '\xFF')).empty());  // no end of the number
  EXPECT_FALSE(strip("\x0C").empty());                           // a group ends, none began
  EXPECT_FALSE(strip(std::string(1000, '\x0B')).empty());        // groups that never end
  EXPECT_FALSE(strip(std::string(1, '\0')).empty());             // field 0 does not exist
  // The graph says 4 bytes, the node in it 5.
  EXPECT_TRUE(says(strip(graph + "\x04\x0A\x05\x0A\x01" + "abc"), "longer than what is left"));
}

TEST_F(LoadErrors, DimsAndDataMustAgree) {
  using Tensor = onnx::TensorProto;
  EXPECT_EQ(load_with([](Tensor&) {}), "");
  EXPECT_TRUE(says(load_with([](Tensor& t) { t.set_dims(0, 76); }), "300 bytes of data"));
  EXPECT_TRUE(says(load_with([](Tensor& t) { t.set_dims(0, -1); }), "negative"));
  EXPECT_TRUE(says(load_with([](Tensor& t) {
                     for (int i = 0; i < 4; ++i)
                       t.add_dims(std::int64_t{1} << 40);
                   }),
                   "overflow"));
  EXPECT_TRUE(says(load_with([](Tensor& t) { t.set_data_type(99); }), "element type 99"));
  EXPECT_TRUE(says(load_with([](Tensor& t) { t.mutable_segment()->set_begin(0); }), "segment"));
  // One value, and dims that ask for a petabyte: refused before memory is asked for.
  EXPECT_TRUE(says(load_with([](Tensor& t) {
                     t.clear_raw_data();
                     t.set_dims(0, std::int64_t{1} << 48);
                     t.add_float_data(1);
                   }),
                   "has 1 values"));
  // 75 floats take as many bytes as these int64s and one half, but they are no floats.
  EXPECT_TRUE(says(load_with([](Tensor& t) {
                     t.clear_raw_data();
                     for (int i = 0; i < 37; ++i)
                       t.add_int64_data(i);
                   }),
                   "has 0 values"));
}

TEST_F(LoadErrors, ExternalDataMustBeThereAndComplete) {
  write_file(folder_ / "w.data", std::string(400, '\2'));
  EXPECT_EQ(load_external("w.data", "100", "300"), "");
  EXPECT_EQ(load_external("./w.data", "", ""), "");
  EXPECT_TRUE(says(load_external("none.data", "", ""), "none.data"));
  EXPECT_TRUE(says(load_external("w.data", "101", "300"), "past the end"));
  EXPECT_TRUE(says(load_external("w.data", "0", "299"), "299 bytes"));
  EXPECT_TRUE(says(load_external("w.data", "18446744073709551615", "300"), "past the end"));
  EXPECT_TRUE(says(load_external("w.data", "99999999999999999999", "300"), "not a number"));
  EXPECT_TRUE(says(load_external("w.data", "-1", "300"), "not a number"));
  EXPECT_TRUE(says(load_external("", "", ""), "no file is named"));
}

TEST_F(LoadErrors, ExternalDataOutsideTheFolderIsRefused) {
  const TemporaryFolder outside;
  write_file(outside / "w.data", std::string(300, '\2'));
  std::filesystem::create_directory(folder_ / "sub");
  write_file(folder_ / "sub/w.data", std::string(300, '\2'));
  std::filesystem::create_symlink(outside / "w.data", folder_ / "link.data");
  std::filesystem::create_directory_symlink(outside.path(), folder_ / "linked");
  const std::string name = outside.path().filename().string();
  EXPECT_EQ(load_external("sub/w.data", "", ""), "");
  EXPECT_EQ(load_external("sub/../sub/w.data", "", ""), "");
  for (const std::string& location :
       {(outside / "w.data").string(), "../" + name + "/w.data", "sub/../../" + name + "/w.data",
        "./../" + name + "/w.data", std::string("/dev/zero"), std::string("..")}) {
    EXPECT_TRUE(says(load_external(location, "", ""), "outside the model's folder")) << location;
  }
  EXPECT_TRUE(says(load_external("link.data", "", ""), "symbolic link"));
  EXPECT_TRUE(says(load_external("linked/w.data", "", ""), "symbolic link"));
  EXPECT_TRUE(says(load_external("sub", "", ""), "not a regular file"));
  EXPECT_TRUE(says(load_external(".", "", ""), "not a regular file"));
}

TEST_F(LoadErrors, NodesMustFitTheSchemasOfTheirOperators) {
  const auto load_node = [&](const std::function<void(onnx::NodeProto&)>& change) {
    onnx::ModelProto model = small_model();
    onnx::GraphProto& branch =
        *model.mutable_graph()->mutable_node(0)->mutable_attribute(1)->mutable_g();
    onnx::NodeProto& node = *branch.mutable_node(0);
    EXPECT_EQ(node.op_type(), "Neg");
    change(node);
    return load(model.SerializeAsString());
  };
  EXPECT_EQ(load_node([](onnx::NodeProto&) {}), "");
  EXPECT_TRUE(says(load_node([](onnx::NodeProto& n) { n.clear_input(); }), "input size 0"));
  EXPECT_TRUE(says(load_node([](onnx::NodeProto& n) { n.add_input("x"); }), "input size 2"));
  EXPECT_TRUE(says(load_node([](onnx::NodeProto& n) { n.set_input(0, ""); }), "empty string"));
  EXPECT_TRUE(says(load_node([](onnx::NodeProto& n) { n.set_op_type("Conv"); }), "input size 1"));
  EXPECT_TRUE(says(load_node([](onnx::NodeProto& n) {
                     n.set_op_type("Transpose");
                     n.add_attribute()->set_name("perm");
                     n.mutable_attribute(0)->set_type(onnx::AttributeProto::INT);
                   }),
                   "perm"));
}

TEST_F(LoadErrors, NamesMustBeUtf8) {
  onnx::ModelProto model = small_model();
  model.mutable_graph()->mutable_node(0)->set_name("\xFF");
  EXPECT_TRUE(says(load(model.SerializeAsString()), "UTF-8"));
  model.mutable_graph()->mutable_node(0)->set_name("\xC3\xA9");
  model.mutable_graph()->mutable_initializer(2)->set_name("\xC3");
  EXPECT_TRUE(says(load(model.SerializeAsString()), "UTF-8"));
  model.mutable_graph()->mutable_initializer(2)->set_name("\xC3\xA9");
  EXPECT_EQ(load(model.SerializeAsString()), "");
}

// The mark of bytes in the model file itself, written by somebody else.
TEST_F(LoadErrors, ForgedMarksStayWithinTheFile) {
  for (const char* value :
       {"0 300", "1000000 300", "18446744073709551615 300", "5", "", "a b", " "}) {
    const std::string message = load_with([&](onnx::TensorProto& tensor) {
      tensor.clear_raw_data();
      auto& mark = *tensor.add_external_data();
      mark.set_key(kInlineMark);
      mark.set_value(value);
    });
    EXPECT_EQ(message.empty(), std::string(value) == "0 300") << value << ": " << message;
  }
}

}  // namespace
}  // namespace braid
