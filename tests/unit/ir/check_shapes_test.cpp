#include "ir/check_shapes.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

std::string failure_of(const std::string& ports, const std::string& node) {
  const Model model = parse_model_text("<ir_version: 10, opset_import: [\"\" : 21]> g (" + ports +
                                       ") => (float[?] y) { " + node + " }");
  try {
    check_shapes(model.graph);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  return "";
}

struct Case {
  const char* name;
  const char* fits;
  const char* does_not;
  const char* node;
  const char* cause;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

class CheckShapes : public testing::TestWithParam<Case> {};

TEST_P(CheckShapes, TellsWhatDoesNotFit) {
  EXPECT_EQ(failure_of(GetParam().fits, GetParam().node), "");
  EXPECT_EQ(failure_of(GetParam().does_not, GetParam().node), GetParam().cause);
}

INSTANTIATE_TEST_SUITE_P(
    All, CheckShapes,
    testing::Values(
        Case{"channels_of_a_kernel", "float[1,4,8,8] x, float[6,2,3,3] w",
             "float[1,4,8,8] x, float[6,4,3,3] w", "y = Conv<group = 2>(x, w)",
             "node 'y' (Conv): input 1 has shape {6, 4, 3, 3}, 4 where other inputs ask for 2"},
        Case{"filters_by_group", "float[1,4,8,8] x, float[6,2,3,3] w",
             "float[1,4,8,8] x, float[5,2,3,3] w", "y = Conv<group = 2>(x, w)",
             "node 'y' (Conv): input 1 has shape {5, 2, 3, 3}, 5 is no multiple of 2"},
        Case{
            "rank_of_a_kernel", "float[1,4,8,8] x, float[6,4,3,3] w",
            "float[1,4,8,8] x, float[6,4,3] w", "y = Conv(x, w)",
            "node 'y' (Conv): input 1 has shape {6, 4, 3}, which has not as many dims as the other "
            "inputs"},
        Case{
            "kernel_shape", "float[1,4,8,8] x, float[6,4,3,3] w",
            "float[1,4,8,8] x, float[6,4,1,3] w", "y = Conv<kernel_shape = [3, 3]>(x, w)",
            "node 'y' (Conv): input 1 has shape {6, 4, 1, 3}, which is not what kernel_shape says"},
        Case{"bias_of_a_transposed_convolution", "float[1,4,8,8] x, float[4,3,3,3] w, float[6] b",
             "float[1,4,8,8] x, float[4,3,3,3] w, float[3] b",
             "y = ConvTranspose<group = 2>(x, w, b)",
             "node 'y' (ConvTranspose): input 2 has shape {3}, 3 is no multiple of 2"},
        Case{
            "parameters_of_channels",
            "float[1,4,n] x, float[4] s, float[4] b, float[4] m, float[4] v",
            "float[1,4,n] x, float[4] s, float[4] b, float[4] m, float[5] v",
            "y = BatchNormalization(x, s, b, m, v)",
            "node 'y' (BatchNormalization): input 4 has shape {5}, 5 where other inputs ask for 4"},
        Case{"parameters_of_groups", "float[1,4,n] x, float[2] s, float[2] b",
             "float[1,4,n] x, float[3] s, float[3] b",
             "y = GroupNormalization<num_groups = 2>(x, s, b)",
             "node 'y' (GroupNormalization): input 1 has shape {3}, which is neither that of the "
             "channels nor of the groups"},
        Case{"gates_of_an_lstm", "float[s,b,3] x, float[1,20,3] w, float[1,20,5] r",
             "float[s,b,3] x, float[1,20,3] w, float[1,16,5] r", "y = LSTM(x, w, r)",
             "node 'y' (LSTM): input 2 has shape {1, 16, 5}, 16 where other inputs ask for 20"},
        Case{"batch_first", "float[2,7,3] x, float[1,5,3] w, float[1,5,5] r, float[2,1,5] h",
             "float[2,7,3] x, float[1,5,3] w, float[1,5,5] r, float[1,2,5] h",
             "y = RNN<layout = 1>(x, w, r, , , h)",
             "node 'y' (RNN): input 5 has shape {1, 2, 5}, 1 where other inputs ask for 2"},
        Case{"scale_of_rows", "float[2,3,4] x, float[3,4] s", "float[2,3,4] x, float[2,4] s",
             "y = LayerNormalization<axis = 1>(x, s)",
             "node 'y' (LayerNormalization): input 1 has shape {2, 4}, which does not broadcast to "
             "{2, 3, 4}"},
        Case{"slopes", "float[2,3,n] x, float[3,1] s", "float[2,3,n] x, float[2,1] s",
             "y = PRelu(x, s)",
             "node 'y' (PRelu): input 1 has shape {2, 1}, which does not broadcast to {2, 3, ?}"}),
    [](const auto& test) { return test.param.name; });

TEST(CheckShapes, LooksIntoSubgraphs) {
  EXPECT_EQ(failure_of("bool c, float[1,4] x", R"(y = If (c) <
        then_branch = t (float[1,4,8] i, float[6,3,1] w) => (float[?] a) { a = Conv(i, w) },
        else_branch = e () => (float[?] b) { b = Identity(x) } >)"),
            "node 'a' (Conv): input 1 has shape {6, 3, 1}, 3 where other inputs ask for 4");
}

}  // namespace
}  // namespace braid
