#include "fuzz/mutate_message.hpp"

#include <google/protobuf/descriptor.h>

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace braid::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::array<std::int64_t, 22> kNumbers = {0,
                                                   1,
                                                   -1,
                                                   2,
                                                   3,
                                                   -2,
                                                   7,
                                                   16,
                                                   64,
                                                   127,
                                                   255,
                                                   256,
                                                   1 << 16,
                                                   1 << 24,
                                                   2147483647,
                                                   -2147483648LL,
                                                   1LL << 31,
                                                   1LL << 32,
                                                   1LL << 40,
                                                   1LL << 62,
                                                   std::numeric_limits<std::int64_t>::max(),
                                                   std::numeric_limits<std::int64_t>::min()};

constexpr std::array<double, 8> kReals = {
    0, 1, -1, 1e-45, 1e38, -1e38, 0.5, std::numeric_limits<double>::infinity()};

class Mutator {
 public:
  Mutator(Message& root, std::uint64_t seed) : root_(root), random_(seed) {}

  void run() {
    const std::size_t edits = 1 + pick(3);
    for (std::size_t i = 0; i < edits; ++i) {
      messages_.clear();
      collect(root_);
      edit(*messages_[pick(messages_.size())]);
    }
  }

 private:
  std::size_t pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }

  void collect(Message& message) {
    messages_.push_back(&message);
    std::vector<const FieldDescriptor*> fields;
    const Reflection& reflection = *message.GetReflection();
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        collect(*reflection.MutableMessage(&message, field));
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i)
        collect(*reflection.MutableRepeatedMessage(&message, field, i));
    }
  }

  void edit(Message& message) {
    const bool is_tensor = message.GetDescriptor()->full_name() == "onnx.TensorProto";
    if (is_tensor && pick(2) == 0 && edit_integers(message)) return;
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    const auto* descriptor = message.GetDescriptor();
    if (descriptor->field_count() == 0) return;
    const bool takes_any = fields.empty() || pick(5) == 0;
    const FieldDescriptor* field =
        takes_any ? descriptor->field(
                        static_cast<int>(pick(static_cast<std::size_t>(descriptor->field_count()))))
                  : fields[pick(fields.size())];
    if (field->is_repeated()) {
      edit_repeated(message, field);
    } else if (pick(8) == 0) {
      message.GetReflection()->ClearField(&message, field);
    } else {
      set_single(message, field);
    }
  }

  // Shapes, axes and the like are data of tensors.
  bool edit_integers(Message& tensor) {
    constexpr std::int32_t kInt64 = 7;
    const Reflection& reflection = *tensor.GetReflection();
    const auto field = [&](const char* name) {
      return tensor.GetDescriptor()->FindFieldByName(name);
    };
    if (reflection.GetInt32(tensor, field("data_type")) != kInt64) return false;
    std::string raw = reflection.GetString(tensor, field("raw_data"));
    std::int64_t value = 0;
    if (raw.size() >= sizeof(value)) {
      char* const at = raw.data() + pick(raw.size() / sizeof(value)) * sizeof(value);
      std::memcpy(&value, at, sizeof(value));
      value = number(value);
      std::memcpy(at, &value, sizeof(value));
      reflection.SetString(&tensor, field("raw_data"), raw);
      return true;
    }
    const FieldDescriptor* values = field("int64_data");
    const int count = reflection.FieldSize(tensor, values);
    if (count == 0) return false;
    set_one_of(tensor, values, static_cast<int>(pick(static_cast<std::size_t>(count))));
    return true;
  }

  void edit_repeated(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, field);
    const auto any = [&] { return static_cast<int>(pick(static_cast<std::size_t>(size))); };
    switch (size == 0 ? 0 : pick(5)) {
      case 0:
        add(message, field);
        break;
      case 1:
        reflection.SwapElements(&message, field, any(), size - 1);
        reflection.RemoveLast(&message, field);
        break;
      case 2:
        reflection.SwapElements(&message, field, any(), any());
        break;
      default:
        set_one_of(message, field, any());
    }
  }

  void add(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::string other = another(field);
        reflection.AddMessage(&message, field)->ParseFromString(other);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.AddString(&message, field, text(field, ""));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.AddInt64(&message, field, number(1));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.AddInt32(&message, field, static_cast<std::int32_t>(number(1)));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.AddFloat(&message, field, real());
        break;
      default:
        break;
    }
  }

  void set_one_of(Message& message, const FieldDescriptor* field, int i) {
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::string other = another(field);
        reflection.MutableRepeatedMessage(&message, field, i)->ParseFromString(other);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetRepeatedString(&message, field, i,
                                     text(field, reflection.GetRepeatedString(message, field, i)));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetRepeatedInt64(&message, field, i,
                                    number(reflection.GetRepeatedInt64(message, field, i)));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetRepeatedInt32(
            &message, field, i,
            static_cast<std::int32_t>(number(reflection.GetRepeatedInt32(message, field, i))));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.SetRepeatedFloat(&message, field, i, real());
        break;
      default:
        break;
    }
  }

  void set_single(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const std::string other = another(field);
        reflection.MutableMessage(&message, field)->ParseFromString(other);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(&message, field, text(field, reflection.GetString(message, field)));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, number(reflection.GetInt64(message, field)));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field,
                            static_cast<std::int32_t>(number(reflection.GetInt32(message, field))));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.SetFloat(&message, field, real());
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&message, field, static_cast<int>(pick(30)));
        break;
      default:
        break;
    }
  }

  // The bytes of some message of the field's type: what is set may lie in it, or it in that.
  std::string another(const FieldDescriptor* field) {
    std::vector<const Message*> candidates;
    for (const Message* message : messages_) {
      if (message->GetDescriptor() == field->message_type()) candidates.push_back(message);
    }
    return candidates.empty() ? "" : candidates[pick(candidates.size())]->SerializeAsString();
  }

  std::int64_t number(std::int64_t old) {
    const auto bits = static_cast<std::uint64_t>(old);
    switch (pick(6)) {
      case 0:
        return std::bit_cast<std::int64_t>(bits + 1);
      case 1:
        return std::bit_cast<std::int64_t>(bits - 1);
      case 2:
        return std::bit_cast<std::int64_t>(bits * 2);
      case 3:
        return std::bit_cast<std::int64_t>(0 - bits);
      default:
        return kNumbers[pick(kNumbers.size())];
    }
  }

  float real() { return static_cast<float>(kReals[pick(kReals.size())]); }

  // Mostly what stands in such a field elsewhere: names of values, operators, attributes.
  std::string text(const FieldDescriptor* field, const std::string& old) {
    if (field->type() == FieldDescriptor::TYPE_BYTES && pick(2) == 0) return bytes(old);
    std::vector<std::string> others;
    for (const Message* message : messages_) {
      const Reflection& reflection = *message->GetReflection();
      std::vector<const FieldDescriptor*> fields;
      reflection.ListFields(*message, &fields);
      for (const FieldDescriptor* own : fields) {
        const bool is_alike = own->name() == field->name() || is_value_name(*own, *field);
        if (own->cpp_type() != FieldDescriptor::CPPTYPE_STRING || !is_alike) continue;
        if (!own->is_repeated()) others.push_back(reflection.GetString(*message, own));
        for (int i = 0; own->is_repeated() && i < reflection.FieldSize(*message, own); ++i)
          others.push_back(reflection.GetRepeatedString(*message, own, i));
      }
    }
    if (others.empty() || pick(8) == 0) return bytes(old);
    return others[pick(others.size())];
  }

  static bool is_value_name(const FieldDescriptor& a, const FieldDescriptor& b) {
    const auto names_values = [](const FieldDescriptor& field) {
      return field.full_name() == "onnx.NodeProto.input" ||
             field.full_name() == "onnx.NodeProto.output" ||
             field.full_name() == "onnx.TensorProto.name" ||
             field.full_name() == "onnx.ValueInfoProto.name";
    };
    return names_values(a) && names_values(b);
  }

  std::string bytes(std::string old) {
    switch (pick(4)) {
      case 0:
        return old.substr(0, pick(old.size() + 1));
      case 1:
        return old + std::string(1 + pick(16), static_cast<char>(pick(256)));
      case 2:
        if (!old.empty()) old[pick(old.size())] = static_cast<char>(pick(256));
        return old;
      default:
        return pick(2) == 0 ? "" : "../x/\n\"\\\xff";
    }
  }

  Message& root_;
  std::mt19937_64 random_;
  std::vector<Message*> messages_;
};

}  // namespace

void mutate_message(Message& message, std::uint64_t seed) {
  Mutator(message, seed).run();
}

}  // namespace braid::fuzz
