// SPDX-License-Identifier: MIT
#include "dbus/announced.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <fstream>

namespace igotchuu
{
namespace
{

std::filesystem::path runtime_directory()
{
    const char *directory = std::getenv("RUNTIME_DIRECTORY");
    if (directory == nullptr)
        throw Failure{"igotchuud is a service of systemd's: systemctl start igotchuud"};
    return directory;
}

} // namespace

/// A line a job, "INSTANCE BEGUN ENDED" with "-" for none; an instance has no space in it.
Announced::Announced() : file_{runtime_directory() / "announced"}
{
    std::ifstream lines{file_};
    for (std::string instance, begun, ended; lines >> instance >> begun >> ended;)
        jobs_[instance] = {.begun = begun == "-" ? "" : begun, .ended = ended == "-" ? "" : ended};
}

const Announced::Told &Announced::of(const std::string &instance) const
{
    static const Told nothing;
    const auto found = jobs_.find(instance);
    return found == jobs_.end() ? nothing : found->second;
}

void Announced::began(const std::string &instance, const std::string &invocation_id)
{
    jobs_[instance].begun = invocation_id;
    write();
}

void Announced::ended(const std::string &instance, const std::string &invocation_id)
{
    jobs_[instance] = {.begun = {}, .ended = invocation_id};
    write();
}

void Announced::write() const
{
    const auto word = [](const std::string &text) { return text.empty() ? "-" : text; };
    const auto temporary = file_.native() + ".tmp";
    {
        std::ofstream lines{temporary};
        for (const auto &[instance, told] : jobs_)
            lines << std::format("{} {} {}\n", instance, word(told.begun), word(told.ended));
        if (!lines.flush())
            fail(errno, "cannot write {}", temporary);
    }
    if (std::rename(temporary.c_str(), file_.c_str()) < 0)
        fail(errno, "cannot write {}", file_.native());
}

} // namespace igotchuu
