#pragma once

#include <google/protobuf/message.h>

#include <cstdint>

namespace braid::fuzz {

/// Changes a message in a few places: fields go, come twice, change places, take the value of
/// another field of that kind (so that nodes read other values and become other operators) or an
/// extreme one. What comes out is a message again, though seldom a valid model.
void mutate_message(google::protobuf::Message& message, std::uint64_t seed);

}  // namespace braid::fuzz
