#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace braid {

/// A file that a signal must not leave behind, while this object lives.
class RemovedOnSignal {
 public:
  explicit RemovedOnSignal(const std::string& path);
  RemovedOnSignal(const RemovedOnSignal&) = delete;
  RemovedOnSignal& operator=(const RemovedOnSignal&) = delete;
  ~RemovedOnSignal();

 private:
  std::size_t slot_;
};

/// Mapped bytes of a file that SIGBUS is to name, while this object lives.
class NamedOnSignal {
 public:
  NamedOnSignal(std::span<const std::byte> bytes, const std::string& path);
  NamedOnSignal(const NamedOnSignal&) = delete;
  NamedOnSignal& operator=(const NamedOnSignal&) = delete;
  ~NamedOnSignal();

 private:
  std::size_t slot_;
};

/// Ends the time that end_after() gave.
void stop_clock();

}  // namespace braid
