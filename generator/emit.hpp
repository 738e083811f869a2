// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"
#include "job/job.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace igotchuu::generator
{

/// The units of igotchuu, written below one directory that is held by descriptor. Everything throws std::system_error with the name of the
/// file that could not be written.
class Emitter
{
public:
    explicit Emitter(Fd directory) : directory_{std::move(directory)} {}

    void
    templates() const; ///< igotchuu@, igotchuu-fresh@ and igotchuu-maintenance@, .service and .timer, and igotchuu-send@.service

    /// The drop-in of the template, for all jobs without a file; `implicit` as of implicit_job(). Before any job().
    void implicit(const Job &implicit);
    void broken_implicit() const;

    /// The drop-in of one job, the same for igotchuu-send@ where it may keep an instant, or the template has one; its timer and the link that starts it, when it has a schedule; a drop-in
    /// and a timer of igotchuu-fresh@, when it has an objective. Throws std::invalid_argument for a value that cannot stand in a unit, before anything is written.
    void job(const Job &job) const;

    /// The same for a job that cannot be loaded, with a timer each day: its service fails and says why. `file` is the one of it that counts. A look at its
    /// freshness fails as well, where its timer was running before.
    void broken(const std::string &instance, const std::string &file) const;

    /// The same of a repository's maintenance; of one that is not maintained nothing. Its service fails when the repository is broken.
    void maintenance(const std::string &instance, const Repository &repository) const;
    void broken_maintenance(const std::string &instance, const std::string &file) const;

    /// The drop-ins by which the end of each run is told, and, with `starts`, its beginning, and what verify finds; of the units that tell, the one with the
    /// credential (empty: none needed).
    void notify(bool starts, const std::string &credential) const;

private:
    void write_drop_in(const std::string &unit, const std::string &name, std::string_view text) const;
    void link(const std::string &directory, const std::string &unit) const;
    void write_timer(const std::string &timer, std::string_view text) const;
    void write(int directory, const std::string &name, std::string_view text) const;
    [[nodiscard]] Fd make_directory(const std::string &name) const;

    Fd directory_;
    bool template_sends_ = false; ///< its igotchuu-send@ has a drop-in, which each job without one of its own would have
};

} // namespace igotchuu::generator
