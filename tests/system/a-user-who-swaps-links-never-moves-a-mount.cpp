// SPDX-License-Identifier: MIT
// Races that really race: uid 1000 renames in a loop while snapshots are taken and mounted. IGOTCHUU_TRIES says how often a kind is tried.
#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

using namespace igotchuu;
using namespace igotchuu::stage;
namespace fs = std::filesystem;

namespace
{

int tries()
{
    const auto *const wanted = std::getenv("IGOTCHUU_TRIES");
    return wanted ? std::stoi(wanted) : 1000;
}

/// What a user does, again and again, for as long as this object lives.
class Attacker : public Process
{
public:
    explicit Attacker(const std::function<void()> &attack)
        : Process{[&] {
              if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
                  _exit(2);
              for (;;)
                  attack();
          }}
    {
    }
};

void exchange(const std::string &one, const std::string &other)
{
    if (renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) < 0)
        _exit(3);
}

void belong_to_user(const std::string &directory)
{
    if (lchown(directory.c_str(), 1000, 1000) < 0)
        fail(errno, "cannot chown {}", directory);
}

/// The lines of `now` that are about a mount which was not there `before`.
std::vector<std::string> new_mount_points(const std::string &before, const std::string &now)
{
    std::vector<std::string> points;
    std::istringstream lines{now};
    for (std::string line; std::getline(lines, line);) {
        if (before.contains(line + '\n'))
            continue;
        std::istringstream words{line};
        std::string id, parent, device, root, point;
        words >> id >> parent >> device >> root >> point;
        points.push_back(point);
    }
    return points;
}

/// What became of the tries, for whoever reads the log: a race in which one side always wins is none.
class Tally
{
public:
    explicit Tally(std::string kind) : kind_{std::move(kind)} {}
    ~Tally()
    {
        for (const auto &[what, count] : counts_)
            std::printf("%s: %d %s\n", kind_.c_str(), count, what.c_str());
        std::fflush(stdout);
    }
    void add(const std::string &what) { ++counts_[what]; }
    [[nodiscard]] bool has(const std::string &what) const { return counts_.contains(what); }

private:
    std::string kind_;
    std::map<std::string, int> counts_;
};

/// A directory of a user's, with a place of the attacker's choice beside it: /srv/…/decoy is root's, and stands for /usr.
struct Home {
    Home()
    {
        fs::create_directories(disk / "home/alice");
        fs::create_directories(disk / "decoy/photos");
        fs::create_directories(disk / "decoy/bin");
        write(disk / "decoy/photos/file", "somebody else's");
        write(disk / "decoy/bin/file", "somebody else's");
        belong_to_user(disk / "home/alice");
    }
    [[nodiscard]] std::string alice(const std::string &name) const { return disk / "home/alice/" + name; }

    Disk disk;
};

constexpr int views_a_run = 10; // most of the time goes to snapshots, most of the danger is in mounting

void look_at_view(const Home &home, std::span<const Tree *const> trees, const Scratch &scratch, const std::string &mounts_before,
                  const std::function<void()> &look)
{
    View view{trees, {}, scratch};
    for (const auto &point : new_mount_points(mounts_before, mounts()))
        must((point + '/').starts_with(home.disk / "home/") || point.starts_with(scratch.path()), "a mount landed on " + point);
    must(read(home.disk / "decoy/bin/file") == "somebody else's", "nothing lies over what is root's");
    look();
    view.verify();
    view.unmount();
}

/// `action`, which may be refused since the source is not there or is a link, in whatever words. What became of it.
std::string outcome_of(const std::function<void()> &action)
{
    try {
        action();
        return "shown";
    } catch (const Failure &refusal) {
        if (std::string_view{refusal.what()}.starts_with("not so"))
            throw;
        return "refused";
    } catch (const std::system_error &refusal) {
        must(refusal.code() == std::errc::no_such_file_or_directory || refusal.code() == std::errc::not_a_directory ||
                 refusal.code() == std::errc::too_many_symbolic_link_levels,
             "refused since it is not there, and not: " + std::string{refusal.what()});
        return "not there";
    }
}

/// One run on `source`, as far as restic, but with several views. Returns how many.
int one_run(const Home &home, const std::string &source, const std::string &mounts_before, Tally &tally,
            const std::function<void()> &look)
{
    const Scratch scratch;
    int views = 0;
    const auto outcome = outcome_of([&] {
        btrfs::Snapshots snapshots{std::vector{source}, run_name(), scratch.path(), 100};
        for (; views < views_a_run; ++views)
            tally.add("views " + outcome_of([&] { look_at_view(home, shows(snapshots), scratch, mounts_before, look); }));
        snapshots.remove();
    });
    tally.add("snapshots " + outcome);
    return views;
}

void race(const Home &home, const std::string &source, const std::string &kind, const std::function<void()> &look)
{
    const auto before = mounts();
    const auto count_subvolumes = [&] { return std::ranges::count(home.disk.subvolumes(), '\n'); };
    const auto subvolumes = count_subvolumes();
    in_namespace([&] {
        const auto mounts_before = mounts();
        Tally tally{kind};
        for (int views = 0; views < tries();)
            views += one_run(home, source, mounts_before, tally, look);
        must(mounts() == mounts_before, "nothing is mounted any more");
        must(source != home.disk / "home" || !tally.has("snapshots refused"), "what one user does costs nobody the backup");
    });
    CHECK(mounts() == before);
    CHECK(count_subvolumes() <= subvolumes); // one that is moved just then is not listed
    CHECK(fs::is_empty(home.disk / ".igotchuu"));
}

} // namespace

TEST_CASE("a directory that holds a nested subvolume and is swapped for a link does not lead its mount astray")
{
    const Home home;
    fs::create_directory(home.alice("real"));
    run({"btrfs", "subvolume", "create", home.alice("real/bin")});
    write(home.alice("real/bin/file"), "nested");
    fs::create_directory_symlink(home.disk / "decoy", home.alice("link"));
    belong_to_user(home.alice("real"));
    const Attacker attacker{[&] { exchange(home.alice("real"), home.alice("link")); }};
    race(home, home.disk / "home", "nested", [&] {
        for (const auto *name : {"real", "link"})
            if (!fs::is_symlink(home.alice(name))) {
                must(read(home.alice(name) + "/bin/file") == "nested", "the nested subvolume is in its place");
                return;
            }
        throw Failure{"not so: one of them is the directory"};
    });
}

TEST_CASE("a user whose subvolume takes the place of the directory that it was in costs nobody the backup")
{
    const Home home;
    fs::create_directory(home.alice("real"));
    run({"btrfs", "subvolume", "create", home.alice("real/bin")});
    fs::create_directory(home.alice("real/bin/bin"));
    belong_to_user(home.alice("real"));
    belong_to_user(home.alice("real/bin"));
    const auto real = home.alice("real"), away = home.alice("away");
    const auto move = [](const std::string &from, const std::string &to) {
        if (rename(from.c_str(), to.c_str()) < 0)
            _exit(3);
    };
    const Attacker attacker{[&] {
        move(real, away);
        move(away + "/bin", real); // now real/bin is a directory in it
        move(real, away + "/bin");
        move(away, real);
    }};
    race(home, home.disk / "home", "inside", [] {});
}

TEST_CASE("a directory above the source that is swapped for a link never shows what the link leads to")
{
    const Home home;
    fs::create_directories(home.alice("albums/photos"));
    write(home.alice("albums/photos/file"), "hers");
    belong_to_user(home.alice("albums"));
    fs::create_directory_symlink(home.disk / "decoy", home.alice("link"));
    const Attacker attacker{[&] { exchange(home.alice("albums"), home.alice("link")); }};
    race(home, home.alice("albums/photos"), "above",
         [&] { must(read(home.alice("albums/photos/file")) == "hers", "hers is shown"); });
}

TEST_CASE("a source that its user moves, links and removes is shown as it was or refused")
{
    const Home home;
    fs::create_directory(home.alice("photos"));
    write(home.alice("photos/file"), "hers");
    belong_to_user(home.alice("photos"));
    const auto photos = home.alice("photos"), away = home.alice("away"), target = home.disk / "decoy/photos";
    const Attacker attacker{[&] { // each step fails at times: the other side is at work
        if (rename(photos.c_str(), away.c_str()) == 0) {
            if (symlink(target.c_str(), photos.c_str()) == 0)
                unlink(photos.c_str());
            if (mkdir(photos.c_str(), 0755) == 0)
                rmdir(photos.c_str());
            if (rename(away.c_str(), photos.c_str()) < 0)
                _exit(3);
        }
    }};
    race(home, photos, "moved", [&] { // empty: the directory that she made for a moment
        must(fs::is_empty(photos) || read(photos + "/file") == "hers", "hers is shown");
    });
}

TEST_CASE("the races are real: a mount by path lands where the user wants it")
{
    const Home home;
    fs::create_directories(home.alice("real/bin"));
    fs::create_directory_symlink(home.disk / "decoy", home.alice("link"));
    belong_to_user(home.alice("real"));
    fs::create_directory(home.disk / "snapshot");
    const Attacker attacker{[&] { exchange(home.alice("real"), home.alice("link")); }};
    in_namespace([&] {
        int outside = 0, all = 0;
        const auto off = [](const std::string &place) { return umount2(place.c_str(), MNT_DETACH) == 0; };
        for (; outside == 0 && all < 100 * tries(); ++all) {
            if (mount((home.disk / "snapshot").c_str(), home.alice("real/bin").c_str(), nullptr, MS_BIND, nullptr) < 0)
                continue;
            outside += fs::is_empty(home.disk / "decoy/bin");
            while (off(home.disk / "decoy/bin") || off(home.alice("real/bin")) || off(home.alice("link/bin"))) {
            }
        }
        std::printf("by path: the first of %d outside\n", all);
        std::fflush(stdout);
        must(outside > 0, "some land outside");
    });
}
