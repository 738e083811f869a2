// SPDX-License-Identifier: MIT
// igotchuu-generator: job and repository files in, units out. systemd.generator(7): on the boot path, before /var and /home, without a bus, and alone with
// its errors: a job that is wrong never stops the others, and gets units that fail where everybody sees it.
#include "generator/emit.hpp"
#include "generator/kmsg.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/notify.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace igotchuu::generator
{

namespace
{

constexpr auto usage = "usage: igotchuu-generator [--root=DIR [--strict]] NORMAL-DIR EARLY-DIR LATE-DIR\n"
                       "See systemd.generator(7).\n";

struct Arguments {
    std::string root; ///< configuration is read and units are written below it; empty: the running system
    bool strict = false; ///< for a build, which shall fail where a boot goes on: a file with a fault is an exit status, too
    std::string normal; ///< the only one of the three that we write to
};

std::optional<Arguments> parse(std::span<const char *const> words)
{
    Arguments arguments;
    constexpr std::string_view root = "--root=";
    if (!words.empty() && std::string_view{words[0]}.starts_with(root)) {
        arguments.root = std::filesystem::absolute(words[0] + root.size());
        words = words.subspan(1);
        arguments.strict = !words.empty() && std::string_view{words[0]} == "--strict";
        words = words.subspan(arguments.strict ? 1 : 0);
    }
    if (words.size() != 3)
        return std::nullopt;
    for (const auto *directory : words)
        if (directory[0] != '/')
            return std::nullopt;
    arguments.normal = words[0];
    return arguments;
}

int log_fd = STDERR_FILENO; ///< for give_up()

/// The boot must not wait for us, whatever a file makes the parser do. What was written until then stands.
void give_up(int)
{
    constexpr std::string_view text = "<2>igotchuu-generator: gave up, it takes too long: some jobs have no units\n";
    [[maybe_unused]] const auto written = write(log_fd, text.data(), text.size());
    _exit(EXIT_FAILURE);
}

/// One second of work; more only where a disk is slow, since giving up loses backups.
void limit_time(const Log &log)
{
    log_fd = log.fd();
    std::signal(SIGPROF, give_up);
    std::signal(SIGALRM, give_up);
    const itimerval second{.it_interval = {}, .it_value = {.tv_sec = 1, .tv_usec = 0}};
    setitimer(ITIMER_PROF, &second, nullptr);
    alarm(10);
}

Fd open_output(const Arguments &arguments)
{
    const auto path = arguments.root + arguments.normal;
    if (!arguments.root.empty())
        std::filesystem::create_directories(path);
    Fd directory{open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open {}", path);
    return directory;
}

void log_errors(Log &log, const ConfigError &error)
{
    for (const auto &diagnostic : error.diagnostics())
        log.error(to_string(diagnostic));
}

void log_warnings(Log &log, const std::vector<Diagnostic> &warnings)
{
    for (const auto &diagnostic : warnings)
        log.warning(to_string(diagnostic));
}

void emit_implicit(Emitter &emitter, const SearchPath &path, Log &log)
try {
    const auto job = implicit_job(path);
    log_warnings(log, job.warnings);
    emitter.implicit(job);
} catch (const ConfigError &error) {
    log_errors(log, error);
    emitter.broken_implicit();
} catch (const std::invalid_argument &error) {
    log.error(std::format("defaults.toml: {}", error.what()));
    emitter.broken_implicit();
}

void emit_job(const Emitter &emitter, const LoadedJob &loaded, Log &log)
{
    if (loaded.job) {
        log_warnings(log, loaded.job->warnings);
        try {
            emitter.job(*loaded.job);
            return;
        } catch (const std::invalid_argument &error) {
            log.error(std::format("{}: {}", loaded.files.front(), error.what()));
        }
    } else {
        log_errors(log, loaded.job.error());
    }
    emitter.broken(loaded.instance, loaded.files.front());
}

void emit_maintenance(const Emitter &emitter, const LoadedRepository &loaded, Log &log)
{
    if (loaded.repository) {
        log_warnings(log, loaded.warnings);
        try {
            emitter.maintenance(loaded.instance, *loaded.repository);
            return;
        } catch (const std::invalid_argument &error) {
            log.error(std::format("{}: {}", loaded.files.front(), error.what()));
        }
    } else {
        log_errors(log, loaded.repository.error());
    }
    emitter.broken_maintenance(loaded.instance, loaded.files.front());
}

/// A notify.toml that is wrong is told by the units that it does not help: they fail.
void emit_notify(const Emitter &emitter, const SearchPath &path, Log &log)
try {
    const auto notify = load_notify(path);
    if (!notify)
        return;
    if (!*notify) {
        log_errors(log, notify->error());
        emitter.notify(false, {});
        return;
    }
    const Notify &sound = **notify;
    const bool starts = !sound.ping.empty() || std::ranges::contains(sound.mail_on, Occasion::start) ||
                        std::ranges::contains(sound.command_on, Occasion::start);
    emitter.notify(starts, sound.ping.credential);
} catch (const std::system_error &error) { // the jobs have to have their units all the same
    log.error(error.what());
}

/// Emits the units of each; false when some could not be written: no space, and the next one may be smaller.
template <typename Loaded>
bool emit_each(const std::vector<Loaded> &all, const Emitter &emitter, Log &log,
               void (*emit)(const Emitter &, const Loaded &, Log &))
{
    bool all_written = true;
    for (const auto &loaded : all) {
        try {
            emit(emitter, loaded, log);
        } catch (const std::system_error &error) {
            log.error(std::format("{}: {}", loaded.files.front(), error.what()));
            all_written = false;
        }
    }
    return all_written;
}

int run(const Arguments &arguments, Log &log)
{
    const auto path = SearchPath::standard(arguments.root);
    Emitter emitter{open_output(arguments)};
    emitter.templates();
    emit_implicit(emitter, path, log);
    emit_notify(emitter, path, log);
    const auto [jobs, nameless_jobs] = load_jobs(path);
    const auto [repositories, nameless_repositories] = load_repositories(path);
    for (const auto &nameless : {nameless_jobs, nameless_repositories})
        for (const auto &diagnostic : nameless)
            log.error(to_string(diagnostic));
    const bool jobs_written = emit_each(jobs, emitter, log, emit_job);
    return emit_each(repositories, emitter, log, emit_maintenance) && jobs_written ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

} // namespace igotchuu::generator

int main(int argc, char **argv)
{
    using namespace igotchuu::generator;
    const auto arguments = parse({argv + 1, argv + argc});
    if (!arguments) {
        std::fputs(usage, stderr);
        return EXIT_FAILURE;
    }
    if (const auto *scope = std::getenv("SYSTEMD_SCOPE"); scope && std::strcmp(scope, "user") == 0)
        return EXIT_SUCCESS;
    umask(022);
    Log log{arguments->root.empty() && !isatty(STDERR_FILENO) ? Log::To::kmsg : Log::To::standard_error};
    limit_time(log);
    try {
        const int status = run(*arguments, log);
        return arguments->strict && log.has_errors() ? EXIT_FAILURE : status;
    } catch (const std::exception &error) {
        log.error(error.what());
        return EXIT_FAILURE;
    }
}
