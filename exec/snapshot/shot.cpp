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
#include <chrono>
#include <optional>
#include <semaphore>
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

/// BTRFS_IOC_START_SYNC in a thread of its own, since the kernel's commit thread may miss the call (6.18: one in some thousands). It then hangs, and
/// no signal ends that, until the commit interval is over, 30 s, or somebody commits: the first of our snapshots does.
class Sync
{
public:
    explicit Sync(const Fd &top)
        : thread_{[this, &top] {
              start_sync(top);
              started_.release();
          }}
    {
    }
    void wait() { (void)started_.try_acquire_for(std::chrono::seconds{1}); }

private:
    std::binary_semaphore started_{0};
    std::jthread thread_;
};

/// One pass over those whose error is `pending`, with at most `threads` threads.
void pass(const Fd &top, std::span<const Fd *const> origins, const Fd &run, std::vector<int> &errors, int pending,
          std::size_t threads)
{
    std::vector<std::size_t> todo;
    for (std::size_t i = 0; i < errors.size(); ++i)
        if (errors[i] == pending)
            todo.push_back(i);
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> started = false;
    const auto work = [&] {
        started.wait(false);
        for (std::size_t i; (i = next++) < todo.size();)
            errors[todo[i]] = snapshot_one(*origins[todo[i]], run, todo[i]);
    };
    std::optional<Sync> sync;
    std::vector<std::jthread> others;
    try {
        while (others.size() + 1 < std::min(threads, todo.size()))
            others.emplace_back(work);
        // The snapshots join one transaction as long as the commit of the one before, started here, goes on: so all threads are there by now.
        if (todo.size() > 1)
            sync.emplace(top);
    } catch (const std::exception &) {
        // no more threads (pids.max, memory): more transactions, which are counted, but every snapshot
    }
    if (sync)
        sync->wait();
    started = true;
    started.notify_all();
    work();
}

} // namespace

Shot snapshot_all(const Fd &top, std::span<const Fd *const> origins, const Fd &run)
{
    for (std::size_t i = 0; i < origins.size(); ++i)
        if (mkdirat(run.get(), std::to_string(i).c_str(), 0700) < 0 && errno != EEXIST)
            fail(errno, "cannot make a directory for a snapshot in {}", pool_name);

    Shot shot{.errors = std::vector<int>(origins.size(), EINPROGRESS), .started = std::chrono::steady_clock::now(), .ended = {}};
    pass(top, origins, run, shot.errors, EINPROGRESS, threads_max);
    // Each snapshot under way reserves some MiB of metadata: what 128 at once find no space for, fewer may (tried, 300 MiB, 6.18).
    for (std::size_t threads = threads_max / 4; threads > 0; threads /= 4)
        pass(top, origins, run, shot.errors, ENOSPC, threads);
    shot.ended = std::chrono::steady_clock::now();
    return shot;
}

} // namespace igotchuu::btrfs
