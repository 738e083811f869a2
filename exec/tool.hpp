// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// A program of the system that igotchuu asks or tells something: zfs, LVM's.
struct Tool {
    std::vector<std::string> arguments; ///< the first is its absolute path
    std::string capabilities = "-all"; ///< that it may have, and nothing else, as for setpriv(1): "-all,+sys_admin"; empty: ours
    std::chrono::seconds at_most{30}; ///< one that hangs must not hang the backup (tried by others: lvremove, for ever)
    /// As Patience's. Longer for one whose work the kernel does, be it killed or not, and is to be undone then.
    std::chrono::seconds gone_within{10};
    int stop = -1; ///< readable: it is asked to end; -1: nobody can ask. What may take long has one
    std::vector<int> inherited{}; ///< descriptors that it reads as /proc/self/fd/N
    std::function<bool(std::string_view line)> wanted{}; ///< which whole lines of its output are kept, and count; none: all of it
};

/// What it said, and how it ended.
struct ToolEnd {
    int status = 0; ///< 0: well
    std::string output; ///< at most 16 MiB
    std::string
        complaint; ///< one line: what it said on standard error, that it was killed since its time was up, or its exit status; empty when it ended well in silence
};

/// Runs it to its end, with nothing in its environment but PATH and LC_ALL=C. Throws std::system_error when it is not installed, Cancelled when the stop
/// was asked for.
[[nodiscard]] ToolEnd run(const Tool &tool);

/// What it printed. Throws Failure, "cannot run zfs list: WHY", when it did not end well.
[[nodiscard]] std::string output_of(const Tool &tool);

} // namespace igotchuu
