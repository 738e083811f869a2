// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/plan.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace igotchuu::retrieve
{

/// Brings what restic has restored to its place, by descriptor and by rename(2): what is there is replaced at once and whole, and only where it still is what the plan has
/// seen there.
class Placement
{
public:
    explicit Placement(const Way &way) : way_{way} {}
    Placement(const Placement &) = delete;
    Placement &operator=(const Placement &) = delete;

    /// Compares what has come to `staged` with what the snapshot lists; what has not come whole is taken away. `incomplete`: paths of what restic could not restore,
    /// from the part's directory on. One that is in no list is missing as well. Throws std::system_error.
    void check(const Part &part, const Fd &staged, const std::set<std::string> &incomplete);
    /// What is in the way of one file is none for the others.
    void place(const Part &part, const Fd &staged);

    /// Gives the part's directory its own owner, rights and time, where those are others: restic does not do that of what it restores into.
    void adapt(const Part &part);

    std::uint64_t files = 0, directories = 0, bytes = 0; ///< that are at their places
    Named missing; ///< did not come, or not whole
    Named unlike; ///< is there, without the owner, the rights or the attributes that it has in the snapshot
    Named refused; ///< the system did not let it come to its place: it is immutable, say
    Named changed_meanwhile; ///< something has come to its place, or changed there, since the plan was made

private:
    void check(Wanted &directory, const Fd &staged, const std::string &path);
    void give_to_person(const Wanted &one, const Fd &staged, const std::string &name, struct stat &status) const;
    void check_alike(const Wanted &directory, const Wanted &one, const Fd &staged, const std::string &path);
    void note_incomplete(const Wanted &one, const std::string &path);
    void check_file(Wanted &one, const struct stat &status, const Fd &staged, const std::string &name, const std::string &path);
    void place(Wanted &directory, const Fd &staged, const Fd &here, const std::string &path);
    void place_one(Wanted &one, const Fd &staged, const Fd &here, const std::string &path);
    void merge(Wanted &one, const Fd &staged, const Fd &here, const std::string &path);
    void count(const Wanted &one);
    [[nodiscard]] bool has_metadata(const Wanted &one, const struct stat &status) const;

    const Way &way_;
};

} // namespace igotchuu::retrieve
