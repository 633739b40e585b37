#include "tools/limit_flags.hpp"

#include "braid/limits.hpp"
#include "braid/signals.hpp"

void add_limit_flags(CLI::App& app, LimitFlags& flags) {
  constexpr const char* kGroup = "Limits on what files may ask for";
  app.add_option("--memory-limit", flags.memory,
                 "Of tensors and activations; all of the machine's memory if not given")
      ->transform(CLI::AsSizeValue(true))
      ->type_name("BYTES")
      ->envname("BRAID_MEMORY_LIMIT")
      ->group(kGroup);
  app.add_option("--time-limit", flags.seconds, "End after so many seconds, without an output")
      ->check(CLI::NonNegativeNumber)
      ->type_name("S")
      ->envname("BRAID_TIME_LIMIT")
      ->group(kGroup);
  app.add_option("--node-limit", flags.nodes, "Of one model, with its functions expanded")
      ->type_name("N")
      ->envname("BRAID_NODE_LIMIT")
      ->group(kGroup);
  app.add_option("--nesting-limit", flags.nesting, "Of subgraphs within subgraphs")
      ->check(CLI::Range(1, 1000))
      ->type_name("N")
      ->envname("BRAID_NESTING_LIMIT")
      ->group(kGroup);
}

void apply_limits(const LimitFlags& flags) {
  braid::Limits limits;
  if (flags.memory > 0) limits.memory = flags.memory;
  if (flags.nodes > 0) limits.nodes = flags.nodes;
  if (flags.nesting > 0) limits.nesting = flags.nesting;
  braid::set_limits(limits);
  if (flags.seconds > 0) braid::end_after(flags.seconds);
}
