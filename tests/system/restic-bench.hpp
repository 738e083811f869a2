// SPDX-License-Identifier: MIT
#pragma once

#include "exec/child.hpp"
#include "exec/restic/run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace igotchuu::restic
{

/// A directory of its own, gone at the end, with a source, a password, a cache, and room for a repository and for a stand-in of restic.
class Bench
{
public:
    Bench()
    {
        std::string name = "/var/tmp/igotchuu-restic-XXXXXX";
        REQUIRE(mkdtemp(name.data()));
        top = name;
        installation = Installation::standard();
        installation.cache_directory = top / "cache";
        installation.credentials_directory.clear();
        installation.grace = std::chrono::milliseconds{300};
        repository.name = "test";
        repository.file = "/etc/igotchuu/repositories/test.toml";
        repository.location = top / "repository";
        repository.password.file = top / "password";
        job.name = job.instance = "home";
        job.sources = {top / "source"};
        write(top / "password", "canary-password\n");
        write(top / "source/a", "a\n");
    }
    ~Bench()
    {
        forget_stop();
        std::filesystem::remove_all(top);
    }
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    static void write(const std::filesystem::path &path, const std::string &text)
    {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        REQUIRE(std::filesystem::file_size(path) == text.size());
    }
    static std::string read(const std::filesystem::path &path)
    {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    /// From here on restic is this shell script, in the test's own directory ($top).
    void stand_in(const std::string &script)
    {
        write(top / "restic", "#!/bin/sh\ntop=" + top.string() + "\n" + script + "\n");
        std::filesystem::permissions(top / "restic", std::filesystem::perms{0755});
        installation.restic = top / "restic";
    }

    RepositoryResult backup()
    {
        const Listener listener{[this](const Progress &now) { on_progress(now); },
                                [this](std::string text) {
                                    complaints.push_back(text);
                                    on_complaint(text);
                                },
                                [this](pid_t process, int signal) { on_standstill(process, signal); }};
        std::optional<Access> access;
        if (!repository.embedded())
            access.emplace(repository, job.instance, installation, stop);
        return restic::backup({job, repository, access ? &*access : nullptr, instant, leave_out}, {"0.18.0", true}, stop, listener,
                              starts, installation);
    }

    /// What the real restic says about the repository; it must succeed.
    std::string restic(const std::vector<std::string> &arguments) const
    {
        Command command{
            .arguments = {Installation::standard().restic, "-r", repository.location, "--password-file", repository.password.file},
            .environment = {"HOME=/root", "RESTIC_CACHE_DIR=" + installation.cache_directory, "TZ=UTC"}};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        std::string output, errors;
        const auto end = Child{command}.wait([&](std::string_view bytes) { output += bytes; },
                                             [&](std::string_view bytes) { errors += bytes; }, {});
        INFO(errors);
        REQUIRE(end.succeeded());
        return output;
    }
    void init() const { (void)restic({"init"}); }

    static void ask_to_stop() { kill(getpid(), SIGTERM); } // blocked: it waits in the signalfd
    static void forget_stop()
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        const timespec at_once{};
        sigtimedwait(&signals, nullptr, &at_once);
    }

    std::filesystem::path top;
    Installation installation;
    Job job;
    Repository repository;
    std::chrono::system_clock::time_point instant = std::chrono::system_clock::now();
    std::vector<std::string> leave_out;
    std::uint32_t starts = 0;
    std::vector<std::string> complaints;
    std::function<void(const Progress &)> on_progress = [](const Progress &) {};
    std::function<void(const std::string &)> on_complaint = [](const std::string &) {};
    std::function<void(pid_t, int)> on_standstill = [](pid_t, int) {};
    StopRequest stop;
};

} // namespace igotchuu::restic
