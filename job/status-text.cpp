// SPDX-License-Identifier: MIT
#include "job/status-text.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace igotchuu
{
namespace
{

std::string progress_text(const Progress &progress)
{
    if (progress.total_bytes == 0) // restic has not counted yet, or was told not to
        return std::format("{}, {}", bytes_text(progress.bytes_done), counted(progress.files_done, "file", "files"));
    const int percent = static_cast<int>(std::clamp(progress.percent_done, 0.0, 1.0) * 100); // down: 100 % is said when it is done
    std::string text = std::format("{} %, {} of {}", percent, bytes_text(progress.bytes_done), bytes_text(progress.total_bytes));
    if (progress.seconds_remaining != 0)
        text += std::format(", {} left", time_left_text(std::chrono::seconds{progress.seconds_remaining}));
    return text;
}

} // namespace

std::string status_text(const Activity &activity)
{
    switch (activity.phase) {
    case Phase::start:
        return "starting";
    case Phase::lock:
        return "making sure that no other run is under way";
    case Phase::reap:
        return "looking for what a killed run left";
    case Phase::snapshot:
        return "taking the snapshot";
    case Phase::mount:
        return "mounting the snapshot";
    case Phase::restic: {
        const std::string text = activity.repository.empty() ? "backing up" : "backing up to " + printable(activity.repository);
        return activity.progress ? std::format("{}: {}", text, progress_text(*activity.progress)) : text;
    }
    case Phase::prove: {
        const std::string text =
            activity.repository.empty() ? "proving the backup" : "proving the backup in " + printable(activity.repository);
        return activity.progress ? std::format("{}: {}", text, progress_text(*activity.progress)) : text;
    }
    case Phase::release:
        return "removing the snapshot";
    case Phase::forget:
        return activity.repository.empty() ? "forgetting old backups"
                                           : "forgetting old backups in " + printable(activity.repository);
    }
    std::unreachable();
}

std::string capitalised(std::string text)
{
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

} // namespace igotchuu
