// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/btrfs.hpp"
#include "exec/snapshot/nested.hpp"
#include "exec/snapshot/pool.hpp"
#include "exec/snapshot/shot.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace igotchuu::btrfs
{

/// That of a run in the pool: made for a new one, or found as an earlier run has kept it.
enum class RunDirectory { made, kept };

/// One btrfs, the sources that lie on it, and their snapshots.
class Volume
{
public:
    /// `directory` is any one on it, `path` its path. Throws as Snapshots does.
    Volume(const Fd &directory, const std::string &path, const std::string &scratch, std::string run,
           RunDirectory run_directory = RunDirectory::made);
    ~Volume(); ///< deletes what remove() did not, unless it is kept
    Volume(const Volume &) = delete;
    Volume &operator=(const Volume &) = delete;

    [[nodiscard]] const std::array<std::uint8_t, 16> &id() const noexcept { return id_; }

    void add(const Fd &directory, const std::string &path); ///< a source
    /// Takes the snapshots of all of its sources and of what lies below them, together. Again, a few times, when they were not one transaction
    /// or the subvolumes were others afterwards. Returns how many nested ones it has, at most as many as are `wanted`.
    std::uint32_t take(const NestedWanted &wanted);
    /// What was taken, at its place below each source, and the counts of it.
    void place(std::vector<Tree> &trees, Census &census);
    [[nodiscard]] std::chrono::system_clock::time_point instant() const; ///< between take() and place()
    [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept { return started_; } ///< of the first snapshot
    [[nodiscard]] std::chrono::steady_clock::time_point ended() const noexcept { return ended_; } ///< of the last one

    [[nodiscard]] std::string version() const; ///< of what was taken, as Frozen's; between take() and place()

    void hide() { top_.hide(); }

    [[nodiscard]] Tree kept_tree(const KeptTree &tree, std::string_view path) const; ///< at `path` in the run's directory
    void keep() noexcept { kept_ = true; } ///< the destructor deletes nothing from here on
    void close(); ///< all that leads to the snapshots; throws std::system_error

    [[nodiscard]] bool short_of_space() const; ///< as Snapshots::short_of_space()
    [[nodiscard]] unsigned free_percent() const;
    [[nodiscard]] const std::string &device() const noexcept { return top_.device(); }

    /// Deletes and unmounts, as far as it can. The returned sentence says what stays; empty: nothing.
    [[nodiscard]] std::string remove();

private:
    struct Source {
        std::string path;
        std::uint64_t subvolume;
        std::uint64_t inode;
        Fd root; ///< of the subvolume, in the live file system
    };
    struct Plan {
        std::vector<Below> below; ///< of each source
        std::vector<std::uint64_t> ids; ///< all subvolumes, each once
        std::unordered_map<std::uint64_t, Fd> open; ///< the roots of the nested ones in the live file system; not open: gone
    };
    struct Taken {
        Fd root;
        SubvolumeInfo info;
    };
    struct Placing;

    [[nodiscard]] Plan look(NestedWanted wanted) const;
    [[nodiscard]] const Fd &live_root(const Plan &plan, std::uint64_t subvolume) const;
    [[nodiscard]] Fd open_root(const Fd &parent, const Nested &nested, std::chrono::steady_clock::time_point until) const;
    void open_roots(Plan &plan) const;
    void shoot(const Plan &plan);
    void judge(const Plan &plan, std::uint64_t subvolume, int error);
    void forget_shot();
    [[nodiscard]] std::uint32_t transactions() const;
    void make_run_directory(const std::string &path);
    void find_run_directory();
    void measure_space();
    void release() noexcept;
    [[nodiscard]] std::string place_of_snapshot(std::uint64_t subvolume, std::string_view inside) const;
    [[nodiscard]] bool stub_at(Placing &placing, const Nested &nested, std::string &below) const;
    void place_nested(Placing &placing, const Nested &nested) const;

    std::array<std::uint8_t, 16> id_;
    TopLevel top_;
    Fd pool_;
    std::string run_;
    Fd run_directory_;
    std::vector<Source> sources_;
    Plan plan_, after_;
    std::unordered_map<std::uint64_t, Taken> taken_; ///< by the subvolume that each is of
    std::unordered_map<std::uint64_t, std::string> refused_; ///< subvolumes that could not be snapshotted, and why
    std::chrono::steady_clock::time_point started_, ended_;
    std::uint64_t least_space_ = 0; ///< bytes
    bool kept_ = false;
};

} // namespace igotchuu::btrfs
