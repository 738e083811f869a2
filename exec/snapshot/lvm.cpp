// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm.hpp"

#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <format>
#include <iterator>
#include <thread>
#include <utility>

namespace igotchuu::lvm
{
namespace
{

/// monitoring: else it starts dmeventd, as a part of this unit. udev_sync: it would wait for udev by a semaphore that udev does not see from outside of
/// PrivateIPC=, for ever; node_of() needs no udev. archive: each run would leave three files in /etc/lvm/archive for a month; backup goes on, so that
/// /etc/lvm/backup has the pool's last transaction.
constexpr auto settings = "activation{monitoring=0 udev_sync=0 process_priority=0} backup{archive=0}";

Tool tool(std::vector<std::string> arguments, std::chrono::seconds at_most = std::chrono::seconds{30}, int stop = -1)
{
    arguments.insert(arguments.begin(), programs::lvm);
    return {.arguments = std::move(arguments), .capabilities = "-all,+sys_admin", .at_most = at_most, .stop = stop};
}

/// Nobody says when udev, which opens each new device for a moment, has closed it: between the tries of some seconds.
class Pauses
{
public:
    /// False: that was the last try, or `end` shows that another one would hang, too.
    bool wait_after(const ToolEnd &end)
    {
        constexpr std::chrono::seconds most{3};
        if (end.status == 128 + SIGKILL || next_ > most)
            return false;
        std::this_thread::sleep_for(std::exchange(next_, next_ * 2));
        return true;
    }

private:
    std::chrono::milliseconds next_{100};
};

/// For what is done, and says nothing that matters. Throws as output_of() does.
void carry_out(const Tool &tool)
{
    static_cast<void>(output_of(tool));
}

} // namespace

bool available()
{
    return access(programs::lvm, X_OK) == 0 && access("/dev/mapper/control", R_OK | W_OK) == 0;
}

std::vector<Volume> volumes()
{
    return parse_report(
        output_of(tool({"lvs", "--all", "--reportformat", "json", "--binary", "--options", std::string{report_fields}})));
}

double limit_of_use()
{
    const auto said =
        output_of(tool({"lvmconfig", "--typeconfig", "full", "--valuesonly", "activation/thin_pool_autoextend_threshold"}));
    double threshold = 100;
    std::from_chars(said.data(), said.data() + said.size(), threshold);
    return std::min(threshold, most_percent);
}

void create_snapshot(const Volume &origin, const std::string &name, const std::string &tag, int stop)
{
    // --type thin: with --snapshot alone it wants the kernel's module for the other kind of snapshots as well, which not every kernel has.
    // A minute: it writes back what programs have written, and holds them up meanwhile. Where the disk is slower than that, the killed lvcreate waits in the
    // kernel, ends with the volume suspended, and only then is there something to resume: less than TimeoutStopSec=5min of the unit.
    auto lvcreate = tool({"lvcreate", "--config", settings, "--type", "thin", "--setactivationskip", "y", "--permission", "r",
                          "--addtag", tag, "--name", name, origin.full_name()},
                         std::chrono::seconds{60}, stop);
    lvcreate.gone_within = std::chrono::minutes{3};
    carry_out(lvcreate);
}

void activate(std::span<const std::string> names, int stop)
{
    std::vector<std::string> arguments{"lvchange", "--config", settings, "--activate", "y", "--ignoreactivationskip"};
    std::ranges::copy(names, std::back_inserter(arguments));
    carry_out(tool(std::move(arguments), std::chrono::seconds{60}, stop));
}

void deactivate(std::span<const std::string> names)
{
    if (names.empty())
        return;
    std::vector<std::string> arguments{"lvchange", "--config", settings, "--activate", "n"};
    std::ranges::copy(names, std::back_inserter(arguments));
    for (Pauses pauses;;) {
        const auto end = run(tool(arguments));
        if (end.status == 0)
            return;
        if (!pauses.wait_after(end))
            throw Failure{std::format("cannot deactivate the snapshot {}: lvchange: {}", names.front(), end.complaint)};
    }
}

void resume(const Volume &volume)
{
    carry_out(tool({"lvchange", "--config", settings, "--refresh", volume.full_name()}));
}

namespace
{

std::vector<std::string> still_there(std::span<const std::string> names)
{
    std::vector<std::string> there;
    for (const auto &volume : volumes())
        if (std::ranges::contains(names, volume.full_name()))
            there.push_back(volume.full_name());
    return there;
}

} // namespace

std::vector<std::string> remove(std::span<const std::string> names)
{
    std::vector<std::string> left{names.begin(), names.end()};
    std::string why;
    for (Pauses pauses; !left.empty();) {
        std::vector<std::string> arguments{"lvremove", "--config", settings, "--yes"};
        std::ranges::copy(left, std::back_inserter(arguments));
        const auto end = run(tool(std::move(arguments)));
        left = still_there(left);
        why = end.complaint;
        if (left.empty() || !pauses.wait_after(end))
            break;
    }
    std::vector<std::string> sentences;
    for (const auto &name : left)
        sentences.push_back(std::format("cannot delete the snapshot {}: {} (by hand: lvremove {})", name,
                                        why.empty() ? "lvremove says that it did, and it is still there" : "lvremove: " + why,
                                        name));
    return sentences;
}

} // namespace igotchuu::lvm
