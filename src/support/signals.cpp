// A signal handler may call next to nothing and wait for nobody, so it reads two tables of fixed
// size, without locks. What finds no free slot, or has a longer path, is not looked after.

#include "support/signals.hpp"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "braid/error.hpp"
#include "braid/signals.hpp"

namespace braid {
namespace {

struct Slot {
  std::atomic<bool> is_taken = false;
  std::atomic<bool> is_filled = false;
  std::uintptr_t begin = 0;
  std::uintptr_t size = 0;
  std::array<char, 1024> path;
};

template <std::size_t Size>
class Slots {
 public:
  static constexpr std::size_t kNone = Size;

  std::size_t take(const std::string& path, std::span<const std::byte> bytes) {
    if (path.size() >= sizeof(Slot::path)) return kNone;
    const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < Size; ++i) {
      const std::size_t at = (first + i) % Size;
      Slot& slot = slots_[at];
      if (slot.is_taken.exchange(true)) continue;
      slot.begin = reinterpret_cast<std::uintptr_t>(bytes.data());
      slot.size = bytes.size();
      std::memcpy(slot.path.data(), path.c_str(), path.size() + 1);
      slot.is_filled = true;
      return at;
    }
    return kNone;
  }

  void give_back(std::size_t at) {
    if (at == kNone) return;
    slots_[at].is_filled = false;
    slots_[at].is_taken = false;
  }

  const std::array<Slot, Size>& all() const { return slots_; }

 private:
  std::array<Slot, Size> slots_;
  std::atomic<std::size_t> next_ = 0;
};

Slots<256> incomplete_files;
Slots<16384> mapped_files;

void remove_incomplete_files() {
  for (const Slot& slot : incomplete_files.all()) {
    if (slot.is_filled) ::unlink(slot.path.data());
  }
}

void say(const char* text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void end_on_wish(int signal) {
  remove_incomplete_files();
  ::_exit(128 + signal);
}

extern "C" void end_on_time_out(int /*signal*/) {
  say("braid: took longer than --time-limit allows\n");
  remove_incomplete_files();
  ::_exit(static_cast<int>(ErrorKind::Device));
}

extern "C" void end_on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (const Slot& slot : mapped_files.all()) {
    if (!slot.is_filled || address - slot.begin >= slot.size) continue;
    say("error: ");
    say(slot.path.data());
    say(": cannot be read any more: it became shorter, or its disk fails; try again when nothing "
        "else writes it\n");
    remove_incomplete_files();
    ::_exit(static_cast<int>(ErrorKind::BadInput));
  }
  remove_incomplete_files();
  ::signal(signal, SIG_DFL);  // back to the faulting instruction, which ends the process
}

}  // namespace

RemovedOnSignal::RemovedOnSignal(const std::string& path)
    : slot_(incomplete_files.take(path, {})) {}

RemovedOnSignal::~RemovedOnSignal() {
  incomplete_files.give_back(slot_);
}

NamedOnSignal::NamedOnSignal(std::span<const std::byte> bytes, const std::string& path)
    : slot_(mapped_files.take(path, bytes)) {}

NamedOnSignal::~NamedOnSignal() {
  mapped_files.give_back(slot_);
}

void end_after(double seconds) {
  ::signal(SIGALRM, end_on_time_out);
  const double whole = std::floor(std::min(seconds, 1e9));
  itimerval time{};
  time.it_value.tv_sec = static_cast<time_t>(whole);
  time.it_value.tv_usec = static_cast<suseconds_t>(std::min((seconds - whole) * 1e6 + 1, 999999.0));
  ::setitimer(ITIMER_REAL, &time, nullptr);
}

void stop_clock() {
  const itimerval none{};
  ::setitimer(ITIMER_REAL, &none, nullptr);
}

void handle_signals() {
  struct sigaction wish {};
  wish.sa_handler = end_on_wish;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current {};
    ::sigaction(signal, nullptr, &current);
    // A shell starts background jobs with SIGINT ignored, nohup with SIGHUP ignored.
    if (current.sa_handler != SIG_IGN) ::sigaction(signal, &wish, nullptr);
  }
  ::signal(SIGXFSZ, SIG_IGN);  // write() says it too
  struct sigaction bus {};
  bus.sa_sigaction = end_on_bus_error;
  bus.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &bus, nullptr);
}

}  // namespace braid
