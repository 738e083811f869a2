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

/// A job of its own, on a disk of its own, in a mount namespace in which igotchuu's directories are empty and nobody else's: tests that play on
/// one can run beside others. Of a source with a nested subvolume, to a local repository whose password is a canary.
class Scene
{
public:
    Scene(const std::string &name, Restic restic);

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
    [[nodiscard]] Restic restic() const noexcept { return restic_; }
    [[nodiscard]] std::string source() const { return disk_.path() + "/source"; }

private:
    [[nodiscard]] std::string password_file() const { return repository_ + ".password"; }
    [[nodiscard]] std::vector<std::string> restic(const std::vector<std::string> &arguments) const;

    struct Alone {
        Alone();
    } alone_; // before anything is mounted
    Restic restic_;
    Disk disk_;
    Subject subject_;
    std::string repository_;
};

[[nodiscard]] std::string new_invocation();

} // namespace igotchuu::stage
