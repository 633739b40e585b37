// In libFuzzer's place where there is none: runs a target on files, and on mutations of them.
//
//   braid-fuzz-merge [--mutations N] [--seed S] [--crashes FOLDER] FILE|FOLDER...
//
// With --crashes each input is tried in a process of its own, and those that crash it or take
// longer than 10 seconds are written to the folder. Files named *.textproto are models in
// protobuf's text format: inputs that once crashed are kept so.

#include <fmt/core.h>
#include <google/protobuf/text_format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/onnx_message.hpp"
#include "unit/support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<fs::path> paths;
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  fs::path crashes;
};

std::vector<fs::path> all_files(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string load(const fs::path& path) {
  std::string bytes = braid::read_file(path);
  if (path.extension() != ".textproto") return bytes;
  const auto model = braid::fuzz::new_model_message();
  if (!google::protobuf::TextFormat::ParseFromString(bytes, model.get()))
    throw std::runtime_error(path.string() + ": is no ModelProto in text format");
  return model->SerializeAsString();
}

std::string mutated(const std::string& seed_input, std::uint64_t seed) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  std::string bytes = seed_input;
  bytes.resize(std::max(kMost, seed_input.size()));
  std::mt19937_64 random(seed);
  std::size_t size = seed_input.size();
  for (std::uint64_t times = 1 + random() % 4; times > 0; --times) {
    size = LLVMFuzzerCustomMutator(reinterpret_cast<std::uint8_t*>(bytes.data()), size,
                                   bytes.size(), static_cast<unsigned int>(random()));
  }
  bytes.resize(size);
  return bytes;
}

void try_here(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// False if the process that tried it did not end well.
bool try_apart(const std::string& bytes) {
  constexpr rlimit kMostSeconds{10, 10};  // of processor time: others may need the machine, too
  const pid_t child = ::fork();
  if (child == 0) {
    ::setrlimit(RLIMIT_CPU, &kMostSeconds);
    try_here(bytes);
    ::_exit(0);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

int replay(const Arguments& arguments) {
  std::uint64_t tried = 0;
  std::uint64_t crashed = 0;
  double longest = 0;
  std::string slowest;
  const std::vector<fs::path> files = all_files(arguments.paths);
  for (std::uint64_t round = 0; round <= arguments.mutations; ++round) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::string bytes = load(files[i]);
      const std::uint64_t seed = arguments.seed * 1'000'003 + round * 1009 + i;
      if (round > 0) bytes = mutated(bytes, seed);
      const auto start = std::chrono::steady_clock::now();
      if (arguments.crashes.empty()) {
        try_here(bytes);
      } else if (!try_apart(bytes)) {
        ++crashed;
        braid::write_file(arguments.crashes / fmt::format("{}-{}", files[i].stem().string(), seed),
                          bytes);
      }
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
      const double seconds = time.count();
      ++tried;
      if (seconds <= longest) continue;
      longest = seconds;
      slowest = files[i].filename().string();
    }
  }
  fmt::print("{} inputs from {} files, {} crashes; the longest took {:.2f} s, from {}\n", tried,
             files.size(), crashed, longest, slowest);
  return crashed == 0 ? 0 : 1;
}

}  // namespace

// Without knowledge of any structure: cuts, repeats and changes bytes.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t max_size) {
  static std::mt19937_64 random(1);
  if (size == 0) return 0;
  switch (random() % 4) {
    case 0:
      return random() % size;
    case 1: {
      const std::size_t from = random() % size;
      const std::size_t count = std::min(size - from, max_size - size);
      std::copy_n(data + from, count, data + size);
      return size + count;
    }
    default:
      for (std::uint64_t times = 1 + random() % 4; times > 0; --times)
        data[random() % size] = static_cast<std::uint8_t>(random());
      return size;
  }
}

int main(int argc, char** argv) {
  CLI::App app("Runs a fuzz target on files and on mutations of them");
  Arguments arguments;
  app.add_option("paths", arguments.paths, "Inputs, or folders of them")->required();
  app.add_option("--mutations", arguments.mutations, "Of each input");
  app.add_option("--seed", arguments.seed, "Of the mutations");
  app.add_option("--crashes", arguments.crashes, "Try each apart; a folder for those that crash");
  CLI11_PARSE(app, argc, argv);
  return replay(arguments);
}
