#pragma once

namespace braid {

/// For programs, once, at their start: what a signal does while Braid works. SIGINT, SIGTERM and
/// SIGHUP remove files that are not complete and end the process with 128 + the signal's number;
/// SIGBUS within a mapped file (it was truncated, or its disk fails) does so with the exit code of
/// unreadable input, 3, and names the file on stderr. SIGXFSZ (a limit on the size of files) is
/// ignored: such an output fails like any other that cannot be written.
void handle_signals();

/// For programs, once: ends the process after so many seconds, as a signal does, with the exit code
/// 6; not any more once a result has its name.
void end_after(double seconds);

}  // namespace braid
