// The braid program: parses the command line, runs one verb, turns exceptions into exit codes.

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <new>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/signals.hpp"
#include "braid/version.hpp"
#include "tools/log.hpp"
#include "tools/model_files.hpp"
#include "tools/verbs.hpp"

namespace {

using braid::ErrorKind;

constexpr int code(ErrorKind kind) {
  return static_cast<int>(kind);
}

constexpr const char* kExitCodes =
    "Exit codes: 0 success, 1 verification or comparison failed, 2 usage, 3 input unreadable or\n"
    "invalid, 4 cannot be merged as asked, 5 unsupported operator, 6 device or memory, 7 output\n"
    "not writable, 70 internal error, 130 interrupted.";

void describe_program(CLI::App& app, int& verbose, bool& quiet) {
  app.description("Merges N ONNX models into one ONNX model, and runs ONNX models.");
  app.footer(kExitCodes);
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", [] {
    return fmt::format("braid {} (ONNX opset {})", braid::kVersion, braid::newest_opset());
  });
  app.add_flag("-v,--verbose", verbose, "Tell more on stderr");
  app.add_flag("-q,--quiet", quiet, "Only warnings and errors on stderr");
  app.fallthrough();  // so that -q and -v may also stand behind the verb
}

// Answers count only when they arrived.
int finish(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  print_error("stdout: the answer cannot be written; is the disk full?");
  return code(ErrorKind::Output);
}

int run_guarded(const Session& session) {
  try {
    return finish(session.run());
  } catch (const AlreadyReported& reported) {
    return reported.exit_code;
  } catch (const braid::Error& error) {
    if (error.kind() == ErrorKind::Internal) throw;
    print_error(error.what());
    return code(error.kind());
  } catch (const std::bad_alloc&) {
    print_error("out of memory; close other programs or use a machine with more memory");
    return code(ErrorKind::Device);
  }
}

int parse_and_run(int argc, char** argv) {
  CLI::App app;
  Session session;
  session.argv.assign(argv, argv + argc);
  int verbose = 0;
  bool quiet = false;
  describe_program(app, verbose, quiet);
  add_inspect(app, session);
  add_merge(app, session);
  add_plan(app, session);
  add_verify(app, session);
  add_extract(app, session);
  add_split(app, session);
  add_refit(app, session);
  add_run(app, session);
  add_bench(app, session);
  add_doctor(app, session);
  add_synth(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help, --version
    return finish(app.exit(wish));
  } catch (const CLI::ParseError& error) {
    print_error(std::string(error.what()) + "; see braid --help or braid VERB --help");
    return code(ErrorKind::Usage);
  }
  set_up_log(quiet ? -1 : verbose);
  if (!session.run) {
    fmt::print(stderr, "{}", app.help());
    return code(ErrorKind::Usage);
  }
  return run_guarded(session);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    braid::handle_signals();
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    print_error(
        fmt::format("internal error: {}; please report this with the command line and, if "
                    "you can, the models",
                    error.what()));
  } catch (...) {
    print_error("internal error; please report this with the command line");
  }
  return code(ErrorKind::Internal);
}
