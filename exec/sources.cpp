// SPDX-License-Identifier: MIT
#include "exec/sources.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <filesystem>
#include <format>

namespace igotchuu
{

namespace fs = std::filesystem;

namespace
{

std::string join(const std::vector<std::string> &sentences)
{
    std::string all;
    for (const auto &sentence : sentences)
        all += (all.empty() ? "" : "; ") + sentence;
    return all;
}

} // namespace

bool lies_below(const fs::path &path, const fs::path &directory)
{
    return !directory.empty() && std::ranges::mismatch(directory, path).in1 == directory.end();
}

Present look_at_sources(std::span<const std::string> sources)
{
    Present present;
    std::vector<std::string> faults;
    for (const auto &source : sources) {
        std::error_code error;
        const auto real = fs::canonical(source, error);
        const auto shown = printable(source);
        if (error == std::errc::no_such_file_or_directory)
            present.missing.push_back(std::format("the source {} is not there", shown));
        else if (error)
            faults.push_back(std::format("the source {} cannot be looked at: {}", shown, error.message()));
        else if (real != source)
            faults.push_back(std::format("the source {} leads through a symbolic link: name the real path, {}", shown,
                                         printable(real.string())));
        else if (!fs::is_directory(real))
            faults.push_back(std::format("the source {} is not a directory: name the directory that it is in", shown));
        else
            present.sources.push_back(source);
    }
    if (!faults.empty() || present.sources.empty()) {
        faults.insert(faults.end(), present.missing.begin(), present.missing.end());
        throw Failure{join(faults)};
    }
    return present;
}

void refuse_repository_below_source(const Job &job)
{
    for (const auto &repository : job.repositories) {
        const auto path = repository.local_path();
        std::error_code unknown; // the real path is then empty: restic will say why
        const auto real = path.empty() ? fs::path{} : fs::weakly_canonical(path, unknown);
        for (const auto &source : job.sources)
            if (lies_below(path, source) || lies_below(real, source))
                throw Failure{std::format(
                    "the repository {} lies in {}, below the source {}: it would back up itself; put it on another disk",
                    printable(repository.name), printable(path), printable(source))};
    }
}

} // namespace igotchuu
