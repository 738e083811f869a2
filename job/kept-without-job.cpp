// SPDX-License-Identifier: MIT
#include "job/kept-without-job.hpp"

#include "job/error.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace igotchuu
{

namespace
{

bool has_job(const std::string &instance, const std::string &file)
try {
    std::error_code unknown;
    return file.empty() || std::filesystem::exists(file, unknown) || !load_job(SearchPath::standard(), instance).implicit();
} catch (const ConfigError &) { // it is there, and broken
    return true;
}

} // namespace

std::vector<Orphan> kept_without_job()
{
    std::vector<Orphan> orphans;
    for (const auto &instance : instances_with_kept({}))
        try {
            if (auto kept = read_kept({}, instance); !has_job(instance, kept.file))
                orphans.push_back({.instance = instance, .kept = std::move(kept)});
        } catch (const Failure &) { // whoever needs it says so
        }
    return orphans;
}

} // namespace igotchuu
