// SPDX-License-Identifier: MIT
#pragma once

#include "cli/files/diagnosis.hpp"
#include "cli/job-names.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// A job file that is being written: it lies in /etc/igotchuu/jobs under a name that no one takes for a job's, until it lands. It is gone with this object, unless it has landed
/// or is kept.
class Draft
{
public:
    /// Throws Failure with the remedy, before anybody has typed anything.
    static void refuse_who_may_not_write();

    /// Of a new job. Throws std::system_error.
    Draft(JobName job, std::string_view text);
    /// Of what is to take the place of the job's file. Throws std::system_error; Failure when that is a link.
    explicit Draft(JobName job);
    ~Draft();
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;

    [[nodiscard]] const std::string &path() const noexcept { return path_; } ///< for an editor
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool is_changed() const { return text() != before_; }
    /// What is wrong with it, in the words that it would have in its place; with the job's drop-ins. systemd is asked about its calendar.
    [[nodiscard]] std::vector<Diagnostic> faults(const SearchPath &path) const;

    /// With owner, mode, ACL and attributes of the file that it replaces. Throws Failure when there is another file in its place than the one that it is made of;
    /// that one stays there.
    void land();
    void keep() noexcept { path_.clear(); }
    [[nodiscard]] const std::string &place() const noexcept { return place_; } ///< where it lands

private:
    struct Unwritten {
    };
    /// The object is whole after this: what the other two then write is gone with it, though they throw.
    Draft(Unwritten, JobName job);
    void write(std::string_view text);
    [[nodiscard]] bool replaces() const { return job_.file == place_; } ///< else it is a new file
    [[nodiscard]] Failure came_meanwhile() const;
    [[nodiscard]] bool rename_to_place(unsigned int how) const; ///< false: errno says why
    [[nodiscard]] bool is_what_was_read() const;
    void take_place_of_what_was_read();
    void take_free_place();

    JobName job_;
    std::string place_, path_, before_;
};

} // namespace igotchuu
