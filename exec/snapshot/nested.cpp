// SPDX-License-Identifier: MIT
#include "exec/snapshot/nested.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/pool.hpp"
#include "job/error.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ranges>
#include <utility>

namespace igotchuu::btrfs
{

namespace
{

std::string seen_below(const std::string &parent, const std::string &name)
{
    return parent.empty() ? "" : (std::filesystem::path{parent} / name).native();
}

} // namespace

Below nested_below(const Fd &any, std::span<const Subvolume> all, std::uint64_t subvolume, std::string_view inside,
                   const std::string &path, const NestedWanted &which)
{
    const std::string pool = std::string{pool_name} + '/';
    Below below;
    enum class Fate { wanted, read_only, over_limit, unreachable }; // a child shares its parent's, unless that is wanted
    struct Parent {
        std::uint64_t id;
        Fate fate;
        std::string path; ///< as it is seen; empty: it lies too deep
    };
    std::vector<Parent> parents{{subvolume, Fate::wanted, path}};
    for (std::size_t i = 0; i < parents.size(); ++i) {
        const auto parent = parents[i];
        for (const auto &child : std::ranges::equal_range(all, parent.id, {}, &Subvolume::parent)) {
            const auto directory = path_in_subvolume(any, parent.id, child.directory);
            if (directory &&
                ((i == 0 && !directory->starts_with(inside)) || (parent.id == top_level_id && directory->starts_with(pool))))
                continue;
            auto seen_at = directory ? seen_below(parent.path, directory->substr(i == 0 ? inside.size() : 0) + child.name) : "";
            if (which.is_excluded && which.is_excluded(seen_at))
                continue;
            const Fate fate = parent.fate != Fate::wanted                                       ? parent.fate
                              : child.read_only && which.read_only == NestedReadOnly::leave_out ? Fate::read_only
                              : !directory                                                      ? Fate::unreachable
                              : below.wanted.size() >= which.most                               ? Fate::over_limit
                                                                                                : Fate::wanted;
            parents.push_back({child.id, fate, std::move(seen_at)});
            switch (fate) {
            case Fate::wanted:
                below.wanted.push_back({child, *directory});
                break;
            case Fate::read_only:
                ++below.read_only;
                break;
            case Fate::over_limit:
                ++below.over_limit;
                break;
            case Fate::unreachable:
                ++below.unreachable;
                break;
            }
        }
    }
    return below;
}

bool is_root_of(const Fd &directory, const std::string &path, std::uint64_t id)
{
    return subvolume_id(directory, path) == id && place_of(directory, path).inode == root_inode;
}

namespace
{

Fd gone()
{
    errno = ENOENT;
    return {};
}

} // namespace

Fd open_subvolume(const Fd &top, std::span<const Subvolume> all, std::uint64_t id)
{
    if (id == top_level_id)
        return open_beneath(top, "", O_RDONLY | O_DIRECTORY);
    const auto found = std::ranges::lower_bound(all, id, {}, &Subvolume::id);
    if (found == all.end() || found->id != id)
        return gone();
    const Fd parent = open_subvolume(top, all, found->parent); // as deep as subvolumes are nested above a source
    if (!parent)
        return {};
    const auto directory = path_in_subvolume(top, found->parent, found->directory);
    if (!directory)
        return gone();
    Fd root = open_beneath(parent, *directory + found->name, O_RDONLY | O_DIRECTORY);
    return root && !is_root_of(root, found->name, id) ? gone() : std::move(root);
}

} // namespace igotchuu::btrfs
