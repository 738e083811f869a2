// SPDX-License-Identifier: MIT
#include "exec/backup.hpp"
#include "exec/fresh.hpp"
#include "exec/init/init.hpp"
#include "exec/invocation.hpp"
#include "exec/lock.hpp"
#include "exec/maintenance.hpp"
#include "exec/metrics.hpp"
#include "exec/notify/notification.hpp"
#include "exec/orphan.hpp"
#include "exec/pending.hpp"
#include "exec/prove-by-hand.hpp"
#include "exec/reap.hpp"
#include "exec/report/maintenance-report.hpp"
#include "exec/report/report.hpp"
#include "exec/restic/fusermount.hpp"
#include "exec/restic/secret.hpp"
#include "exec/retention-by-hand.hpp"
#include "exec/retrieve/retrieve.hpp"
#include "exec/send.hpp"
#include "exec/stop.hpp"
#include "exec/verify.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/unit-name.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <functional>
#include <iostream>
#include <span>
#include <sys/prctl.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::string_view usage = R"(igotchuu-exec: what the units of igotchuu run. People type: systemctl start igotchuu@NAME

Usage:
  igotchuu-exec backup [--moved] NAME
                               Back up the job NAME now, in a mount namespace of its own; with --moved also when a source was
                               on a disk at its last backup that is not mounted now: it was moved on purpose
  igotchuu-exec send NAME      Send the instants that are kept for repositories that were absent (igotchuu-send@NAME.service)
  igotchuu-exec pending [--start | --watch | --waiting]
                               Show the kept instants of all jobs; or start igotchuu-send@ where one may be sent
  igotchuu-exec pending --drop NAME [RUN]
                               Delete the kept instants of a job, or the one of that run
  igotchuu-exec maintain NAME  Prune and check the repository NAME now (igotchuu-maintenance@NAME.service)
  igotchuu-exec retention [--explain | --json | --confirm] NAME
                               Show which old snapshots of the job would be removed, and why; why each other one stays;
                               or remove them, though that is held (igotchuu retention NAME)
  igotchuu-exec fresh NAME     Ask the repositories of the job how old its newest good backup is; fail when it is too old
                               (igotchuu-fresh@NAME.service)
  igotchuu-exec prove NAME [SNAPSHOT]
                               Compare the last backup of the job, or that snapshot, with what is there now
  igotchuu-exec init [--new-recovery-key] NAME
                               Make the repository NAME, its working key and a recovery key, as far as they are missing; the
                               recovery key goes to the program at the other end of a pipe (igotchuu repository init NAME)
  igotchuu-exec confirm NAME   Read the recovery key of the repository NAME from standard input, and write down that
                               somebody has it, when it opens the repository
  igotchuu-exec reap [--maintenance] NAME
                               Take away what a killed run of this unit has left, and record its end (ExecStopPost=)
  igotchuu-exec metrics [--watch] FILE
                               Write what came of each job's last run to FILE, for Prometheus
  igotchuu-exec notify [--success | --begin] UNIT
                               Tell by mail, command or ping what came of the last run of igotchuu@NAME or
                               igotchuu-maintenance@NAME, as notify.toml says; or that one has begun
  igotchuu-exec retrieve       Show what is in repositories, and restore from them, as a request on standard input says
                               (igotchuu snapshots, restore and others)
  igotchuu-exec verify         Ask systemd whether it understood every timer, and every job's unit lines
  igotchuu-exec --help | --version

NAME is a job, of /etc/igotchuu/jobs/NAME.toml, or the path that it spells where there is no such file:
"home" is /home, "srv-data" is /srv/data (systemd-escape --path /srv/data). Of maintain, init and confirm it is a
repository, of /etc/igotchuu/repositories/NAME.toml, or "default".

Exit status: 0 success, 1 failed, 3 partial, 64 usage, 75 not now, 78 bad configuration, 130 stopped.

Example: igotchuu-exec backup home
See igotchuu-exec(8), igotchuu.job(5).
)";

/// The unit has a /tmp and a /var/tmp of its own: it would back up an empty directory, with success. A job file makes the generator give it the real ones.
void refuse_private_directory(const Job &job)
{
    for (const std::string_view directory : {"/tmp", "/var/tmp"})
        if (job.implicit() && (job.sources.front() + '/').starts_with(std::string{directory} + '/'))
            throw ConfigError{{{.file = "/etc/igotchuu/jobs/" + job.instance + ".toml",
                                .message = std::format("{} needs a job file: a unit without one has a {} of its own",
                                                       job.sources.front(), directory)}}};
}

/// What was generated is what runs: another repository may need other lines in the unit.
void refuse_change_since_reload(const std::string &digest, const std::string &file)
{
    const auto *generated = std::getenv("IGOTCHUU_DIGEST");
    if (generated != nullptr && digest != generated)
        throw ConfigError{
            {{.file = file.empty() ? "/etc/igotchuu" : file,
              .message = "the configuration has changed since the last daemon-reload: run igotchuu reload, then start it again"}}};
}

void refuse_unmaintained(const Repository &repository)
{
    if (!repository.maintained)
        throw ConfigError{{{.file = repository.file, .message = "says maintenance = false: it is not maintained from here"}}};
}

/// People type paths. What can be no name has no record either.
ExitStatus refuse_name(const std::string &name, const std::invalid_argument &error)
{
    std::cerr << "igotchuu: " << error.what();
    if (name.starts_with('/'))
        std::cerr << "; the one of this path is " << instance_of_path(std::filesystem::path{name}.lexically_normal().native());
    std::cerr << '\n';
    return ExitStatus::bad_configuration;
}

/// Throws ConfigError for a job that must not run.
Job load(const std::string &instance)
{
    auto job = load_job(SearchPath::standard(), instance);
    refuse_orphan(job);
    refuse_private_directory(job);
    refuse_change_since_reload(digest(job), job.file);
    return job;
}

int maintenance(const std::string &name)
{
    const StopRequest stop;
    if (geteuid() != 0)
        fail(EPERM, "cannot maintain {} (run it as root, or with: systemctl start igotchuu-maintenance@NAME)", printable(name));
    const auto invocation_id = invocation();
    const auto instance = repository_instance_of(name);
    try {
        const auto repository = load_repository(SearchPath::standard(), instance);
        refuse_unmaintained(repository);
        refuse_change_since_reload(digest(repository), repository.file);
        return static_cast<int>(exit_status(maintain(repository, instance, invocation_id, stop)));
    } catch (const ConfigError &error) {
        report_bad_repository(instance, invocation_id, error.what());
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

/// `work` on a job: back_up, or what comes to the same end.
int of_job(const std::string &name, std::string_view verb,
           ExitStatus (*work)(const Job &, const std::string &, const StopRequest &))
{
    const StopRequest stop;
    if (geteuid() != 0)
        fail(EPERM, "cannot {} {} (run it as root, or with: systemctl start igotchuu@NAME)", verb, printable(name));
    const auto invocation_id = invocation();
    std::string instance;
    try {
        instance = instance_of(name);
    } catch (const std::invalid_argument &error) {
        return static_cast<int>(refuse_name(name, error));
    }
    try {
        return static_cast<int>(work(load(instance), invocation_id, stop));
    } catch (const ConfigError &error) {
        report_bad_configuration(instance, invocation_id, error.what());
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

/// `look` into the repositories of a job.
int look_into(const std::string &name, const std::function<ExitStatus(const Job &, const StopRequest &)> &look)
{
    const StopRequest stop;
    if (geteuid() != 0)
        fail(EPERM, "cannot look into the repositories of {} (run it as root)", printable(name));
    try {
        return static_cast<int>(look(load(instance_of(name)), stop));
    } catch (const std::invalid_argument &error) {
        return static_cast<int>(refuse_name(name, error));
    } catch (const ConfigError &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

int retention(std::span<const std::string> arguments)
{
    std::vector<std::string> names{arguments.begin(), arguments.end()};
    auto what = ByHand::show;
    std::size_t options = 0;
    for (const auto &[option, means] :
         {std::pair{"--explain", ByHand::explain}, std::pair{"--json", ByHand::json}, std::pair{"--confirm", ByHand::confirm}})
        if (std::erase(names, option) > 0) {
            what = means;
            ++options;
        }
    if (names.size() != 1 || options > 1 || names.front().starts_with('-')) {
        std::cerr << usage;
        return static_cast<int>(ExitStatus::usage);
    }
    return look_into(names.front(),
                     [&](const Job &job, const StopRequest &stop) { return retention_by_hand(job, what, invocation(), stop); });
}

int notify(const std::string &unit, ExitStatus (*tell)(const SearchPath &, const std::string &, const StopRequest &))
{
    const StopRequest stop;
    if (geteuid() != 0)
        fail(EPERM, "cannot tell anybody about {} (run it as root)", printable(unit));
    try {
        return static_cast<int>(tell(SearchPath::standard(), unit, stop));
    } catch (const ConfigError &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

/// Standard input to its end; a recovery key has 39 characters.
restic::Confidential typed_key()
{
    std::string text(1024, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const auto got = read(STDIN_FILENO, text.data() + size, text.size() - size);
        if (got < 0)
            fail(errno, "cannot read the recovery key from standard input");
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return restic::Confidential{std::move(text)};
}

/// `what` is done to a repository for a person who waits for it.
int for_repository(const std::string &name, const std::function<void(const Repository &, const std::string &instance)> &what)
{
    if (geteuid() != 0)
        fail(EPERM, "cannot open the repository {} (run it as root)", printable(name));
    try {
        const auto instance = repository_instance_of(name);
        what(load_repository(SearchPath::standard(), instance), instance);
        return static_cast<int>(ExitStatus::success);
    } catch (const std::invalid_argument &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    } catch (const ConfigError &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

int init(std::span<const std::string> arguments)
{
    const StopRequest stop;
    std::vector<std::string> names{arguments.begin(), arguments.end()};
    const auto choice = std::erase(names, "--new-recovery-key") > 0 ? RecoveryKeyChoice::anew : RecoveryKeyChoice::one;
    if (names.size() != 1 || names.front().starts_with('-')) {
        std::cerr << usage;
        return static_cast<int>(ExitStatus::usage);
    }
    return for_repository(names.front(), [&](const Repository &repository, const std::string &instance) {
        init(repository, instance, choice, stop);
    });
}

int confirm(const std::string &name)
{
    const auto key = typed_key();
    const StopRequest stop;
    return for_repository(name, [&](const Repository &repository, const std::string &instance) {
        confirm_recovery_key(repository, instance, key.text(), stop);
    });
}

int retrieve()
{
    const StopRequest stop;
    if (geteuid() != 0)
        fail(EPERM, "cannot open repositories (run it as root)");
    try {
        return retrieve_for_a_person(stop);
    } catch (const ConfigError &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    }
    return static_cast<int>(ExitStatus::bad_configuration);
}

int run(std::span<const std::string> arguments)
{
    const auto is = [&](std::string_view verb, std::size_t count) {
        return arguments.size() == count && arguments.front() == verb;
    };
    if (is("--help", 1))
        std::cout << usage;
    else if (is("--version", 1))
        std::cout << "igotchuu " IGOTCHUU_VERSION "\n";
    else if (is("backup", 2))
        return of_job(arguments[1], "back up", back_up);
    else if (is("backup", 3) && arguments[1] == "--moved")
        return of_job(arguments[2], "back up", back_up_moved);
    else if (is("send", 2))
        return of_job(arguments[1], "send what is kept of", send_kept);
    else if (is("pending", 1))
        list_pending();
    else if (is("pending", 2) && arguments[1] == "--start")
        return static_cast<int>(start_pending(StopRequest{}));
    else if (is("pending", 2) && arguments[1] == "--waiting")
        return static_cast<int>(start_waiting(StopRequest{}));
    else if (is("pending", 2) && arguments[1] == "--watch")
        return static_cast<int>(watch_pending(StopRequest{}));
    else if ((is("pending", 3) || is("pending", 4)) && arguments[1] == "--drop")
        return static_cast<int>(drop_pending(arguments[2], arguments.size() == 4 ? arguments[3] : ""));
    else if (!arguments.empty() && arguments.front() == "retention")
        return retention(arguments.subspan(1));
    else if ((is("prove", 2) || is("prove", 3)) && !arguments[1].starts_with('-'))
        return look_into(arguments[1], [&](const Job &job, const StopRequest &stop) {
            return prove_by_hand(job, arguments.size() == 3 ? arguments[2] : "", invocation(), stop);
        });
    else if (is("fresh", 2) && !arguments[1].starts_with('-'))
        return look_into(arguments[1],
                         [](const Job &job, const StopRequest &stop) { return look_how_fresh(job, invocation(), stop); });
    else if (!arguments.empty() && arguments.front() == "init")
        return init(arguments.subspan(1));
    else if (is("confirm", 2))
        return confirm(arguments[1]);
    else if (is("retrieve", 1))
        return retrieve();
    else if (is("maintain", 2))
        return maintenance(arguments[1]);
    else if (is("reap", 2))
        reap_killed(instance_of(arguments[1]), invocation());
    else if (is("reap", 3) && arguments[1] == "--maintenance")
        report_if_killed(repository_instance_of(arguments[2]), invocation());
    else if (is("notify", 2) && !arguments[1].starts_with('-'))
        return notify(arguments[1], tell_end);
    else if (is("notify", 3) && arguments[1] == "--success")
        return notify(arguments[2], tell_success);
    else if (is("notify", 3) && arguments[1] == "--begin")
        return notify(arguments[2], tell_begin);
    else if (is("metrics", 3) && arguments[1] == "--watch")
        watch_metrics(arguments[2], StopRequest{});
    else if (is("metrics", 2))
        write_metrics(arguments[1]);
    else if (is("verify", 1))
        return static_cast<int>(verify(SearchPath::standard(), StopRequest{}));
    else {
        std::cerr << usage;
        return static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(ExitStatus::success);
}

} // namespace

} // namespace igotchuu

int main(int argc, char **argv)
{
    using namespace igotchuu;
    prctl(PR_SET_DUMPABLE, 0); // keys pass through this process: no core, no ptrace by others
    std::signal(SIGPIPE, SIG_IGN); // a reader who goes away is an error of write(2), and kills nobody who has a snapshot
    std::signal(SIGCHLD, SIG_DFL); // where a caller ignores it, the kernel takes restic's exit status away unseen
    try {
        const std::vector<std::string> arguments{argv + 1, argv + argc};
        return restic::is_fusermount(argv[0]) ? restic::be_fusermount(arguments) : run(arguments);
    } catch (const NotNow &error) {
        std::cerr << "igotchuu: not now: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::not_now);
    } catch (const Cancelled &) {
        return static_cast<int>(ExitStatus::stopped);
    } catch (const std::exception &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::failed);
    }
}
