// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace igotchuu::command
{

/// What is on the disk before `prepare` is started, and until `cleanup` has succeeded, so that this is run whatever comes in between: all that it takes, since
/// the job's file may be another by then. /var/lib/igotchuu/prepared/INSTANCE:INVOCATION.json, root's alone.
struct Mark {
    Leftover run;
    std::vector<std::string> sources, prepare, cleanup;
    std::string user;
    std::chrono::seconds at_most{};
};

/// On the disk when it returns, by fsync. Throws std::system_error; then there is none.
void write(const Mark &mark);
void remove(const Leftover &run); ///< throws std::system_error

/// Names in that directory, of marks and of what else lies there; none where the directory is not there.
[[nodiscard]] std::vector<std::string> names_of_marks();
/// The run of a mark's name; of one that was not written to its end, too, before which nothing is started.
struct MarkName {
    Leftover run;
    bool whole;
};
[[nodiscard]] std::optional<MarkName> parse_mark_name(std::string_view name);
/// Throws Failure for what is no mark of a version that this one knows.
[[nodiscard]] Mark read(const Leftover &run);
void remove_unfinished(const Leftover &run);

[[nodiscard]] std::string path_of(const Leftover &run); ///< for messages

} // namespace igotchuu::command
