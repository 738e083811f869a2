// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/secret.hpp"
#include "job/job.hpp"

#include <optional>
#include <string>

namespace igotchuu
{

/// The password that the units open a repository with, where the repository's file says that it is. One that is not there yet is made, and sealed by
/// systemd-creds(1) where it is to be sealed; it lies beside its place, as NAME.new, until publish(): a TPM may be all that opens it again, so no backup
/// uses it before somebody has a recovery key. One that is there is never touched.
class WorkingKey
{
public:
    /// `credentials_directory`: systemd's, for what this repository needs. Throws Failure where one cannot be made: a directory that is not there, or where others could
    /// put something else in its place.
    WorkingKey(const Repository &repository, const std::string &instance, const std::string &credentials_directory,
               const StopRequest &stop);

    [[nodiscard]] bool is_published() const noexcept { return !made_; }
    [[nodiscard]] bool is_left_over() const noexcept { return made_ && left_over_; } ///< of an init that was cut
    /// What it says; only of one that is not published.
    [[nodiscard]] const restic::Confidential &text() const { return made_->text; }
    /// Where it is, or will be: "the file /x", "the credential nas (sealed, /etc/credstore.encrypted/nas)".
    [[nodiscard]] std::string place() const;
    [[nodiscard]] const std::string &why_not_sealed() const noexcept { return why_not_sealed_; } ///< empty: it is, or was not to be

    void publish(); ///< puts it where it belongs; never over something. Throws std::system_error
    void drop() noexcept; ///< where nothing was made with it

private:
    struct Made {
        std::string path; ///< its place
        restic::Confidential text;
    };
    void find_left_over(const std::string &path);
    void make(const std::string &path);
    void make_sealed();

    const Repository &repository_;
    std::optional<Made> made_;
    bool left_over_ = false;
    std::string why_not_sealed_;
};

} // namespace igotchuu
