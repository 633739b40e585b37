#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/merge.hpp"
#include "tools/verbs.hpp"

using Paths = std::vector<std::filesystem::path>;

/// Thrown after errors have been printed, to end the program with this exit code.
struct AlreadyReported {
  int exit_code;
};

/// What load_all() demands of each model.
enum class Weights { MayLack, MustBeThere };

/// Loads the files as members. If some fail, prints the errors of all and throws AlreadyReported
/// with the code of the first.
std::vector<braid::Member> load_all(const Paths& paths, Weights weights);

/// Initializers without data.
std::vector<std::string> weightless_names(const braid::Graph& graph);

/// Bytes of all initializers, whether their data is there or not.
std::uint64_t weight_bytes(const braid::Graph& graph);

/// Makes errors about a model that the library cannot locate name the file.
[[noreturn]] void rethrow_with_file(const braid::Error& error, const std::filesystem::path& path);

/// Throws Error (Output) if `path` exists and must not be replaced, or if its folder does not
/// exist: before the work, not after it.
void check_output(const std::filesystem::path& path, bool overwrite);

/// As --device spells it.
std::string name_of(braid::Device device);

/// As --precision spells it.
std::string name_of(braid::Precision precision);

// Options that several verbs have.
void add_device_options(CLI::App& verb, braid::Device& device, braid::Precision& precision);
void add_tuning_options(CLI::App& verb, braid::Tuning& tuning);
CLI::Option* add_dims_option(
    CLI::App& verb, std::vector<std::string>& texts,
    const std::string& help = "Size of a symbolic dimension, as in batch=4; others are 2");

/// "batch=4" and the like as sizes by name. Throws Error (Usage) on malformed texts.
std::map<std::string, std::int64_t> parse_dims(const std::vector<std::string>& texts);

/// Throws Error (Usage) if a name is no symbolic dim of any graph's inputs.
void check_dims(const std::map<std::string, std::int64_t>& dims,
                const std::vector<const braid::Graph*>& graphs);
