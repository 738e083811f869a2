// SPDX-License-Identifier: MIT
#include "tests/system/scene.hpp"

#include "job/error.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <random>

namespace igotchuu::stage
{
namespace
{

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto limit = 20s; ///< no run on a scene takes a tenth of it
const std::string private_directory = "/run/igotchuu/scene", canary = "canary-ahd2Quae";

void mount_or_fail(const char *what, const std::string &where, const char *type, unsigned long flags)
{
    if (mount(what, where.c_str(), type, flags, nullptr) < 0)
        fail(errno, "cannot mount {}", where);
}

/// A backup is a file: what it read, of files that nobody can write to; that is only so in a snapshot that is mounted over the source.
constexpr std::string_view stand_in = R"(#!/bin/sh
case $1 in
init) read -r repository <"$RESTIC_REPOSITORY_FILE" || :; mkdir -p "$repository/snapshots" ;;
version) echo 'restic 0.18.0 compiled with go1.24.4 on linux/amd64' ;;
features) printf 'Name Type Default Description\ndevice-id-for-hardlinks alpha false x\n' ;;
backup)
    for source; do :; done
    read -r repository <"$RESTIC_REPOSITORY_FILE" || :
    [ -d "$repository/snapshots" ] || exit 10
    IFS=- read -r a b c d e </proc/sys/kernel/random/uuid
    id=$a$b$c$d$e$a$b$c$d$e
    for file in one nested/two; do
        [ -w "$source/$file" ] || read -r line <"$source/$file" && echo "$file: $line"
    done >"$repository/snapshots/$id"
    echo '{"message_type":"status","percent_done":0.5}'
    echo '{"message_type":"summary","files_new":2,"total_files_processed":2,"snapshot_id":"'"$id"'"}'
    ;;
esac
)";

/// One of each kind that a backup has to bring back.
void fill(const std::string &source)
{
    write(source + "/one", "of the source\n");
    write(source + "/nested/two", "of the nested one\n");
    fs::create_hard_link(source + "/one", source + "/again");
    fs::create_symlink("nowhere", source + "/link");
    run({"mkfifo", source + "/nested/fifo"});
    run({"setfattr", "--name", "user.colour", "--value", "blue", source + "/one"});
    run({"chown", "1000:1001", source + "/nested/two"});
    fs::permissions(source + "/nested/two", fs::perms{04750});
    run({"touch", "--date", "2001-02-03 04:05:06.789012345", source + "/one"});
}

std::string cheap_key()
{
    const auto *const script = std::getenv("CHEAP_KEY");
    if (script == nullptr)
        throw Failure{"CHEAP_KEY= is to be the path of tests/system/cheap-key.py"};
    return script;
}

} // namespace

Alone::Alone()
{
    if (unshare(CLONE_NEWNS) < 0)
        fail(errno, "cannot make a mount namespace");
    mount_or_fail(nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
    mount_or_fail(nullptr, "/", nullptr, MS_REC | MS_SHARED); // as the host is: a mount that a run lets out would be seen here
    for (const std::string directory : {"/run/igotchuu", "/var/lib/igotchuu", "/var/cache/igotchuu"}) {
        fs::create_directories(directory);
        mount_or_fail("scene", directory, "tmpfs", 0);
    }
    for (const std::string directory : {"/run/igotchuu/jobs", "/run/igotchuu/repositories", "/run/igotchuu/state",
                                        "/run/igotchuu/lock", "/run/igotchuu/scratch", "/var/lib/igotchuu/jobs"})
        fs::create_directories(directory);
    fs::create_directories(private_directory);
}

Scene::Scene(const std::string &name, const std::string &top, Restic restic, Target target)
    : restic_{restic}, subject_{.instance = name, .tops = {top}, .canary = canary},
      repository_{target == Target::embedded ? "/var/lib/igotchuu/repository" : private_directory + "/repository"}
{
    run({"btrfs", "subvolume", "create", source()});
    run({"btrfs", "subvolume", "create", source() + "/nested"});
    fill(source());
    write_job(target);
    if (restic == Restic::stand_in) {
        if (target == Target::configured)
            fs::create_directories(repository_ + "/snapshots");
        const auto script = private_directory + "/restic";
        write(script, std::string{stand_in});
        fs::permissions(script, fs::perms{0755});
        mount_or_fail(script.c_str(), "/usr/bin/restic", nullptr, MS_BIND);
    } else {
        run({"restic", "--repo", repository_, "--password-file", password_file(), "--quiet", "init"});
        run({"python3", cheap_key(), repository_, password_file()});
        run({"cp", "--archive", repository_, repository_ + ".pristine"});
    }
    if (const auto first = backup(new_invocation()); !first.exited_with(0))
        throw Failure{"the first backup fails: " + first.errors};
}

void Scene::write_job(Target target) const
{
    const auto &name = subject_.instance;
    auto text = std::format("sources = [\"{}\"]\nfull-every-days = 0\n", source());
    if (target == Target::configured) {
        write(password_file(), canary + '\n');
        write(std::format("/run/igotchuu/repositories/{}.toml", name),
              std::format("location = \"{}\"\npassword-file = \"{}\"\n", repository_, password_file()));
        text += std::format("repositories = [\"{}\"]\n", name);
    }
    write(std::format("/run/igotchuu/jobs/{}.toml", name), text);
}

void Scene::forget_first_use() const
{
    fs::remove("/var/cache/igotchuu/restic-features.json");
    fs::remove_all("/var/lib/igotchuu/repository");
    fs::remove("/var/lib/igotchuu/repository.key");
}

Struck Scene::exec(const std::string &verb, const std::string &invocation, const Fault &fault, Watch watch) const
{
    return strike({"/usr/libexec/igotchuu-exec", verb, subject_.instance},
                  {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "INVOCATION_ID=" + invocation}, fault, watch, limit);
}

std::vector<std::string> Scene::restic(const std::vector<std::string> &arguments) const
{
    std::vector<std::string> command{"restic",        "--repo",     repository_, "--password-file",
                                     password_file(), "--no-cache", "--no-lock", "--quiet"}; // to wait for a lock costs 0.2 s
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

void Scene::must_restore(const std::string &snapshot) const
{
    if (restic_ == Restic::stand_in) {
        if (const auto seen = read(repository_ + "/snapshots/" + snapshot);
            seen != "one: of the source\nnested/two: of the nested one\n")
            throw Failure{"restic has seen something else: " + seen};
        return;
    }
    const auto target = private_directory + "/restored";
    run(restic({"restore", snapshot, "--target", target}));
    // As assert_same of stage.sh: type, mode, owner, time to the nanosecond, xattr, ACL, hard links, content.
    const auto difference =
        run({"rsync", "--archive", "--hard-links", "--acls", "--xattrs", "--checksum", "--modify-window=-1", "--specials",
             "--delete", "--dry-run", "--itemize-changes", source() + '/', target + source() + '/'});
    fs::remove_all(target);
    if (!difference.empty())
        throw Failure{"restored is not what was backed up: " + difference};
}

void Scene::check_repository() const
{
    if (restic_ == Restic::real)
        run(restic({"check", "--read-data"}));
}

void Scene::begin_anew() const
{
    if (restic_ == Restic::stand_in)
        return;
    fs::remove_all(repository_);
    run({"cp", "--archive", repository_ + ".pristine", repository_});
}

std::size_t Scene::snapshots() const
{
    std::error_code none; // there is no repository yet
    return static_cast<std::size_t>(std::ranges::distance(fs::directory_iterator{repository_ + "/snapshots", none}));
}

std::string new_invocation()
{
    std::random_device random;
    return std::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

} // namespace igotchuu::stage
