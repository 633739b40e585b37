#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/merge.hpp"

namespace braid {

struct VerifyOptions {
  std::uint64_t seed = 0;
  /// An element passes if |merged - member| <= absolute + relative * |member| + peak * the largest
  /// magnitude in that output of the member.
  double absolute_tolerance = 1e-4;
  double relative_tolerance = 1e-3;
  double peak_tolerance = 0;
  std::map<std::string, std::int64_t> dims;  ///< sizes of symbolic dims; others are 2
  Device device = Device::Cpu;
  Precision precision = Precision::Float32;  ///< of the merged model; members have float
  Tuning tuning = {};

  /// Of a merged model with more bytes of weights some members run at a time, unless their outputs
  /// are combined: weights are packed, and so are in memory beside the file.
  std::size_t weight_bytes_at_once = std::size_t{512} << 20;
};

/// The peak_tolerance that fits a precision: 16 roundings of it, 0 for Float32. Errors of roundings
/// that do not depend on each other add up to that after 256 of them; those of one layer after the
/// other are of the size of the layers' largest values, not of the element that they end in.
double peak_tolerance_of(Precision precision);

/// One output of one member: merged model against member; or one that combines those of all.
struct OutputCheck {
  std::string member;  ///< empty for combinations
  std::string output;
  Type type;  ///< with the dims that were computed
  double max_absolute_error = 0;
  double max_relative_error = 0;  ///< over elements where the member's value is not 0
  double needed_absolute = 0;     ///< smallest absolute tolerance that passes with relative 0
  double needed_relative =
      0;  ///< smallest relative tolerance that passes with absolute 0; inf if none
  std::int64_t elements = 0;
  std::int64_t nan_member = 0;  ///< NaNs of the member; equal places in both are no error
  std::int64_t nan_merged = 0;
  std::int64_t nan_mismatches = 0;
  std::int64_t first_bad_index = -1;  ///< flat index of the first element that fails; -1 if none
  bool passed = false;
};

/// The negative control of one member: its outputs against the next member's on the same inputs.
/// If they would pass as equal, the check of this member proves nothing.
struct ControlCheck {
  std::string member;
  std::string other;
  bool differs = false;  ///< some output of the two differs beyond the tolerances
  bool is_twin = false;  ///< all weights are bit-identical, so outputs must not differ
};

struct VerifyReport {
  std::vector<OutputCheck> outputs;
  std::vector<ControlCheck> controls;
  bool passed = false;                     ///< every output passed
  bool is_conclusive = false;              ///< every control differs or is a twin
  std::vector<std::string> warnings = {};  ///< of the merged model's ProgramReport
};

/// Seeded inputs of a model: floats from a normal distribution, integers within the range that
/// their readers allow (rows of the tables they index), else 0 or 1. In the order of the ports.
std::vector<Tensor> sample_inputs(const Model& model, const std::vector<Port>& ports,
                                  std::uint64_t seed,
                                  const std::map<std::string, std::int64_t>& dims);

/// Runs members and merged model on the same seeded inputs and compares every output, member by
/// member, so that memory holds one member's weights at a time beside the merged model's.
/// Combinations of outputs are compared with what the members' results combine to.
/// Throws Error (BadInput) if the merged model lacks a member's input or output, or has others.
VerifyReport verify(const Model& merged, std::span<const Member> members,
                    const VerifyOptions& options = {});

}  // namespace braid
