// SPDX-License-Identifier: MIT
#include "cli/control.hpp"
#include "cli/program.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/load.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <vector>

namespace igotchuu
{

namespace
{

namespace fs = std::filesystem;

/// A directory below /tmp, gone with this object.
class Scratch
{
public:
    Scratch()
    {
        std::string name = (fs::temp_directory_path() / "igotchuu-units.XXXXXX").native();
        if (mkdtemp(name.data()) == nullptr)
            fail(errno, "cannot make {}", name);
        path_ = name;
    }
    ~Scratch()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    [[nodiscard]] const fs::path &path() const noexcept { return path_; }

private:
    fs::path path_;
};

/// Configuration files as they are now, at the same paths below `root`. A mask stays one; other links become what they lead to.
void copy_configuration(const SearchPath &from, const fs::path &root)
{
    for (const auto &directory : from.directories) {
        std::error_code none;
        for (fs::recursive_directory_iterator at{directory, fs::directory_options::follow_directory_symlink, none}, end; at != end;
             ++at) {
            const auto to = root / at->path().relative_path();
            if (at->is_directory()) {
                fs::create_directories(to);
            } else if (at->path().extension() == ".toml") {
                fs::create_directories(to.parent_path());
                if (at->is_regular_file())
                    fs::copy_file(at->path(), to);
                else if (at->is_symlink())
                    fs::copy_symlink(at->path(), to);
            }
        }
    }
}

/// What the generator makes of the files as they are now, below `root`, where it says what it says.
fs::path generate(const fs::path &root)
{
    copy_configuration(SearchPath::standard(), root);
    const auto status =
        end_of_program(start_program({IGOTCHUU_GENERATOR, "--root=" + root.native(), "/normal", "/early", "/late"}));
    if (status != 0)
        throw Failure{std::format("{} exited with {}", IGOTCHUU_GENERATOR, status)};
    return root / "normal";
}

/// "# /run/systemd/generator/igotchuu@home.timer", and what is in it.
void print_file(const fs::path &normal, const fs::path &file)
{
    std::ifstream stream{file};
    std::cout << "# /run/systemd/generator/" << printable(file.lexically_relative(normal).native()) << '\n'
              << std::string{std::istreambuf_iterator<char>{stream}, {}} << '\n';
}

/// Those of this job, and the templates that they add to.
void print_units(const fs::path &normal, const JobName &job)
{
    std::vector<fs::path> files;
    for (const auto &entry : fs::recursive_directory_iterator{normal}) {
        const auto name = entry.path().lexically_relative(normal).native();
        const auto of_job = [&](const std::string &unit) { return name == unit || name.starts_with(unit + ".d/"); };
        if (entry.is_regular_file() &&
            (of_job(service_of(job.instance)) || of_job(timer_of(job.instance)) || of_job(service_of(""))))
            files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const auto &file : files)
        print_file(normal, file);
    std::cout << std::flush;
}

/// systemd knows best what its calendar expressions mean.
int print_next_times(const JobName &job)
{
    constexpr auto calendar = "OnCalendar";
    std::vector<std::string> words{"systemd-analyze", "--iterations=5", "calendar", "--"};
    const auto before = words.size();
    for (const auto &setting : load_job(SearchPath::standard(), job.instance).timer)
        if (setting.key == calendar && !setting.value.empty())
            words.push_back(setting.value);
    if (words.size() == before)
        return static_cast<int>(ExitStatus::success);
    std::cout << "# the next five times, before the random delay:\n" << std::flush;
    return end_of_program(start_program(words)) == 0 ? static_cast<int>(ExitStatus::success)
                                                     : static_cast<int>(ExitStatus::bad_configuration);
}

} // namespace

int show_units(const std::string &word)
{
    const auto job = job_called(SearchPath::standard(), word);
    const Scratch scratch;
    print_units(generate(scratch.path()), job);
    return print_next_times(job);
}

} // namespace igotchuu
