#include "tools/log.hpp"

#include <fmt/core.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

void set_up_log(int verbosity) {
  auto logger = spdlog::stderr_logger_st("braid");
  logger->set_pattern("%v");
  logger->set_level(verbosity < 0   ? spdlog::level::warn
                    : verbosity > 0 ? spdlog::level::debug
                                    : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void print_error(const std::string& message) {
  fmt::print(stderr, "braid: {}\n", message);
}
