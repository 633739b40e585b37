#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "braid/types.hpp"

/// "940 B", "640.0 kB", "418.2 MB", "3.5 GB"
std::string format_bytes(std::uint64_t bytes);

/// "25,530,472"
std::string format_count(std::int64_t count);

/// "1 model", "8 models"
std::string plural(std::int64_t count, const std::string& noun);

/// "a, b, c"; after `limit` items "... (5 more)".
std::string join(const std::vector<std::string>& items, std::size_t limit = 1000);

/// Names and types of inputs or outputs: "x float[batch,3,224,224]".
std::string format_port(const std::string& name, const braid::Type& type);

/// Lines of text in columns. Text is aligned left, numbers (columns named in `right`) right.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text(const std::string& indent, const std::vector<std::size_t>& right) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Human-readable answers on stdout; silent where JSON takes stdout instead.
class Answer {
 public:
  explicit Answer(bool is_silent) : is_silent_(is_silent) {}

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) const {
    if (!is_silent_) fmt::print("{}\n", fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool is_silent_;
};
