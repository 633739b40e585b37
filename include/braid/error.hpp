#pragma once

#include <stdexcept>
#include <string>

namespace braid {

/// What went wrong, in the terms of the program's exit codes. The values are those codes.
enum class ErrorKind : int {
  CheckFailed = 1,  ///< a comparison failed (`verify`)
  Usage = 2,        ///< the command line or an argument makes no sense
  BadInput = 3,     ///< a file is unreadable or not a valid model
  CannotMerge = 4,  ///< the models are valid but cannot be merged as asked
  Unsupported = 5,  ///< an operator or type that this build does not execute
  Device = 6,       ///< a device is missing or out of memory
  Output = 7,       ///< an output cannot be written
  Internal = 70,    ///< a defect in Braid itself
};

/// The one exception type of the library: the caller's, the model's or the machine's fault.
/// A message names the place, the cause and the fix: "FILE: PLACE: cause; fix".
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace braid
