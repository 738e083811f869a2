// SPDX-License-Identifier: MIT
#include "cli/report/report.hpp"

#include "cli/control.hpp"
#include "cli/overview.hpp"
#include "cli/verbs.hpp"
#include "job/days.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/fd.hpp"
#include "job/host-name.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"
#include "job/write-all.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <iostream>
#include <langinfo.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

std::vector<Past> with_files()
try {
    std::vector<Past> jobs;
    for (const auto &one : load_jobs(SearchPath::standard()).jobs)
        jobs.push_back({.name = one.job ? one.job->name : std::filesystem::path{one.files.front()}.stem().native(),
                        .instance = one.instance,
                        .objective = one.job ? one.job->objective : std::chrono::hours{}});
    return jobs;
} catch (const std::system_error &error) {
    std::cerr << "igotchuu: " << printable(error.what()) << "; jobs that have run are shown\n";
    return {};
}

/// The instances of which there is a record.
std::vector<std::string> with_records(const StateDirectories &where)
{
    std::error_code error;
    std::vector<std::string> instances;
    for (const auto &entry : std::filesystem::directory_iterator{where.records, error})
        if (entry.path().extension() == ".json" && !entry.path().filename().native().starts_with('.'))
            instances.push_back(entry.path().stem().native());
    if (error && error != std::errc::no_such_file_or_directory)
        throw Failure{std::format("cannot read {}: {} (what came of runs is for root and the group igotchuu to see)",
                                  where.records.native(), error.message())};
    return instances;
}

void see_record(Past &job, const StateDirectories &where)
{
    const auto file = where.records / (job.instance + ".json");
    std::error_code error;
    if (auto record = read_record(where, job.instance)) {
        job.record = *std::move(record);
        job.record.days = days_of(job.record);
    } else if (std::filesystem::exists(std::filesystem::symlink_status(file, error)))
        job.fault = std::format("its record, {}, cannot be read: it is damaged, of a later version, or not for whoever asks; "
                                "the next run writes it anew",
                                printable(file.native()));
}

/// All of which something is known. Those whose file is gone come last.
class Pasts
{
public:
    Pasts() : known_{with_files()}
    {
        for (const auto &instance : with_records(where_))
            if (!std::ranges::contains(known_, instance, &Past::instance))
                known_.push_back(without_file(instance));
    }
    [[nodiscard]] std::vector<Past> all()
    {
        auto jobs = known_;
        std::erase_if(jobs, [&](const Past &job) { return std::ranges::contains(orphans_, job.instance); });
        return seen(std::move(jobs));
    }
    /// Throws UsageError for a word that means none.
    [[nodiscard]] std::vector<Past> called(const std::vector<std::string> &words)
    {
        std::vector<Past> jobs;
        for (const auto &word : words)
            jobs.push_back(called(word));
        return seen(std::move(jobs));
    }

private:
    Past without_file(const std::string &instance)
    {
        const auto record = read_newest(where_, instance);
        if (!record || record->file.empty())
            return {.name = instance, .instance = instance};
        orphans_.push_back(instance);
        return {.name = record->job, .instance = instance};
    }
    [[nodiscard]] Past called(const std::string &word) const
    {
        for (const auto of : {&Past::name, &Past::instance})
            if (const auto found = std::ranges::find(known_, word, of); found != known_.end())
                return *found;
        const auto job = jobs_called({word}).front(); // a path spells an instance
        const auto found = std::ranges::find(known_, job.instance, &Past::instance);
        return found == known_.end() ? Past{.name = job.name, .instance = job.instance} : *found;
    }
    [[nodiscard]] std::vector<Past> seen(std::vector<Past> jobs) const
    {
        for (auto &job : jobs)
            see_record(job, where_);
        return jobs;
    }

    StateDirectories where_;
    std::vector<Past> known_;
    std::vector<std::string> orphans_; ///< instances
};

/// What is there is replaced by rename, so that who looks at it sees a whole page, and keeps its owner and mode. A new one is for its owner and group.
void write_page(const std::string &file, std::string_view page)
{
    struct stat there{};
    const bool is_there = lstat(file.c_str(), &there) == 0;
    if (is_there && !S_ISREG(there.st_mode))
        throw Failure{std::format("cannot write {}: it is {} (name a file)", printable(file),
                                  S_ISDIR(there.st_mode)   ? "a directory"
                                  : S_ISLNK(there.st_mode) ? "a link"
                                                           : "no file")};
    const auto directory = std::filesystem::path{file}.parent_path();
    auto half = ((directory.empty() ? "." : directory) / ".igotchuu-report.XXXXXX").native();
    const Fd written{mkostemp(half.data(), O_CLOEXEC)};
    if (!written)
        fail(errno, "cannot write {}", printable(file));
    try {
        write_all(written, page, printable(file));
        if (is_there && geteuid() == 0 && fchown(written.get(), there.st_uid, there.st_gid) < 0)
            fail(errno, "cannot give {} its owner", printable(file));
        if (fchmod(written.get(), is_there ? there.st_mode & 0777 : 0640) < 0 || fsync(written.get()) < 0 ||
            rename(half.c_str(), file.c_str()) < 0)
            fail(errno, "cannot write {}", printable(file));
    } catch (...) {
        unlink(half.c_str());
        throw;
    }
}

void print(const Report &report)
{
    if (report.jobs.empty()) {
        std::cout << welcome();
        return;
    }
    const Screen screen{STDOUT_FILENO};
    const auto signs = std::string_view{nl_langinfo(CODESET)} == "UTF-8" ? Signs::blocks : Signs::ascii;
    std::string text;
    for (const auto &line : report_lines(report, screen, screen.columns(), signs))
        text += line + '\n';
    std::cout << text << std::flush;
}

} // namespace

int show_report(const ReportRequest &request)
{
    Pasts pasts;
    const Report report{host_name(), Clock::now(), request.jobs.empty() ? pasts.all() : pasts.called(request.jobs)};
    auto status = ExitStatus::success;
    for (const auto &job : report.jobs)
        if (!job.fault.empty()) {
            std::cerr << std::format("igotchuu: job {}: {}\n", printable(job.name), job.fault);
            status = ExitStatus::failed;
        }
    if (!request.html.empty())
        write_page(request.html, report_page(report));
    if (request.json)
        std::cout << report_json(report) << '\n';
    else if (request.html.empty())
        print(report);
    return static_cast<int>(status);
}

} // namespace igotchuu
