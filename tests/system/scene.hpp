// SPDX-License-Identifier: MIT
#pragma once

#include "tests/system/invariants.hpp"
#include "tests/system/stage.hpp"
#include "tests/system/strike.hpp"

#include <string>
#include <vector>

namespace igotchuu::stage
{

/// Who is behind /usr/bin/restic on a scene.
enum class Restic { stand_in, real };

/// Where the backups go: a repository with a file of its own, or the one that is made on first use.
enum class Target { configured, embedded };

/// For as long as it lives, a mount namespace in which igotchuu's directories are empty and nobody else's: what is tried in it can run beside other
/// tests. Before anything is mounted.
struct Alone {
    Alone();
};

/// A job that backs up a subvolume with a nested one, to a local repository whose password is a canary. Needs an Alone.
class Scene
{
public:
    /// `top`: where the top level of an empty btrfs is mounted.
    Scene(const std::string &name, const std::string &top, Restic restic, Target target = Target::configured);

    /// `igotchuu-exec VERB INSTANCE`, as systemd would start it for the invocation.
    [[nodiscard]] Struck exec(const std::string &verb, const std::string &invocation, const Fault &fault = {},
                              Watch watch = Watch::until_struck) const;
    [[nodiscard]] Struck backup(const std::string &invocation, const Fault &fault = {}, Watch watch = Watch::until_struck) const
    {
        return exec("backup", invocation, fault, watch);
    }

    /// What the repository has under that id is what the source holds, file by file. Throws Failure.
    void must_restore(const std::string &snapshot) const;
    void check_repository() const; ///< `restic check --read-data`. Throws Failure
    [[nodiscard]] std::size_t snapshots() const; ///< how many the repository has
    void begin_anew() const; ///< with an empty repository: restic reads all snapshots of one at each start

    [[nodiscard]] const Subject &subject() const noexcept { return subject_; }
    void forget_first_use() const; ///< the next run finds neither an embedded repository nor what igotchuu remembers of restic
    [[nodiscard]] Restic restic() const noexcept { return restic_; }
    [[nodiscard]] std::string source() const { return subject_.tops.front() + "/source"; }

private:
    [[nodiscard]] std::string password_file() const { return repository_ + ".password"; }
    void write_job(Target target) const;
    [[nodiscard]] std::vector<std::string> restic(const std::vector<std::string> &arguments) const;

    Restic restic_;
    Subject subject_;
    std::string repository_;
};

[[nodiscard]] std::string new_invocation();

} // namespace igotchuu::stage
