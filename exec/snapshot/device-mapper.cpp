// SPDX-License-Identifier: MIT
#include "exec/snapshot/device-mapper.hpp"

#include "exec/snapshot/lvm-report.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>

namespace igotchuu::lvm
{
namespace
{

namespace fs = std::filesystem;

fs::path in_sysfs(dev_t device)
{
    return std::format("/sys/dev/block/{}:{}", major(device), minor(device));
}

std::string first_line(const fs::path &path)
{
    std::string line;
    std::getline(std::ifstream{path} >> std::ws, line);
    return line;
}

/// A thin volume lies on its pool, and on an origin outside of it where it has one: the pool is the one of LVM's that is called so.
dev_t pool_of(dev_t volume)
{
    for (const auto &below : fs::directory_iterator{in_sysfs(volume) / "slaves"}) {
        unsigned major = 0, minor = 0;
        char colon = 0;
        if (first_line(below.path() / "dm/uuid").ends_with("-tpool") &&
            (std::ifstream{below.path() / "dev"} >> major >> colon >> minor))
            return makedev(major, minor);
    }
    throw Failure{std::format("cannot find the thin pool of the volume {}:{}", major(volume), minor(volume))};
}

/// A question about one device, with room for the answer.
struct Question {
    dm_ioctl head;
    std::array<char, 4096> answer; // a line about the pool has 200 bytes
};

Question question_about(dev_t device)
{
    Question question{};
    question.head.version[0] = DM_VERSION_MAJOR;
    question.head.data_size = sizeof question;
    question.head.data_start = sizeof question.head;
    question.head.dev = device;
    return question;
}

Fd open_control()
{
    Fd control{open("/dev/mapper/control", O_RDWR | O_CLOEXEC)};
    if (!control)
        fail(errno, "cannot open /dev/mapper/control");
    return control;
}

} // namespace

bool is_logical_volume(dev_t device)
{
    return first_line(in_sysfs(device) / "dm/uuid").starts_with("LVM-");
}

std::string node_of(dev_t device)
{
    auto node = std::format("/dev/dm-{}", minor(device));
    struct stat status{};
    if (stat(node.c_str(), &status) < 0)
        fail(errno, "cannot look at {}", node);
    if (!S_ISBLK(status.st_mode) || status.st_rdev != device)
        throw Failure{std::format("{} is not the node of the device {}:{}", node, major(device), minor(device))};
    return node;
}

void resume_suspended(dev_t device)
{
    const auto control = open_control();
    auto status = question_about(device);
    if (ioctl(control.get(), DM_DEV_STATUS, &status) < 0)
        fail(errno, "cannot ask for the state of the device {}:{}", major(device), minor(device));
    if (!(status.head.flags & DM_SUSPEND_FLAG)) // to resume one that is only being suspended waits where no signal reaches it
        return;
    auto resumption = question_about(device); // without that flag it resumes
    if (ioctl(control.get(), DM_DEV_SUSPEND, &resumption) < 0)
        fail(errno, "cannot resume the device {}:{}", major(device), minor(device));
}

PoolWatch::PoolWatch(dev_t volume) : control_{open_control()}, pool_{pool_of(volume)} {}

std::optional<double> PoolWatch::fill() const
{
    auto question = question_about(pool_);
    question.head.flags = DM_NOFLUSH_FLAG; // else each question is a commit of the pool
    if (ioctl(control_.get(), DM_TABLE_STATUS, &question) < 0 || question.head.flags & DM_BUFFER_FULL_FLAG ||
        question.head.target_count != 1)
        return std::nullopt;
    return fill_of_pool(question.answer.data() + sizeof(dm_target_spec));
}

bool PoolWatch::runs_full() const
{
    constexpr double most = 0.99; // between 95 % at the begin and this there may be gigabytes, or a second's writes
    return fill().value_or(0) >= most;
}

unsigned PoolWatch::free_percent(double limit) const
{
    return static_cast<unsigned>(std::max(0.0, limit - 100 * fill().value_or(0)));
}

} // namespace igotchuu::lvm
