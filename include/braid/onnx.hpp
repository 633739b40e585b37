#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "braid/datum.hpp"
#include "braid/graph.hpp"
#include "braid/model_source.hpp"

namespace braid {

/// Reads an ONNX file of any IR version from 3 and any opset that the ONNX library knows.
///
/// Initializers stay in the (memory-mapped) files, embedded ones as well as external data; nothing
/// is copied. External data must lie in the model's folder or below, without symbolic links.
/// Throws Error (BadInput) naming file, place, cause and fix.
Model load_model(const std::filesystem::path& path);

/// Reads a model from files that need not exist; `path` names the model file in messages.
/// Throws Error (BadInput).
Model load_model(std::shared_ptr<const ModelSource> source, const std::filesystem::path& path);

/// Reads a value of that type from a file with one TensorProto, SequenceProto or OptionalProto, as
/// the test data of ONNX has them (input_0.pb). Throws Error (BadInput).
Datum load_datum(const std::filesystem::path& path, const Type& type);

/// Writes of a saved model.
struct SavedFiles {
  std::uint64_t model_bytes = 0;
  std::uint64_t data_bytes = 0;  ///< of the external data file; 0 if there is none
};

struct SaveOptions {
  /// Files with more bytes of weights than this put them into one external data file, PATH.data.
  std::uint64_t external_above = 1'500'000'000;
  /// Initializers below this many bytes stay in the model file.
  std::uint64_t external_minimum = 1024;
  /// Start of each tensor in the external data file is a multiple of this.
  std::uint64_t alignment = 4096;
  /// Replace files that exist; else Error (Output).
  bool overwrite = false;
};

/// Writes a model; weights are streamed, so memory does not grow with them. The files are written
/// beside their final names and renamed, so a failure leaves nothing behind. Equal models give
/// equal bytes. Throws Error (Output).
SavedFiles save_model(const Model& model, const std::filesystem::path& path,
                      const SaveOptions& options = {});

/// A model in ONNX's text syntax (onnx/docs/Syntax.md). Throws Error (BadInput).
Model parse_model_text(std::string_view text);

/// The model in ONNX's text syntax; large initializers are shortened.
std::string print_model_text(const Model& model);

/// Fills in the types of all values with ONNX's own inference functions, also from the values of
/// constants (shape arithmetic). Throws Error (BadInput) when the model contradicts itself.
void infer_types(Model& model);

/// Raises the version of one operator set ("" is ai.onnx) to `target`, with the same meaning of
/// every node; does nothing if it is that high already. Model-local functions are inlined before.
/// Throws Error (CannotMerge) that names all operators that do not convert, and why.
void convert_opset(Model& model, const std::string& domain, std::int64_t target);

/// Newest ai.onnx opset that this build knows.
std::int64_t newest_opset();

}  // namespace braid
