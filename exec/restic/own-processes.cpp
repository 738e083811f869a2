// SPDX-License-Identifier: MIT
#include "exec/restic/own-processes.hpp"

#include "job/fd.hpp"
#include "job/write-all.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <format>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

namespace
{

constexpr std::string_view prefix = "restic="; // no job's lock is called so (lock.hpp)

struct Trace {
    Clock::time_point began, ended; ///< the beginning of time: nobody knows that it has
    std::string repository;
};

std::optional<Trace> read(const std::filesystem::path &file)
{
    std::ifstream stream{file};
    Clock::rep began = 0, ended = 0;
    Trace trace;
    if (!(stream >> began >> ended >> trace.repository))
        return {};
    trace.began = Clock::time_point{Clock::duration{began}};
    trace.ended = Clock::time_point{Clock::duration{ended}};
    return trace;
}

void write(const std::filesystem::path &file, const Trace &trace)
{
    const Fd made{open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (made)
        write_all(made,
                  std::format("{} {} {}\n", trace.began.time_since_epoch().count(), trace.ended.time_since_epoch().count(),
                              trace.repository),
                  file);
}

/// 0 of what is no trace.
pid_t process_of(const std::filesystem::path &file)
{
    const auto name = file.filename().native();
    pid_t process = 0;
    if (name.starts_with(prefix))
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), process);
    return process;
}

/// EPERM: it is another user's.
bool is_there(pid_t process)
{
    return kill(process, 0) == 0 || errno != ESRCH;
}

} // namespace

std::filesystem::path OwnProcesses::file_of(pid_t process) const
{
    return directory_ / std::format("{}{}", prefix, process);
}

void OwnProcesses::started(pid_t process, const std::string &repository, Clock::time_point began) const noexcept
try {
    write(file_of(process), {.began = began, .ended = {}, .repository = repository});
} catch (const std::exception &) { // a stranger's, then
}

void OwnProcesses::ended_well(pid_t process) const noexcept
{
    std::error_code ignored;
    std::filesystem::remove(file_of(process), ignored);
}

void OwnProcesses::look_around(Clock::time_point now) const noexcept
try {
    std::vector<pid_t> processes;
    for (const auto &entry : std::filesystem::directory_iterator{directory_})
        if (const auto process = process_of(entry.path()); process > 0 && !is_there(process))
            processes.push_back(process);
    for (const auto process : processes) {
        auto trace = read(file_of(process));
        if (trace && trace->ended == Clock::time_point{}) {
            trace->ended = now;
            write(file_of(process), *trace);
        } else if (!trace || trace->ended < now - stale_after) {
            ended_well(process);
        }
    }
} catch (const std::exception &) { // they stay as they are
}

bool OwnProcesses::have_left(const LockFile &lock, const std::string &repository) const noexcept
try {
    if (lock.process <= 0 || is_there(lock.process))
        return false;
    const auto trace = read(file_of(lock.process));
    return trace && trace->repository == repository && trace->began <= lock.time &&
           (trace->ended == Clock::time_point{} || lock.time <= trace->ended);
} catch (const std::exception &) {
    return false;
}

} // namespace igotchuu::restic
