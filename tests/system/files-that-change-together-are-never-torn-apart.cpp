// SPDX-License-Identifier: MIT
// With the argument "[long]": 1,000 runs with 8 and with 64 subvolumes. Without: as many as some seconds allow.
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

using namespace igotchuu;
using namespace igotchuu::stage;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace
{

constexpr std::uint32_t no_limit = 20'000;

/// A pair of places that are always changed in this order, in different subvolumes. Whoever looks at one instant sees the same number in both, or
/// the first one ahead by one.
using Pair = std::array<std::string, 2>;

std::string name_of(unsigned number)
{
    return std::format("/number.{}", number);
}

/// Metadata: the only file in each directory is renamed to its next number, and nobody waits for the disk.
void rename_for_ever(const Pair &pair)
{
    for (unsigned number = 0;; ++number)
        for (const auto &place : pair)
            if (rename((place + name_of(number)).c_str(), (place + name_of(number + 1)).c_str()) < 0)
                fail(errno, "cannot rename in {}", place);
}

/// As a database does with its journal: a number is written over the last one, and the next place waits until it is on the disk.
void write_and_sync_for_ever(const Pair &pair)
{
    const std::array<Fd, 2> files{Fd{open((pair[0] + "/synced").c_str(), O_WRONLY | O_CLOEXEC)},
                                  Fd{open((pair[1] + "/synced").c_str(), O_WRONLY | O_CLOEXEC)}};
    for (unsigned number = 1;; ++number)
        for (const auto &file : files)
            if (pwrite(file.get(), &number, sizeof number, 0) != sizeof number || fsync(file.get()) < 0)
                fail(errno, "cannot write to {} and {}", pair[0], pair[1]);
}

unsigned renamed_in(const Fd &root)
{
    struct Close {
        void operator()(DIR *stream) const { closedir(stream); }
    };
    const std::unique_ptr<DIR, Close> stream{fdopendir(openat(root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
    std::optional<unsigned> found;
    while (const dirent *const entry = stream ? readdir(stream.get()) : nullptr) {
        const std::string_view name{entry->d_name};
        if (!name.starts_with("number."))
            continue;
        must(!found, "there is one numbered file");
        std::from_chars(name.data() + 7, name.data() + name.size(), found.emplace());
    }
    must(found.has_value(), "there is a numbered file");
    return *found;
}

unsigned synced_in(const Fd &root)
{
    const Fd file{openat(root.get(), "synced", O_RDONLY | O_CLOEXEC)};
    unsigned number = 0;
    must(read(file.get(), &number, sizeof number) == sizeof number, "the number is there");
    return number;
}

struct Count {
    unsigned runs = 0, instants = 0, torn = 0, torn_instants = 0;
    std::set<unsigned> renamed, synced; ///< the numbers that were seen: the writers did write
};

/// One run: what the snapshots hold, against what they say of themselves.
void take_and_look(const std::string &source, std::size_t subvolumes, Count &count)
{
    const Scratch scratch;
    btrfs::Snapshots snapshots{std::vector{source}, run_name(), scratch.path(), no_limit};
    must(snapshots.trees().size() == subvolumes, "all subvolumes are taken");
    const auto &first = snapshots.trees()[1].root, &second = snapshots.trees()[2].root;
    const auto apart = [](unsigned a, unsigned b) { return a != b && a != b + 1; };
    const auto renamed = renamed_in(first), synced = synced_in(first);
    const bool torn = apart(renamed, renamed_in(second)) || apart(synced, synced_in(second));
    const bool instant = snapshots.census().instants == 1;
    ++count.runs;
    count.renamed.insert(renamed);
    count.synced.insert(synced);
    count.instants += instant;
    count.torn += torn;
    count.torn_instants += torn && instant;
    snapshots.remove();
}

/// Until both `runs` and `least` are reached.
void play(std::size_t subvolumes, unsigned runs, steady_clock::duration least)
{
    const Disk disk{"disk", "/tmp", 8192}; // with 64 snapshots at once btrfs finds no room for them all in 300 MiB
    run({"btrfs", "subvolume", "create", disk / "home"});
    Pair pair;
    for (std::size_t i = 1; i < subvolumes; ++i)
        run({"btrfs", "subvolume", "create", disk / std::format("home/{}", i)});
    for (std::size_t i = 0; i < pair.size(); ++i) {
        pair[i] = disk / std::format("home/{}", i + 1);
        write(pair[i] + name_of(0), "");
        write(pair[i] + "/synced", std::string(sizeof(unsigned), '\0'));
    }
    const Process renames{[&] { rename_for_ever(pair); }}, syncs{[&] { write_and_sync_for_ever(pair); }};
    in_namespace([&] {
        Count count;
        const auto end = steady_clock::now() + least;
        while (count.runs < runs || steady_clock::now() < end)
            take_and_look(disk / "home", subvolumes, count);
        std::printf("%zu subvolumes: %u runs, %u of them one instant; torn apart: %u, of what was said to be one instant %u\n",
                    subvolumes, count.runs, count.instants, count.torn, count.torn_instants);
        std::fflush(stdout);
        must(count.renamed.size() > count.runs / 2 && count.synced.size() > count.runs / 2, "the files changed from run to run");
        must(count.torn_instants == 0, "what was one instant is never torn apart");
        must(count.runs - count.instants <= 1 + count.runs / 1000, "999 of 1,000 runs are one instant");
    });
}

} // namespace

TEST_CASE("8 subvolumes are one instant while files in two of them change together")
{
    play(8, 10, 15s);
}

TEST_CASE("64 subvolumes are one instant while files in two of them change together")
{
    play(64, 10, 20s);
}

TEST_CASE("8 subvolumes are one instant, 1,000 times", "[.long]")
{
    play(8, 1000, 0s);
}

TEST_CASE("64 subvolumes are one instant, 1,000 times", "[.long]")
{
    play(64, 1000, 0s);
}
