// SPDX-License-Identifier: MIT
#include "cli/exec-process.hpp"
#include "cli/repository/qr.hpp"
#include "cli/repository/repository.hpp"
#include "cli/shell.hpp"
#include "cli/terminal.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/recovery-key.hpp"
#include "job/redact.hpp"

#include <nlohmann/json.hpp>

#include <format>
#include <iostream>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using nlohmann::json;

/// A key that was shown to nobody is a loss, and one that went to a file is on a disk: so nothing is begun then.
void refuse_where_nobody_sees_it()
{
    struct stat info{};
    if (isatty(STDOUT_FILENO) == 1 || (fstat(STDOUT_FILENO, &info) == 0 && S_ISFIFO(info.st_mode)))
        return;
    throw Failure{
        "nobody would see the recovery key, or it would lie on a disk: run it on a terminal, or pipe it to what prints it (| lpr)"};
}

std::string words_of(const json &list, std::string_view before_each)
{
    std::string text;
    for (const auto &word : list)
        text += std::format(" {}{}", before_each, shell_word(word.get<std::string>()));
    return text;
}

void show_how_to_restore(const json &made)
{
    const auto location = made.at("location").get<std::string>(), credential = made.at("location_credential").get<std::string>();
    const auto shown = printable(redacted_location(location));
    std::cout << "On any machine that has restic this opens the repository. Where it asks for a\npassword, type the key, with its "
                 "dashes:\n\n"
              << std::format("    restic{}{} -r {} snapshots\n\n", words_of(made.at("options"), "-o "),
                             words_of(made.at("restic_args"), ""), location.empty() ? "LOCATION" : shell_word(shown));
    std::string more, variables;
    if (location.empty())
        more += std::format("Write down as well where it is, which the credential {} says.\n", credential);
    if (shown != printable(location))
        more += "Write down as well the server's password, shown as ***.\n";
    for (const auto &name : made.at("variables"))
        variables += ' ' + name.get<std::string>();
    if (!variables.empty())
        more += std::format("restic also needs this in its environment:{}\n", variables);
    if (!more.empty())
        std::cout << more << '\n';
}

void show(const json &made)
{
    const auto name = printable(made.at("repository").get<std::string>());
    auto key = made.at("key").get<std::string>();
    std::cout << std::format("\nThe recovery key of the repository {}:\n\n    {}\n\n"
                             "It is shown once, and is nowhere on this machine. Write it down, or print it,\n"
                             "and keep it where this machine is not. Whoever has it can read all backups.\n\n",
                             name, key);
    if (const QrCode code{key}; shows_blocks(code.columns() + 4)) {
        for (const auto &line : code.lines())
            std::cout << "    " << line << '\n';
        std::cout << '\n';
    }
    show_how_to_restore(made);
    std::cout << std::format("Backups use the working key:\n{}.\n", made.at("working_key").get<std::string>()) << std::flush;
    explicit_bzero(key.data(), key.size());
    if (!std::cout)
        throw Failure{"cannot show the recovery key: standard output cannot be written to"};
}

std::string how_to_confirm(const std::string &name)
{
    return std::format(
        "The recovery key is there, and not confirmed. When it is written down:\n\n    igotchuu repository confirm {}\n",
        shell_word(name));
}

/// Whether the person has shown that she has it.
bool confirms(std::string_view key, const StopSignals &stop)
{
    for (int tries = 3; tries > 0; --tries) {
        const auto typed = ask("\nIs it written down? Then type its last group (Enter: later): ", Echo::on, stop);
        if (!typed || typed->find_first_not_of(" \t") == typed->npos)
            return false;
        if (is_last_group(key, *typed))
            return true;
        std::cout << "That is not its last group: look at what you have written.\n";
    }
    return false;
}

void show_there(const std::string &name, const json &there)
{
    std::cout << std::format(
        "The repository {0} is there, and its working key opens it. It has a recovery\nkey, made on {1}, {2}.\n"
        "When it is written down:\n\n"
        "    igotchuu repository confirm {3}\n\n"
        "When nobody has it, another takes its place:\n\n"
        "    igotchuu repository init --new-recovery-key {3}\n",
        printable(name), printable(there.at("host").get<std::string>()), printable(there.at("made").get<std::string>()),
        shell_word(name));
}

/// The talk with igotchuu-exec, message by message.
class Talk
{
public:
    explicit Talk(const InitRequest &request)
        : name_{request.name}, exec_{request.new_recovery_key ? std::vector<std::string>{"init", "--new-recovery-key", name_}
                                                              : std::vector<std::string>{"init", name_},
                                     stop_}
    {
    }

    int run()
    {
        while (auto line = exec_.line()) {
            const auto message = json::parse(*line, nullptr, false);
            explicit_bzero(line->data(), line->size());
            if (message.is_object())
                hear(message);
        }
        const auto status = exec_.wait();
        if (stop_.came() && !kept_)
            std::cerr << std::format("\nStopped. What is made by now is gone on with by: igotchuu repository init {}\n",
                                     shell_word(name_));
        if (status != static_cast<int>(ExitStatus::success) && !key_.empty() && !kept_)
            std::cerr << "The recovery key above opens the repository all the same, unless a line above says that it was removed\n";
        explicit_bzero(key_.data(), key_.size());
        return kept_ && stop_.came() ? static_cast<int>(ExitStatus::stopped) : status;
    }

private:
    void hear(const json &message)
    {
        const auto what = message.at("message").get<std::string>();
        if (what == "there") {
            show_there(name_, message);
        } else if (what == "recovery-key") {
            show(message);
            key_ = message.at("key").get<std::string>();
            exec_.tell("shown\n");
        } else if (what == "kept") {
            kept_ = true;
            ask_for_confirmation();
        }
    }

    void ask_for_confirmation()
    {
        if (somebody_is_there() && confirms(key_, stop_)) {
            exec_.tell("confirmed\n");
            std::cout << "Confirmed. It is not shown again.\n";
        } else {
            std::cout << '\n' << how_to_confirm(name_);
        }
        exec_.end_input();
    }

    std::string name_, key_;
    StopSignals stop_;
    ExecProcess exec_;
    bool kept_ = false;
};

} // namespace

int init_repository(const InitRequest &request)
{
    refuse_where_nobody_sees_it();
    return Talk{request}.run();
}

} // namespace igotchuu
