// SPDX-License-Identifier: MIT
#include "exec/notify/notification.hpp"

#include "exec/admin-program.hpp"
#include "exec/invocation.hpp"
#include "exec/notify/happening.hpp"
#include "exec/notify/letter.hpp"
#include "exec/notify/ping.hpp"
#include "exec/notify/run-log.hpp"
#include "exec/notify/told.hpp"
#include "exec/programs.hpp"
#include "exec/restic/installation.hpp"
#include "exec/restic/secret.hpp"
#include "exec/restic/tags.hpp"
#include "exec/troubles.hpp"
#include "exec/unit-properties.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/notify.hpp"
#include "job/state.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

namespace igotchuu
{

namespace
{

constexpr std::chrono::seconds for_mail{120}, for_command{120};

/// Whatever cannot be found out about it is not told.
Circumstances circumstances_of(const Happening &happening)
{
    Circumstances circumstances{.host = printable(restic::host_name()), .next = {}, .log = {}};
    const auto attempt = [](const std::function<void()> &what) {
        try {
            what();
        } catch (const std::exception &error) {
            std::cerr << "igotchuu: " << error.what() << '\n';
        }
    };
    attempt([&] {
        circumstances.next =
            printable(unit_properties(happening.subject.timer(), "NextElapseUSecRealtime")["NextElapseUSecRealtime"]);
    });
    if (!happening.invocation_id.empty())
        attempt([&] { circumstances.log = run_log(happening.invocation_id); });
    return circumstances;
}

/// Which run of a unit was told of last, and whether what was told is a failure that nobody has called over yet; of looks, who was told what of it.
class Remembered
{
public:
    explicit Remembered(const Subject &subject)
    {
        const char *const directory = std::getenv("STATE_DIRECTORY");
        path_ = std::filesystem::path{directory == nullptr ? "/var/lib/igotchuu/notify" : directory} / subject.service();
        std::string word;
        std::ifstream file{path_};
        file >> invocation_id_ >> word;
        failure_ = word == "failure";
        told_ = Told{std::vector<std::string>{std::istream_iterator<std::string>{file}, {}}};
    }
    [[nodiscard]] bool is_told(const std::string &invocation_id) const
    {
        return !invocation_id.empty() && invocation_id == invocation_id_;
    }
    [[nodiscard]] bool failure() const noexcept { return failure_; }
    void keep(const std::string &invocation_id, bool failure) // where it cannot be kept: to tell it now is worth more
    {
        failure_ = failure;
        if (!invocation_id.empty())
            invocation_id_ = invocation_id;
        std::ofstream file{path_};
        file << (invocation_id_.empty() ? "none" : invocation_id_) << ' ' << (failure ? "failure" : "fine");
        for (const auto &of_it : told_.words())
            file << ' ' << of_it;
        file << std::endl;
        if (!file)
            std::cerr << "igotchuu: cannot write " << path_.native() << '\n';
    }
    [[nodiscard]] Told &told() noexcept { return told_; }

private:
    std::filesystem::path path_;
    std::string invocation_id_;
    bool failure_ = false;
    Told told_;
};

Fd readable(const std::string &text)
{
    auto memory = restic::sealed(text);
    if (lseek(memory.get(), 0, SEEK_SET) < 0)
        fail(errno, "cannot rewind what is to be told");
    return memory;
}

/// An admin program's unit has a name of its own for each subject.
std::string instance_of(const Happening &happening)
{
    auto name = happening.subject.service();
    return name.substr(0, name.rfind('.'));
}

/// On the host, as root, since each mail system does it in its own way: a setgid program, a setuid one, or a configuration that is root's. With the
/// capabilities that exim's needs, and no others; what it leaves behind to deliver the mail goes on.
void mail(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop)
{
    if (access(programs::sendmail, X_OK) < 0)
        throw Failure{std::format(
            "cannot send a mail: there is no {}. Install a package that has it, and set it up: msmtp-mta, dma or nullmailer "
            "hand it to a server, postfix or exim4 are one",
            programs::sendmail)};
    std::vector<std::string> arguments{programs::sendmail, "-oi"};
    if (!notify.mail_from.empty())
        arguments.insert(arguments.end(), {"-f", notify.mail_from});
    arguments.insert(arguments.end(), notify.mail_to.begin(), notify.mail_to.end());
    constexpr auto capabilities_of_mail =
        "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_SETGID CAP_SETUID";
    const auto text = readable(letter(notify, happening, circumstances));
    static_cast<void>(
        run(AdminProgram{.what = "mail",
                         .instance = instance_of(happening),
                         .arguments = std::move(arguments),
                         .user = "root",
                         .properties = {"KillMode=process", "ProtectSystem=full", "ProtectKernelTunables=yes",
                                        "ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes",
                                        "ProtectClock=yes", "PrivateDevices=yes", capabilities_of_mail},
                         .environment = {},
                         .at_most = for_mail,
                         .input = text.get(),
                         .without_capabilities = true},
            &stop));
}

/// A file that PID 1 reads, and nobody else: what stands in a unit itself can be seen by everybody.
class EnvironmentFile
{
public:
    explicit EnvironmentFile(const std::vector<std::pair<std::string, std::string>> &variables)
    {
        file_ = Fd{mkostemp(path_.data(), O_CLOEXEC)};
        if (!file_)
            fail(errno, "cannot write {}", path_);
        std::string text;
        for (const auto &[name, value] : variables)
            text += std::format("{}={}\n", name, quoted(value));
        if (::write(file_.get(), text.data(), text.size()) == std::ssize(text))
            return;
        const int error = errno;
        unlink(path_.c_str());
        fail(error, "cannot write {}", path_);
    }
    ~EnvironmentFile() { unlink(path_.c_str()); }
    EnvironmentFile(const EnvironmentFile &) = delete;
    EnvironmentFile &operator=(const EnvironmentFile &) = delete;
    [[nodiscard]] const std::string &path() const noexcept { return path_; }

private:
    static std::string quoted(std::string_view value) // systemd.exec(5), EnvironmentFile=
    {
        std::string quoted = "\"";
        for (const char c : value) {
            if (std::string_view{"\"\\`$"}.contains(c))
                quoted += '\\';
            quoted += c;
        }
        return quoted + '"';
    }

    std::string path_ = "/run/igotchuu/scratch/notify-XXXXXX";
    Fd file_;
};

std::string time_text(const std::optional<Clock::time_point> &instant)
{
    return instant ? std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(*instant)) : std::string{};
}

void run_command(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop)
{
    const bool is_backup = happening.subject.kind != Subject::Kind::maintenance;
    const EnvironmentFile facts{{{is_backup ? "IGOTCHUU_JOB" : "IGOTCHUU_REPOSITORY", happening.name},
                                 {"IGOTCHUU_UNIT", happening.subject.service()},
                                 {"IGOTCHUU_EVENT", std::string{name_of(happening.occasion.value_or(Occasion::failure))}},
                                 {"IGOTCHUU_OUTCOME", happening.outcome},
                                 {"IGOTCHUU_SUBJECT", subject_line(happening, circumstances.host)},
                                 {"IGOTCHUU_MESSAGE", happening.sentence},
                                 {"IGOTCHUU_HOST", circumstances.host},
                                 {"IGOTCHUU_INVOCATION", happening.invocation_id},
                                 {"IGOTCHUU_STARTED", time_text(happening.started)},
                                 {"IGOTCHUU_ENDED", time_text(happening.ended)},
                                 {"IGOTCHUU_NEXT", circumstances.next}}};
    const auto text = readable(text_of(happening, circumstances));
    static_cast<void>(run(AdminProgram{.what = "notify-command",
                                       .instance = instance_of(happening),
                                       .arguments = notify.command,
                                       .user = notify.command_user,
                                       .user_key = "command.user",
                                       .properties = {"EnvironmentFile=" + facts.path()},
                                       .environment = {},
                                       .at_most = for_command,
                                       .input = text.get(),
                                       .without_capabilities = true},
                          &stop));
}

void send_ping(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop)
{
    const char *const directory = std::getenv("CREDENTIALS_DIRECTORY");
    const std::string credentials = directory == nullptr ? "" : directory;
    const Repository none;
    const auto instance = instance_of(happening);
    const auto base = restic::Secrets{none, instance, credentials, stop}.text(notify.ping);
    const restic::Confidential address{ping_address(base.text(), happening)};
    static_cast<void>(host_of(address.text())); // an address that is none is named before it is used
    ping(address.text(), text_of(happening, circumstances), stop);
}

struct Way {
    std::string_view name;
    std::string words;
    std::function<void(const Circumstances &)> go;
};

/// Everybody who wants to know; what could not be told is said, and does not keep the others from being told. `told`: of something that is looked at again and
/// again, to whom it is no news, and then to whom it is none any more.
ExitStatus tell(const Notify &notify, const Happening &happening, const StopRequest &stop, Told *told = nullptr)
{
    std::vector<Way> ways;
    const auto wanted = [&](const std::vector<Occasion> &on) { return std::ranges::contains(on, *happening.occasion); };
    if (!notify.mail_to.empty() && wanted(notify.mail_on))
        ways.emplace_back("mail", "by mail", [&](const Circumstances &all) { mail(notify, happening, all, stop); });
    if (!notify.command.empty() && wanted(notify.command_on))
        ways.emplace_back("command", "by " + printable(notify.command.front()),
                          [&](const Circumstances &all) { run_command(notify, happening, all, stop); });
    if (!notify.ping.empty() && happening.subject.kind != Subject::Kind::freshness) // that server misses what does not come
        ways.emplace_back("ping", "by ping", [&](const Circumstances &all) { send_ping(notify, happening, all, stop); });
    if (told != nullptr)
        std::erase_if(ways, [&](const Way &way) { return !told->is_news(way.name, happening.troubles); });
    if (ways.empty())
        return ExitStatus::success;
    const auto circumstances = circumstances_of(happening);
    auto status = ExitStatus::success;
    for (const auto &[name, way, go] : ways) {
        try {
            go(circumstances);
            if (told != nullptr)
                told->add(name, happening.troubles);
            std::cout << "Told " << way << ": " << subject_line(happening, circumstances.host) << '\n';
        } catch (const std::exception &error) {
            status = ExitStatus::failed;
            std::cerr << "igotchuu: " << printable(error.what()) << '\n';
        }
    }
    return status;
}

/// How fresh a backup is is looked at again and again: only what is new is news, and only to whom it was not told.
ExitStatus tell_of_look(const Notify &notify, Happening happening, Remembered &remembered, const StopRequest &stop)
{
    const bool is_over = happening.occasion == Occasion::recovery;
    if (!is_over && happening.occasion != Occasion::failure)
        return ExitStatus::success;
    if (is_over)
        happening.troubles = {":over"};
    else if (happening.troubles.empty())
        happening.troubles = {':' + happening.outcome}; // it did not come to look
    remembered.told().forget_what_is_over(happening.troubles);
    const auto status = tell(notify, happening, stop, &remembered.told());
    const bool all_know = is_over && status == ExitStatus::success;
    if (all_know)
        remembered.told() = {};
    remembered.keep(happening.invocation_id, !all_know);
    return status;
}

/// The end of a run, and what it means after the one before.
ExitStatus tell_this(const Notify &notify, Happening happening, const StopRequest &stop)
{
    Remembered remembered{happening.subject};
    const bool after_failure = remembered.failure();
    if (happening.occasion == Occasion::success && after_failure)
        happening.occasion = Occasion::recovery;
    remembered.keep(happening.invocation_id, after_failure || happening.occasion == Occasion::failure);
    if (happening.subject.kind == Subject::Kind::freshness)
        return tell_of_look(notify, std::move(happening), remembered, stop);
    if (!happening.occasion)
        return ExitStatus::success;
    const auto status = tell(notify, happening, stop);
    if (happening.occasion == Occasion::recovery && status == ExitStatus::success)
        remembered.keep(happening.invocation_id, false);
    return status;
}

/// A try of the admin's: whatever it was, everybody is told.
ExitStatus tell_last(std::optional<Notify> notify, const Subject &subject, const StopRequest &stop)
{
    if (!notify)
        throw Failure{"there is no /etc/igotchuu/notify.toml, and so nobody to tell"};
    const auto last = last_end_of(subject);
    if (!last || !last->occasion)
        throw Failure{std::format("{} has no run on record that could be told", printable(subject.service()))};
    notify->mail_on = notify->command_on = {*last->occasion};
    return tell(*notify, *last, stop);
}

/// Nothing: there is no such file, and nobody to tell. Throws ConfigError.
std::optional<Notify> load(const SearchPath &path)
{
    auto loaded = load_notify(path);
    if (!loaded)
        return {};
    return *loaded ? **std::move(loaded) : throw std::move(*loaded).error();
}

/// Tells of changes of the states of runs.
class States
{
public:
    States() : fd_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)}
    {
        if (!fd_ || inotify_add_watch(fd_.get(), StateDirectories{}.activity.c_str(), IN_MOVED_TO | IN_DELETE) < 0)
            fail(errno, "cannot watch {}", StateDirectories{}.activity.native());
    }
    /// Until something has changed, a second has passed (what systemd alone knows tells nobody), or the stop was asked for.
    void wait(const StopRequest &stop)
    {
        std::array<pollfd, 2> polled{{{fd_.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), 1000) < 0 && errno != EINTR)
            fail(errno, "cannot wait for a run to begin");
        stop.check();
        std::array<char, 4096> events;
        while (::read(fd_.get(), events.data(), events.size()) > 0)
            ;
    }

private:
    Fd fd_;
};

/// Not before it is known that it need not wait, nor for a lock: a server that heard of a start expects an end.
std::optional<Happening> begun(const Subject &subject, const StopRequest &stop)
{
    States states;
    for (;; states.wait(stop)) {
        auto unit = unit_properties(subject.service(), "SubState,InvocationID,Job");
        const auto activity = read_activity({}, subject.instance);
        if (activity && activity->invocation_id == unit["InvocationID"] && activity->phase > Phase::lock)
            return Happening{.subject = subject,
                             .name = printable(activity->job),
                             .occasion = Occasion::start,
                             .outcome = "started",
                             .invocation_id = activity->invocation_id,
                             .sentence = std::format("Backup of {} has begun", printable(activity->job)),
                             .started = activity->started,
                             .ended = {},
                             .numbers = {}};
        const bool is_queued = !unit["Job"].empty() && unit["Job"] != "0"; // it waits for what it comes after
        const auto &state = unit["SubState"];
        if (state.starts_with("auto-restart") || (!state.starts_with("start") && state != "condition" && !is_queued))
            return {};
    }
}

} // namespace

ExitStatus tell_end(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto subject = subject_of(unit);
    auto notify = load(path);
    if (by_hand())
        return tell_last(std::move(notify), subject, stop);
    auto end = service_end_of_environment("MONITOR_");
    if (end.result == "success" || Remembered{subject}.is_told(end.invocation_id))
        end = {}; // it was not even started: systemd (257) tells of the run before it, be that a success
    if (!notify)
        return ExitStatus::success;
    auto happening = end_of(subject, end);
    if (subject.kind == Subject::Kind::freshness)
        happening.troubles = troubles_of(restic::Installation::standard().cache_directory, subject.instance, end.invocation_id);
    return tell_this(*notify, std::move(happening), stop);
}

ExitStatus tell_success(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto notify = load(path);
    return notify ? tell_this(*notify, end_of(subject_of(unit), service_end_of_environment("MONITOR_")), stop)
                  : ExitStatus::success;
}

ExitStatus tell_begin(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto subject = subject_of(unit);
    const auto notify = load(path);
    if (!notify || subject.kind != Subject::Kind::backup)
        return ExitStatus::success;
    const auto happening = begun(subject, stop);
    return happening ? tell(*notify, *happening, stop) : ExitStatus::success;
}

} // namespace igotchuu
