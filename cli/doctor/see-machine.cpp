// SPDX-License-Identifier: MIT
#include "cli/doctor/see-machine.hpp"

#include "cli/installed.hpp"
#include "cli/program.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <grp.h>
#include <sdbus-c++/sdbus-c++.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <system_error>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

constexpr auto cache_directory = "/var/cache/igotchuu";
constexpr auto catalog_database = "/var/lib/systemd/catalog/database";

/// As timedatectl(1) sees it: the kernel's own word, which needs no bus.
bool is_synchronised()
{
    constexpr long error_most = 16'000'000; // µs; the kernel's own limit
    timex state{};
    return adjtimex(&state) >= 0 && state.maxerror < error_most;
}

/// The version in "restic 0.18.0 compiled with go1.24.4 on linux/amd64". It is asked as nobody, if that can be.
ResticSeen look_at_restic()
{
    ResticSeen seen{.path = installed::restic};
    if (access(installed::restic, X_OK) < 0) {
        seen.failure = std::format("it cannot be run ({}): each run fails", std::generic_category().message(errno));
        return seen;
    }
    std::vector<std::string> words{installed::setpriv, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"};
    if (geteuid() != 0)
        words.clear();
    words.insert(words.end(), {installed::restic, "version"});
    const auto said = output_of_program(words, std::chrono::seconds{5});
    constexpr std::string_view before = "restic ";
    if (said.starts_with(before))
        seen.version = said.substr(before.size(), said.find_first_of(" \n", before.size()) - before.size());
    else
        seen.failure = std::format("{} does not say which version it is", installed::restic);
    return seen;
}

void see_space(Seen &seen)
{
    std::vector<dev_t> devices;
    for (const auto *const path : {cache_directory, "/var/lib/igotchuu"}) {
        struct stat status{};
        struct statvfs space{};
        if (stat(path, &status) < 0 || std::ranges::contains(devices, status.st_dev) || statvfs(path, &space) < 0)
            continue;
        devices.push_back(status.st_dev);
        seen.spaces.push_back({.path = path, .all = space.f_blocks * space.f_frsize, .free = space.f_bavail * space.f_frsize});
    }
}

/// restic runs without a cache where it cannot write one, and reads all trees of the repository each time.
Trouble look_at_cache()
{
    struct stat status{};
    struct statvfs space{};
    if (lstat(cache_directory, &status) < 0) // systemd makes it
        return {};
    if (!S_ISDIR(status.st_mode))
        return {std::format("{} is no directory: each run fails", cache_directory),
                std::format("rm {}; systemd-tmpfiles --create", cache_directory)};
    if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return {std::format("{} is not root's alone: who writes there deceives restic", cache_directory),
                std::format("rm -r {}; systemd-tmpfiles --create", cache_directory)};
    if (statvfs(cache_directory, &space) == 0 && (space.f_flag & ST_RDONLY) != 0)
        return {std::format("{} lies on a file system that is read-only: each run fails", cache_directory),
                std::format("mount -o remount,rw $(findmnt -no TARGET -T {})", cache_directory)};
    return {};
}

void see_files(Seen &seen)
{
    struct File {
        const char *path;
        Severity severity;
        const char *what;
    };
    constexpr std::array files{
        File{IGOTCHUU_GENERATOR, Severity::critical, "no job has units after the next boot"},
        File{IGOTCHUU_EXEC, Severity::critical, "each run fails"},
        File{installed::verify_unit, Severity::warning, "nobody looks what systemd does not understand"},
        File{installed::igotchuud_unit, Severity::warning, "who is not root can neither start a backup nor see one"},
        File{installed::bus_policy, Severity::warning, "who is not root can neither start a backup nor see one"},
        File{installed::bus_activation, Severity::warning, "igotchuud does not start by itself"},
        File{installed::polkit_actions, Severity::warning, "nobody but root may start a backup"},
        File{installed::polkit_rules, Severity::warning, "igotchuud may start no backup"},
        File{installed::catalog, Severity::warning, "journalctl -x explains nothing of what a backup says"},
    };
    for (const auto &[path, severity, what] : files)
        if (access(path, F_OK) < 0 && errno == ENOENT)
            seen.missing.push_back({severity, path, {std::format("it is missing: {}", what), "install igotchuu again"}});
}

/// 32 hexadecimal digits, as the bytes that they are.
std::string bytes_of(std::string_view digits)
{
    std::string bytes;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
        unsigned char byte = 0;
        std::from_chars(digits.data() + at, digits.data() + at + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

/// Whether journalctl(1) knows what the catalog explains: its database has the ids as they are.
void see_catalog(Seen &seen)
{
    const auto text_of = [](const char *path) {
        std::ifstream file{path, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    constexpr std::string_view before = "\n-- ";
    constexpr std::size_t digits = 32;
    const auto catalog = text_of(installed::catalog);
    const auto at = catalog.find(before);
    if (at == catalog.npos || text_of(catalog_database).contains(bytes_of(catalog.substr(at + before.size(), digits))))
        return;
    seen.missing.push_back(
        {Severity::warning,
         catalog_database,
         {"it does not have what igotchuu's entries mean: journalctl -x explains nothing", "journalctl --update-catalog"}});
}

void see_directories(Seen &seen)
{
    if (getgrnam("igotchuu") == nullptr)
        seen.missing.push_back(
            {Severity::warning,
             "the group igotchuu",
             {"there is no such group: nobody but root may see how backups are", "systemd-sysusers && systemd-tmpfiles --create"}});
    const StateDirectories where;
    for (const auto &directory : {where.activity, where.records, where.repositories, where.kept}) {
        std::error_code error;
        if (!fs::is_directory(directory, error) && error != std::errc::permission_denied)
            seen.missing.push_back({Severity::warning,
                                    directory,
                                    {"it is not there: nobody knows what backups do, and did", "systemd-tmpfiles --create"}});
    }
}

void see_bus(Seen &seen)
try {
    std::vector<std::string> names;
    const auto bus = sdbus::createSystemBusConnection();
    sdbus::createProxy(*bus, sdbus::ServiceName{"org.freedesktop.DBus"}, sdbus::ObjectPath{"/org/freedesktop/DBus"})
        ->callMethod("ListActivatableNames")
        .onInterface("org.freedesktop.DBus")
        .withTimeout(std::chrono::seconds{5})
        .storeResultsTo(names);
    if (!std::ranges::contains(names, "com.nyantec.igotchuu"))
        seen.missing.push_back(
            {Severity::warning,
             "igotchuud",
             {"D-Bus does not know it: who is not root can neither start a backup nor see one", "systemctl reload dbus"}});
} catch (const sdbus::Error &error) {
    seen.unseen.push_back(
        std::format("not looked at: whether D-Bus knows igotchuud: the bus cannot be asked ({})", printable(error.getMessage())));
}

} // namespace

void see_machine(Seen &seen)
{
    seen.clock = {.synchronised = is_synchronised(), .now = Clock::now()};
    seen.restic = look_at_restic();
    seen.cache = look_at_cache();
    see_space(seen);
    see_files(seen);
    see_catalog(seen);
    see_directories(seen);
    see_bus(seen);
}

} // namespace igotchuu::doctor
