// SPDX-License-Identifier: MIT
#include "dbus/announced.hpp"

#include "job/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace igotchuu
{
namespace
{

constexpr std::size_t ended_max = 8; ///< more than a job ends within what Runs takes for news

std::filesystem::path runtime_directory()
{
    const char *directory = std::getenv("RUNTIME_DIRECTORY");
    if (directory == nullptr)
        throw Failure{"igotchuud is a service of systemd's: systemctl start igotchuud"};
    return directory;
}

} // namespace

/// A line a job, "INSTANCE BEGUN ENDED…" with "-" for none; an instance has no space in it.
Announced::Announced() : file_{runtime_directory() / "announced"}
{
    std::ifstream lines{file_};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string instance, begun;
        words >> instance >> begun;
        jobs_[instance] = {.begun = begun == "-" ? "" : begun, .ended{std::istream_iterator<std::string>{words}, {}}};
    }
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
    Told &told = jobs_[instance];
    told.begun.clear();
    told.ended.push_front(invocation_id);
    if (told.ended.size() > ended_max)
        told.ended.pop_back();
    write();
}

void Announced::write()
{
    const auto temporary = file_.native() + ".tmp";
    std::ofstream lines{temporary};
    for (const auto &[instance, told] : jobs_) {
        lines << instance << ' ' << (told.begun.empty() ? "-" : told.begun);
        for (const std::string &ended : told.ended)
            lines << ' ' << ended;
        lines << '\n';
    }
    lines.close();
    const bool written = lines && std::rename(temporary.c_str(), file_.c_str()) == 0;
    if (!written && writable_)
        std::fprintf(stderr, "igotchuud: cannot write %s; the next igotchuud may tell of a run again\n", file_.c_str());
    writable_ = written;
}

} // namespace igotchuu
