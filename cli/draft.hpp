// SPDX-License-Identifier: MIT
#pragma once

#include "cli/diagnosis.hpp"
#include "cli/job-names.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// A job file that is being written: it lies in /etc/igotchuu/jobs under a name that no one takes for a job's, until it lands. It is gone with this object, unless it has landed.
class Draft
{
public:
    /// `mode`: of the file. Throws std::system_error.
    Draft(JobName job, std::string_view text, unsigned mode);
    ~Draft();
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;

    [[nodiscard]] const std::string &path() const noexcept { return path_; } ///< for an editor
    [[nodiscard]] std::string text() const;
    /// What is wrong with it, in the words that it would have in its place; with the job's drop-ins.
    [[nodiscard]] std::vector<Diagnostic> faults(const SearchPath &path) const;

    enum class Landing { new_file, over_another };
    void land(Landing landing); ///< throws Failure when there is a file that it must not replace
    [[nodiscard]] const std::string &place() const noexcept { return place_; } ///< where it lands

private:
    JobName job_;
    std::string place_, path_;
};

} // namespace igotchuu
