#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// What a verb gets of the program, beside its own options.
struct Session {
  std::vector<std::string> argv;
  std::function<int()> run;  ///< set by the verb that the command line names; returns the exit code
};

// Each adds its verb, with options and help, to the program.
void add_inspect(CLI::App& app, Session& session);
void add_merge(CLI::App& app, Session& session);
void add_plan(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_bench(CLI::App& app, Session& session);
void add_bench_compare(CLI::App& bench, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_extract(CLI::App& app, Session& session);
void add_refit(CLI::App& app, Session& session);
void add_split(CLI::App& app, Session& session);
void add_run(CLI::App& app, Session& session);
void add_synth(CLI::App& app, Session& session);

/// Makes `run` what the program does when the command line names `verb`.
template <class Options>
void on_verb(CLI::App& verb, Session& session, std::shared_ptr<Options> options,
             int (*run)(const Options&, const Session&)) {
  verb.callback([&session, options, run] {
    session.run = [&session, options, run] { return run(*options, session); };
  });
}
