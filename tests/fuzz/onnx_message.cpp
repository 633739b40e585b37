#include "fuzz/onnx_message.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <fstream>
#include <stdexcept>

namespace braid::fuzz {
namespace {

// All of it lives as long as the program: messages refer to it.
struct Schema {
  google::protobuf::DescriptorPool pool;
  google::protobuf::DynamicMessageFactory factory;
  const google::protobuf::Message* model = nullptr;

  Schema() {
    std::ifstream file(BRAID_ONNX_DESCRIPTORS, std::ios::binary);
    google::protobuf::FileDescriptorSet descriptors;
    if (!descriptors.ParseFromIstream(&file))
      throw std::runtime_error(BRAID_ONNX_DESCRIPTORS " cannot be read");
    for (const auto& described : descriptors.file())
      pool.BuildFile(described);
    model = factory.GetPrototype(pool.FindMessageTypeByName("onnx.ModelProto"));
  }
};

}  // namespace

std::unique_ptr<google::protobuf::Message> new_model_message() {
  static const Schema* const schema = new Schema;
  return std::unique_ptr<google::protobuf::Message>(schema->model->New());
}

}  // namespace braid::fuzz
