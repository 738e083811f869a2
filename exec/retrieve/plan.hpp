// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/wanted.hpp"
#include "exec/retrieve/way.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace igotchuu::retrieve
{

/// Of what is there and other than in the snapshot.
enum class Overwrite {
    never,
    older, ///< what is newer here stays
    always
};

/// What one start of restic restores: into one directory, and the file system that this is on.
struct Part {
    std::string from; ///< a directory of the snapshot
    std::string into; ///< the directory here
    Fd directory; ///< it; nothing: it is made, as the last name of `into` in `parent`
    Fd parent;
    Wanted *top; ///< the directory of the snapshot: of what is in it each has its fate
    std::uint64_t bytes = 0; ///< that are to come
    std::optional<std::uint64_t> free{}; ///< bytes that were there for them; nothing: as many as there are now
};

/// Names for a person to see; the first few.
struct Named {
    std::uint64_t count = 0;
    std::vector<std::string> first{};

    void note(const std::string &path);
};

/// What a restore would do. Making one changes nothing.
class Plan
{
public:
    Plan(const Way &way, Overwrite overwrite) : way_{way}, overwrite_{overwrite} {}
    Plan(const Plan &) = delete;
    Plan &operator=(const Plan &) = delete;

    /// All of `root` back to where it was. Throws Failure for what would be led astray (Way), and std::system_error.
    void in_place(Wanted &root);
    /// Each of `paths` into the directory `to`, by its last name, "/" by all that is in it. Throws the same, and Failure where two have one name.
    void beside(Wanted &root, const std::vector<std::string> &paths, const std::string &to);
    /// Throws Failure where there is not so much space.
    void check_space() const;

    [[nodiscard]] std::list<Part> &parts() noexcept { return parts_; }
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] std::uint64_t available() const; ///< where the first of what comes goes
    /// Whether there is anything to do.
    [[nodiscard]] bool restores() const { return files_made + directories_made + replaced.count + adapted > 0; }

    std::uint64_t files_made = 0, directories_made = 0, same = 0;
    std::uint64_t adapted = 0; ///< directories that only get owner, rights and times of the snapshot
    Named replaced; ///< all of them
    Named newer; ///< those that are newer here than in the snapshot, replaced or not
    Named left, in_the_way;

private:
    void along(Wanted &way, const Fd &here, const std::string &path);
    Part &add_part(const std::string &from, const std::string &into, Fd directory, Wanted &top);
    void look(Part &part, Wanted &directory, const Fd &here, const std::string &from, const std::string &path);
    void look_at(Part &part, Wanted &one, const Fd &here, const std::string &from, const std::string &path);
    void enter(Part &part, Wanted &one, const std::pair<Fd, dev_t> &directory, const std::string &from, const std::string &path);
    void compare(Part &part, Wanted &one, const struct stat &here, const std::string &path);
    void make(Part &part, Wanted &one);
    void take_bytes(Part &part, const Wanted &one);
    [[nodiscard]] bool is_as_stored(const Wanted &one, const struct stat &here) const;

    const Way &way_;
    Overwrite overwrite_;
    std::list<Part> parts_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen_; ///< inodes and sizes of files whose bytes come once
};

/// Whether something of it is restored.
[[nodiscard]] bool is_needed(const Wanted &one);
[[nodiscard]] bool is_needed(const Part &part);

/// For restic's --exclude-file: what of the part is not restored, in restic's patterns, the last that fits counts; "!" takes it in again. More than what is needed may be let in: names
/// that a pattern cannot say.
[[nodiscard]] std::string patterns_of(const Part &part);

/// The name in the directory `here` that restic lists so. Its own where it has a usual one.
[[nodiscard]] std::string name_in(const Fd &here, const std::string &listed);

} // namespace igotchuu::retrieve
