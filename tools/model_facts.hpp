#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/merge.hpp"
#include "tools/json_report.hpp"

/// What `inspect` tells about one model.
struct ModelFacts {
  std::string path;
  std::string name;
  std::string producer;
  std::int64_t ir_version = 0;
  std::vector<std::string> opsets;  ///< "ai.onnx 17"
  std::vector<braid::Port> inputs;  ///< without those that have a default
  std::vector<braid::Port> outputs;
  std::vector<std::string> dynamic_dims;          ///< symbols of the inputs, in their order
  std::int64_t nodes = 0;                         ///< with those of subgraphs
  std::map<std::string, std::int64_t> operators;  ///< nodes by operator
  std::int64_t functions = 0;                     ///< defined by the model itself
  std::int64_t parameters = 0;                    ///< elements of floating-point initializers
  std::map<std::string, std::uint64_t> bytes;     ///< of initializers by element type
  std::int64_t weightless = 0;                    ///< initializers without data
};

ModelFacts facts_of(const braid::Member& member);
Json json_facts(const ModelFacts& facts);
