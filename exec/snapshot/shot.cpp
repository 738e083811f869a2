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
#include <functional>
#include <optional>
#include <semaphore>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>

namespace igotchuu::btrfs
{
namespace
{

constexpr std::size_t threads_max = 128; // 10,000 subvolumes: 5.0 s in 129 transactions; with 32 threads 9.4 s in 444

/// A throw-away snapshot, asked for beside START_SYNC and deleted with this object. A snapshot's own commit takes longer than the one that
/// START_SYNC asks for, which on a busy machine is over before anybody has heard that it had begun: the first one to come was then alone in a
/// transaction. Tried, 8 subvolumes, a writer at full speed, load 30 on 2 cores: one transaction in 37 of 60 tries without, in 56 with it.
class Forerunner
{
public:
    Forerunner(const Fd &origin, const Fd &place)
        : place_{place}, thread_{[&origin, &place] { std::ignore = create_snapshot(origin, place, snapshot_name); }}
    {
    }
    ~Forerunner()
    {
        thread_ = {};
        std::ignore = destroy_snapshot(place_, snapshot_name); // what stays goes with its run's directory
    }
    Forerunner(const Forerunner &) = delete;
    Forerunner &operator=(const Forerunner &) = delete;

private:
    const Fd &place_;
    std::jthread thread_;
};

/// The Nth directory in that of the run; made when it is not there.
Fd place(const Fd &run, std::size_t number)
{
    const auto name = std::to_string(number);
    if (mkdirat(run.get(), name.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make a directory for a snapshot in {}", pool_name);
    Fd directory{openat(run.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!directory)
        fail(errno, "cannot open a directory for a snapshot in {}", pool_name);
    return directory;
}

/// Does not wait for START_SYNC for longer than a second: the kernel's commit thread may miss the call (6.18: one in some thousands). It then hangs,
/// and no signal ends that, until the commit interval is over, 30 s, or somebody commits: the first of our snapshots does.
class Watchdog
{
public:
    explicit Watchdog(const std::function<void()> &bark)
        : thread_{[this, bark] {
              if (!back_.try_acquire_for(std::chrono::seconds{1}))
                  bark();
          }}
    {
    }
    ~Watchdog() { back_.release(); }
    Watchdog(const Watchdog &) = delete;
    Watchdog &operator=(const Watchdog &) = delete;

private:
    std::binary_semaphore back_{0};
    std::jthread thread_;
};

/// One pass over those whose error is `pending`, with at most `threads` threads. `places`: one for each origin, the last for the forerunner.
void pass(const Fd &top, std::span<const Fd *const> origins, std::span<const Fd> places, std::vector<int> &errors, int pending,
          std::size_t threads)
{
    std::vector<std::size_t> todo;
    for (std::size_t i = 0; i < errors.size(); ++i)
        if (errors[i] == pending)
            todo.push_back(i);
    std::atomic<std::size_t> next = 0, waiting = 0;
    std::atomic<bool> started = false;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < todo.size();)
            errors[todo[i]] = create_snapshot(*origins[todo[i]], places[todo[i]], snapshot_name);
    };
    std::vector<std::jthread> others;
    try {
        while (others.size() + 1 < std::min(threads, todo.size()))
            others.emplace_back([&] {
                ++waiting;
                waiting.notify_one();
                started.wait(false);
                work();
            });
    } catch (const std::exception &) {
        // no more threads (pids.max, memory): more transactions, which are counted, but every snapshot
    }
    for (std::size_t there; (there = waiting) < others.size();)
        waiting.wait(there);
    // Whoever comes while the commit of one transaction goes on is in the next one: so a commit is begun when all are there.
    const auto start = [&started] {
        started = true;
        started.notify_all();
    };
    std::optional<Watchdog> watchdog;
    std::optional<Forerunner> forerunner;
    try {
        if (!others.empty() && pending != ENOSPC) {
            watchdog.emplace(start);
            forerunner.emplace(*origins[todo.front()], places.back());
        }
    } catch (const std::exception &) { // no thread more: as above
    }
    if (forerunner)
        start_sync(top);
    start(); // with nothing in between: the commit is soon over
    work();
}

} // namespace

Shot snapshot_all(const Fd &top, std::span<const Fd *const> origins, const Fd &run)
{
    std::vector<Fd> places;
    while (places.size() <= origins.size())
        places.push_back(place(run, places.size()));

    Shot shot{.errors = std::vector<int>(origins.size(), EINPROGRESS), .started = std::chrono::steady_clock::now(), .ended = {}};
    for (std::size_t i = 0; i < origins.size(); ++i)
        if (!*origins[i])
            shot.errors[i] = ENOENT;
    pass(top, origins, places, shot.errors, EINPROGRESS, threads_max);
    // Each snapshot under way reserves some MiB of metadata: what 128 at once find no space for, fewer may (tried, 300 MiB, 6.18).
    for (std::size_t threads = threads_max / 4; threads > 0; threads /= 4)
        pass(top, origins, places, shot.errors, ENOSPC, threads);
    shot.ended = std::chrono::steady_clock::now();
    return shot;
}

} // namespace igotchuu::btrfs
