// SPDX-License-Identifier: MIT
#include "exec/notify/ways.hpp"

#include "exec/admin-program.hpp"
#include "exec/notify/ping.hpp"
#include "exec/programs.hpp"
#include "exec/restic/secret.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

constexpr std::chrono::seconds for_mail{120}, for_command{120};

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

} // namespace

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

void run_command(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop)
{
    const bool is_maintenance = happening.subject.kind == Subject::Kind::maintenance;
    const EnvironmentFile facts{{{is_maintenance ? "IGOTCHUU_REPOSITORY" : "IGOTCHUU_JOB", happening.name},
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

} // namespace igotchuu
