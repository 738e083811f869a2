// SPDX-License-Identifier: MIT
#pragma once

#include "exec/child.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace igotchuu::restic
{

/// What restic said, as far as it decides.
class Words
{
public:
    void summary(Summary summary)
    {
        summary_ = std::move(summary);
        has_summary_ = true;
    }
    void error() { ++errors_; }
    void line(std::string_view text); ///< plain text on its error output
    void last(std::string_view text); ///< its own "exit_error"

    [[nodiscard]] const Summary &summary() const noexcept { return summary_; }
    [[nodiscard]] bool has_summary() const noexcept { return has_summary_; } ///< it has come to its end
    [[nodiscard]] std::uint64_t errors() const noexcept { return errors_; }
    /// The line that tells most about why it ended: its exit_error, else the first Fatal: or panic:, else the last one.
    [[nodiscard]] const std::string &reason() const noexcept { return reason_; }
    /// Why the repository is out of reach (cause.hpp), as far as the last word on that goes.
    [[nodiscard]] const std::string &cause() const noexcept { return cause_; }

private:
    enum class Weight { none, text, fatal, last };
    Summary summary_;
    bool has_summary_ = false;
    std::uint64_t errors_ = 0;
    std::string reason_, cause_;
    Weight weight_ = Weight::none;
};

/// The repository's location as it may be shown: on one line, without a password.
[[nodiscard]] std::string shown_location(const Repository &repository);

/// Whether it is known to have been there: its init made or found it, or a maintenance of it came to its end, or read some of it.
[[nodiscard]] bool was_there(const Repository &repository);

/// Why nothing can be done with one that is not there; and what to do where none ever was: one in a drawer is not to be made anew in the place of its disk.
[[nodiscard]] std::string explain_absence(const Repository &repository);
[[nodiscard]] std::string how_to_make(const Repository &repository);

/// How a start of restic ended, in one line for a person: what is wrong, and what to do. Empty when it succeeded.
[[nodiscard]] std::string explain(const Repository &repository, const ChildEnd &end, const Words &words);

/// The same of one that was asked to end, since the repository was not open within its answer_timeout.
[[nodiscard]] std::string explain_silence(const Repository &repository, const Words &words);

/// What a `restic backup` came to that was asked to end for that.
[[nodiscard]] RepositoryResult judge_silence(const Repository &repository, const Words &words);

/// What `restic backup` came to. Exit status and summary have to agree. Exit 0 and 3 mean nothing without a snapshot; an unknown status is a
/// failure, and a server that is out of reach pending. An end that we asked for is `stopped`, unless the snapshot was made all the same.
[[nodiscard]] RepositoryResult judge(const Repository &repository, const ChildEnd &end, const Words &words);

/// restic's exit statuses that we act upon. https://restic.readthedocs.io/en/stable/075_scripting.html "Exit codes"
namespace exit_code
{
inline constexpr int failed = 1, crashed = 2, incomplete = 3, no_repository = 10, locked = 11, wrong_password = 12,
                     interrupted = 130;
}

} // namespace igotchuu::restic
