// SPDX-License-Identifier: MIT
#include "tests/system/stage.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace igotchuu::stage
{

std::string run(const std::vector<std::string> &command)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0)
        fail(errno, "cannot make a pipe");
    const Fd output{ends[0]};
    Fd input{ends[1]};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDERR_FILENO);
    std::vector<char *> arguments;
    for (const auto &word : command)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = -1;
    const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        fail(error, "cannot run {}", command[0]);
    input = Fd{};
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t size; (size = ::read(output.get(), buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(size));
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
        std::string words;
        for (const auto &word : command)
            words += word + ' ';
        throw Failure{std::format("{}: status {}: {}", words, status, text)};
    }
    return text;
}

Disk::Disk(const std::string &name, const std::string &directory, unsigned mebibytes) : mount_point_{"/srv/igotchuu-test-" + name}
{
    const auto image = directory + "/igotchuu-test-" + name + ".btrfs";
    std::filesystem::create_directories("/run/igotchuu/scratch");
    std::filesystem::create_directories("/run/igotchuu/lock");
    std::filesystem::create_directories(mount_point_);
    run({"truncate", std::format("--size={}M", mebibytes), image});
    run({"mkfs.btrfs", "--quiet", "--force", image});
    run({"mount", "-o", "loop", image, mount_point_});
    std::filesystem::remove(image);
}

Disk::~Disk()
{
    while (umount2(mount_point_.c_str(), MNT_DETACH) == 0) {
    }
    std::filesystem::remove(mount_point_);
}

Swap::Swap(std::string path) : path_{std::move(path)}
{
    run({"btrfs", "filesystem", "mkswapfile", "--size", "1m", path_});
    if (swapon(path_.c_str(), 0) < 0)
        fail(errno, "cannot swap on {}", path_);
}

Swap::~Swap()
{
    if (swapoff(path_.c_str()) < 0)
        std::abort();
}

bool Swap::may_lie_on(const std::string &directory)
{
    struct statfs status{};
    if (statfs(directory.c_str(), &status) < 0)
        fail(errno, "cannot look at {}", directory);
    return status.f_type != TMPFS_MAGIC && status.f_type != OVERLAYFS_SUPER_MAGIC;
}

std::string Disk::subvolumes() const
{
    std::istringstream lines{run({"btrfs", "subvolume", "list", "-a", mount_point_})};
    std::string names;
    for (std::string line; std::getline(lines, line);) // "ID 256 gen 9 top level 5 path x"
        names += line.substr(line.find(" top level ")) + '\n';
    return names;
}

Process::Process(const std::function<void()> &work) : pid_{fork()}
{
    if (pid_ < 0)
        fail(errno, "cannot fork");
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work();
        _exit(0);
    }
}

Process::~Process()
{
    kill_and_wait();
}

void Process::kill_and_wait()
{
    if (pid_ <= 0)
        return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

namespace
{

const std::string at_meeting = "meet", at_end = "end";

void say(int socket, const std::string &text)
{
    if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0)
        _exit(2);
}

std::pair<Fd, Fd> socket_pair()
{
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0)
        fail(errno, "cannot make a pair of sockets");
    return {Fd{ends[0]}, Fd{ends[1]}};
}

std::string next_message(int socket)
{
    std::array<char, 65536> buffer{};
    const auto size = recv(socket, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

} // namespace

void Actor::meet() const
{
    say(socket_, at_meeting);
    if (next_message(socket_).empty())
        _exit(2); // the test is gone
}

Play::Play(const std::function<void(const Actor &)> &play) : Play{play, socket_pair()} {}

Play::Play(const std::function<void(const Actor &)> &play, std::pair<Fd, Fd> sockets)
    : Process{[&] {
          sockets.first = Fd{};
          try {
              enter_private_namespace();
              play(Actor{sockets.second.get()});
              say(sockets.second.get(), at_end);
          } catch (const std::exception &error) {
              say(sockets.second.get(), error.what());
          }
      }},
      socket_{std::move(sockets.first)}
{
}

std::string Play::hear()
{
    auto message = next_message(socket_.get());
    if (message.empty())
        throw Failure{"the child died"};
    return message;
}

void Play::meet()
{
    if (const auto message = hear(); message != at_meeting)
        throw Failure{"instead of a meeting: " + message};
}

void Play::go_on()
{
    say(socket_.get(), "go on");
}

void Play::finish()
{
    if (const auto message = hear(); message != at_end)
        throw Failure{message};
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void in_namespace(const std::function<void()> &play)
{
    Play{[&](const Actor &) { play(); }}.finish();
}

std::string thrown_by(const std::function<void()> &action)
{
    try {
        action();
    } catch (const std::exception &error) {
        return error.what();
    }
    throw Failure{"it went well, and should not have"};
}

void must(bool condition, const std::string &what)
{
    if (!condition)
        throw Failure{"not so: " + what};
}

std::vector<const Tree *> shows(const btrfs::Snapshots &snapshots)
{
    std::vector<const Tree *> all;
    for (const auto &tree : snapshots.trees())
        all.push_back(&tree);
    return all;
}

std::string read(const std::string &path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file)
        fail(errno, "cannot read {}", path);
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const std::string &path, const std::string &text)
{
    std::ofstream file{path, std::ios::binary};
    if (!(file << text).flush())
        fail(errno, "cannot write {}", path);
}

std::string mounts()
{
    std::istringstream table{read("/proc/self/mountinfo")};
    std::string mounts;
    for (std::string line; std::getline(table, line);)
        if (!line.contains(" /run/credentials/systemd-")) // one of its timers has fired meanwhile
            mounts += line + '\n';
    return mounts;
}

std::string run_name(const std::string &instance)
{
    std::random_device random;
    return std::format("{}:{:08x}{:08x}{:08x}{:08x}", instance, random(), random(), random(), random());
}

} // namespace igotchuu::stage
