// SPDX-License-Identifier: MIT
#include "cli/repository.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <CLI/CLI.hpp>

#include <clocale>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <sys/prctl.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using Command = std::function<int()>;

void needs_root()
{
    if (geteuid() != 0)
        throw Failure{"this opens the repository, which only root may: run it as root (sudo igotchuu …)"};
}

/// The commands below `igotchuu repository`. The one that was typed is put into `chosen`.
void add_repository(CLI::App &app, Command &chosen)
{
    auto *const repository = app.add_subcommand("repository", "Where backups go: make one, its two keys, and how it is with them");
    repository->require_subcommand(1);
    repository->footer(
        "A repository is a file, /etc/igotchuu/repositories/NAME.toml; without one there is \"default\", on this machine.\n"
        "See igotchuu(1), igotchuu.repository(5).");

    const auto request = std::make_shared<InitRequest>();
    auto *const init =
        repository->add_subcommand("init", "Make the repository, its working key and a recovery key, as far as they are missing");
    init->add_option("NAME", request->name, "the repository's name")->type_name("")->required();
    init->add_flag("--new-recovery-key", request->new_recovery_key,
                   "make a new recovery key, in the place of the one that is there");
    init->footer("The recovery key is shown once: have pen and paper ready, or a printer (igotchuu repository init nas | lpr).");
    init->callback([&chosen, request] {
        chosen = [request] {
            needs_root();
            return init_repository(*request);
        };
    });

    const auto name = std::make_shared<std::string>();
    auto *const confirm =
        repository->add_subcommand("confirm", "Confirm that the recovery key is written down: it is typed in, and tried");
    confirm->add_option("NAME", *name, "the repository's name")->type_name("")->required();
    confirm->callback([&chosen, name] {
        chosen = [name] {
            needs_root();
            return confirm_recovery_key(*name);
        };
    });

    auto *const status =
        repository->add_subcommand("status", "Show where repositories are, how their keys stand, and their last maintenance");
    status->add_option("NAME", *name, "only this one")->type_name("");
    status->callback([&chosen, name] { chosen = [name] { return show_repositories(*name); }; });
}

int run(int argc, char **argv)
{
    CLI::App app{"igotchuu: consistent backups of a running Linux, with restic and systemd"};
    app.name("igotchuu");
    app.set_version_flag("--version", "igotchuu " IGOTCHUU_VERSION);
    app.require_subcommand(1);
    app.footer("A backup is a unit of systemd:        systemctl start igotchuu@NAME\n"
               "A repository with two keys, to begin:  igotchuu repository init NAME\n"
               "See igotchuu(1), igotchuu(7).");
    Command chosen;
    add_repository(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? static_cast<int>(ExitStatus::success) : static_cast<int>(ExitStatus::usage);
    }
    return chosen();
}

} // namespace

} // namespace igotchuu

int main(int argc, char **argv)
{
    using namespace igotchuu;
    prctl(PR_SET_DUMPABLE, 0); // a recovery key passes through this process: no core, no ptrace by others
    std::setlocale(LC_ALL, "");
    try {
        return run(argc, argv);
    } catch (const ConfigError &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::bad_configuration);
    } catch (const std::invalid_argument &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::bad_configuration);
    } catch (const std::exception &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::failed);
    }
}
