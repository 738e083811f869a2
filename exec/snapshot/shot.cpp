// SPDX-License-Identifier: MIT
#include "exec/snapshot/shot.hpp"

#include "exec/snapshot/btrfs-ioctl.hpp"
#include "exec/snapshot/pool.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

namespace igotchuu::btrfs
{
namespace
{

constexpr std::size_t threads_max = 128; // 10,000 subvolumes: 5.0 s in 129 transactions; with 32 threads 9.4 s in 444

int snapshot_one(const Fd &origin, const Fd &run, std::size_t number)
{
    if (!origin)
        return ENOENT;
    const Fd into{openat(run.get(), std::to_string(number).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    return into ? create_snapshot(origin, into, snapshot_name) : errno;
}

} // namespace

Shot snapshot_all(const Fd &top, std::span<const Fd *const> origins, const Fd &run)
{
    for (std::size_t i = 0; i < origins.size(); ++i)
        if (mkdirat(run.get(), std::to_string(i).c_str(), 0700) < 0 && errno != EEXIST)
            fail(errno, "cannot make a directory for a snapshot in {}", pool_name);
    if (origins.size() > 1)
        start_sync(top);

    Shot shot{.errors = std::vector<int>(origins.size()), .started = {}, .ended = {}};
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < origins.size();)
            shot.errors[i] = snapshot_one(*origins[i], run, i);
    };
    shot.started = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        try {
            while (threads.size() + 1 < std::min(threads_max, origins.size()))
                threads.emplace_back(work);
        } catch (const std::system_error &) {
            // no more threads (pids.max): more transactions, which are counted, but every snapshot
        }
        work();
    }
    shot.ended = std::chrono::steady_clock::now();
    return shot;
}

} // namespace igotchuu::btrfs
