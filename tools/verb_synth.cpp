// braid synth ARCH -n N -o DIR: members of an architecture with seeded random weights.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/synth.hpp"
#include "tools/model_files.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

namespace fs = std::filesystem;
using braid::Error;
using braid::ErrorKind;

struct SynthArguments {
  fs::path architecture;
  int count = 1;
  std::uint64_t seed = 0;
  double share = -1;      // negative: not given
  int share_classes = 0;  // 0: not given
  fs::path folder;
  bool force = false;
};

braid::SynthOptions options_of(const SynthArguments& arguments) {
  braid::SynthOptions options;
  options.count = arguments.count;
  options.seed = arguments.seed;
  if (arguments.share >= 0) options.share = arguments.share;
  if (arguments.share_classes > 0) options.share_classes = arguments.share_classes;
  if (arguments.share_classes > arguments.count) {
    throw Error(
        ErrorKind::Usage,
        fmt::format("--share-classes {}: is more than the {} of -n; {} members fall into at "
                    "most {} classes",
                    arguments.share_classes, arguments.count, arguments.count, arguments.count));
  }
  return options;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    throw Error(ErrorKind::Output, folder.string() + ": the folder cannot be made: " +
                                       error.message() + "; choose one where you may write");
  }
}

// Files and folder of an unfinished run; removed unless the run ends well.
class Leftovers {
 public:
  explicit Leftovers(const fs::path& folder) {
    if (!fs::exists(folder)) paths_.push_back(folder);
  }
  Leftovers(const Leftovers&) = delete;
  Leftovers& operator=(const Leftovers&) = delete;
  ~Leftovers() {
    std::error_code ignored;
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path)
      fs::remove(*path, ignored);
  }

  void add(const fs::path& path) { paths_.push_back(path); }
  void keep() { paths_.clear(); }

 private:
  Paths paths_;
};

int run_synth(const SynthArguments& arguments, const Session&) {
  const braid::SynthOptions options = options_of(arguments);
  const braid::Model architecture =
      std::move(load_all({arguments.architecture}, Weights::MayLack)[0].model);
  Leftovers leftovers(arguments.folder);
  make_folder(arguments.folder);
  Paths paths;
  const std::string stem = arguments.architecture.stem().string();
  for (int i = 0; i < arguments.count; ++i) {
    paths.push_back(arguments.folder / fmt::format("{}-{}.onnx", stem, i));
    check_output(paths.back(), arguments.force);
  }
  braid::SavedFiles saved;
  for (int i = 0; i < arguments.count; ++i) {
    const fs::path& path = paths[static_cast<std::size_t>(i)];
    spdlog::info("member {} of {}: {}", i + 1, arguments.count, path.string());
    braid::SaveOptions save_options;
    save_options.overwrite = arguments.force;
    saved = braid::save_model(braid::synthesise(architecture, options, i), path, save_options);
    leftovers.add(path);
    if (saved.data_bytes > 0) leftovers.add(path.string() + ".data");
  }
  leftovers.keep();
  const Answer answer(false);
  answer.line("wrote {}{}, {}{}, seed {}", paths[0].string(),
              paths.size() == 1 ? "" : " .. " + paths.back().filename().string(),
              format_bytes(saved.model_bytes + saved.data_bytes), paths.size() == 1 ? "" : " each",
              arguments.seed);
  return 0;
}

}  // namespace

void add_synth(CLI::App& app, Session& session) {
  CLI::App& verb =
      *app.add_subcommand("synth", "Make variants of an architecture with seeded random weights");
  auto arguments = std::make_shared<SynthArguments>();
  verb.add_option("architecture", arguments->architecture, "A model, with or without weights")
      ->required()
      ->type_name("ARCH");
  verb.add_option("-n,--count", arguments->count, "How many variants")
      ->required()
      ->check(CLI::Range(1, 100'000))
      ->type_name("N");
  verb.add_option("--seed", arguments->seed, "The same seed gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("S");
  auto* share =
      verb.add_option("--share", arguments->share,
                      "This fraction of the weight tensors, the first ones, is common to all")
          ->check(CLI::Range(0.0, 1.0))
          ->type_name("F");
  verb.add_option("--share-classes", arguments->share_classes,
                  "At each weight the variants fall into this many classes of equal weights")
      ->check(CLI::Range(1, 100'000))
      ->excludes(share)
      ->type_name("K");
  verb.add_option("-o,--output", arguments->folder, "Folder for ARCH-0.onnx, ARCH-1.onnx, ...")
      ->required()
      ->type_name("DIR");
  verb.add_flag("--force", arguments->force, "Replace files that exist");
  on_verb(verb, session, arguments, run_synth);
}
