// SPDX-License-Identifier: MIT
// One thing of a frozen source is changed after the backup of it, at random, again and again, each time in a new copy: the comparison finds it, and finds nothing
// where nothing was changed: with [long] in a thousand backups, one after the other. First each kind of fault once. IGOTCHUU_TRIES: how often; IGOTCHUU_SEED: which. And
// what is changed below a file system, so that no time betrays it, is found as well.
#include "exec/restic/compare.hpp"
#include "exec/snapshot/btrfs-ioctl.hpp"
#include "tests/system/restic-bench.hpp"
#include "tests/system/stage.hpp"

#include <algorithm>
#include <fcntl.h>
#include <format>
#include <iostream>
#include <random>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

using namespace igotchuu;
using namespace igotchuu::restic;
namespace fs = std::filesystem;

namespace
{

int number_from(const char *name, int otherwise)
{
    const auto *const text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

/// A source with a backup of it, to be compared again and again.
struct BackedUp : Bench {
    BackedUp()
    {
        job.sources = {"/srv/faults"};
        fs::create_directories("/srv/faults");
        init();
        stage::run({std::getenv("CHEAP_KEY"), repository.location, repository.password.file});
    }
    ~BackedUp() { hide(); }
    static void hide() { umount2("/srv/faults", MNT_DETACH); }

    void back_up()
    {
        made = backup();
        INFO(made.message);
        REQUIRE(made.outcome == Outcome::success);
    }

    struct Verdict {
        Compared metadata, contents{};
        [[nodiscard]] bool disproved() const
        {
            return contents.finding == Finding::disproved || metadata.finding == Finding::disproved;
        }
        [[nodiscard]] bool proven() const { return contents.finding == Finding::proven && metadata.finding == Finding::proven; }
        [[nodiscard]] std::string text() const
        {
            return std::format("contents: {} {}; all else: {} {}", to_string(contents.finding), contents.why,
                               to_string(metadata.finding), metadata.why);
        }
    };
    Verdict compare(bool with_contents)
    {
        const Listener listener{[](const Progress &) {}, [](const std::string &) {}, [](pid_t, int) {}};
        const Features features{"0.18.0", true};
        const Starter starter{.installation = installation,
                              .features = features,
                              .stop = stop,
                              .listener = listener,
                              .starts = starts,
                              .frozen = job.sources};
        const Access access{repository, job.instance, installation, stop};
        const std::function<bool()> ends{[] { return false; }};
        const std::function<void()> heard{[] {}};
        const Comparison comparison{starter, access, made.summary.snapshot_id, job.sources, {}, ends, heard};
        Verdict verdict{.metadata = compare_metadata(
                            comparison, {.job = job, .repository = repository, .access = &access, .instant = instant}, made)};
        if (with_contents)
            verdict.contents =
                compare_contents(comparison, made.summary.total_files_processed, [](const std::string &, std::uint64_t) {});
        return verdict;
    }

    RepositoryResult made;
};

/// A source on a btrfs: a copy of a pristine subvolume, which is backed up and gets a fault.
struct Source : BackedUp {
    Source()
    {
        stage::run({"btrfs", "subvolume", "create", disk / "pristine"});
        fill(disk / "pristine");
    }
    ~Source() { hide(); }

    static void fill(const std::string &top)
    {
        std::mt19937 random{7}; // the same each time
        for (int number = 0; number < 40; ++number) {
            const auto directory = std::format("{}/{}/{}", top, number % 4, number % 3);
            fs::create_directories(directory);
            std::string text(static_cast<std::size_t>(number) * static_cast<std::size_t>(number) * 50, '\0');
            std::ranges::generate(text, [&] { return static_cast<char>(random()); });
            stage::write(std::format("{}/file {}", directory, number), text);
        }
        for (const std::string name : {"caf\xe9", "new\nline", "[brackets]*?", "$HOME", " space "})
            stage::write(top + "/" + name, name);
        fs::create_symlink("0/0", top + "/link");
        fs::create_directories(top + "/empty");
        REQUIRE(mkfifo((top + "/fifo").c_str(), 0640) == 0);
        REQUIRE(setxattr((top + "/ space ").c_str(), "user.mood", "good", 4, 0) == 0);
    }

    /// The backup is of the very copy that gets the fault: a FIFO's device number is a part of it.
    void back_up_copy()
    {
        stage::run({"btrfs", "subvolume", "snapshot", disk / "pristine", disk / "copy"});
        REQUIRE(mount((disk / "copy").c_str(), "/srv/faults", nullptr, MS_BIND, nullptr) == 0);
        back_up();
    }
    void remove_copy()
    {
        hide();
        stage::run({"btrfs", "subvolume", "delete", disk / "copy"});
    }

    stage::Disk disk{"faults"};
};

/// A source on an ext4, of which debugfs(8) changes one thing while it is not mounted: ctime and all else stay.
struct Image : BackedUp {
    Image()
    {
        stage::run({"truncate", "--size=8M", image});
        stage::run({"mkfs.ext4", "-q", image});
        show();
        stage::write("/srv/faults/file", "text");
        REQUIRE(setxattr("/srv/faults/file", "user.mood", "good", 4, 0) == 0);
        const timespec times[] = {{.tv_sec = 1'000'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000'000, .tv_nsec = 0}};
        REQUIRE(utimensat(AT_FDCWD, "/srv/faults/file", times, 0) == 0);
        REQUIRE(chmod("/srv/faults/file", 0640) == 0);
        fs::create_symlink("there", "/srv/faults/link");
        change("stat /file");
        back_up();
    }
    ~Image() { hide(); }

    void show() const { stage::run({"mount", "-o", "loop,noatime", image, "/srv/faults"}); }
    void change(const std::string &command) const
    {
        REQUIRE(umount2("/srv/faults", 0) == 0);
        stage::run({"debugfs", "-w", "-R", command, image});
        show();
    }

    std::string image = top / "ext4";
};

using Random = std::mt19937;

/// A fault, and its name; empty: it is none for that file.
struct Fault {
    std::string_view name;
    bool of_contents; ///< size, times and all else stay: the hashes alone can find it
    bool (*make)(const fs::path &path, Random &random);
};

bool is_file(const fs::path &path)
{
    return fs::is_regular_file(fs::symlink_status(path));
}

struct stat status_of(const fs::path &path)
{
    struct stat status{};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status;
}

void put_times_back(const fs::path &path, const struct stat &before)
{
    const timespec times[] = {before.st_atim, before.st_mtim};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

bool flip_a_bit(const fs::path &path, Random &random)
{
    if (!is_file(path) || fs::file_size(path) == 0)
        return false;
    const auto before = status_of(path);
    const auto at = static_cast<off_t>(random() % fs::file_size(path));
    const Fd file{open(path.c_str(), O_RDWR | O_CLOEXEC)};
    char byte = 0;
    REQUIRE(pread(file.get(), &byte, 1, at) == 1);
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    REQUIRE(pwrite(file.get(), &byte, 1, at) == 1);
    put_times_back(path, before);
    return true;
}

bool cut_a_byte(const fs::path &path, Random &)
{
    if (!is_file(path) || fs::file_size(path) == 0)
        return false;
    const auto before = status_of(path);
    fs::resize_file(path, fs::file_size(path) - 1);
    put_times_back(path, before);
    return true;
}

bool add_a_byte(const fs::path &path, Random &)
{
    if (!is_file(path))
        return false;
    const auto before = status_of(path);
    fs::resize_file(path, fs::file_size(path) + 1);
    put_times_back(path, before);
    return true;
}

bool remove_it(const fs::path &path, Random &)
{
    return fs::remove_all(path) > 0;
}

bool rename_it(const fs::path &path, Random &)
{
    fs::rename(path, path.native() + "~");
    return true;
}

bool add_beside(const fs::path &path, Random &random)
{
    const auto name = path.native() + ".new";
    switch (random() % 3) {
    case 0:
        stage::write(name, "");
        break;
    case 1:
        fs::create_directory(name);
        break;
    default:
        fs::create_symlink("x", name);
    }
    return true;
}

bool change_mode(const fs::path &path, Random &random)
{
    const auto before = status_of(path);
    return !S_ISLNK(before.st_mode) && chmod(path.c_str(), (before.st_mode & 07777) ^ (1U << random() % 9)) == 0;
}

bool change_owner(const fs::path &path, Random &random)
{
    return random() % 2 == 0 ? lchown(path.c_str(), 4711, static_cast<gid_t>(-1)) == 0
                             : lchown(path.c_str(), static_cast<uid_t>(-1), 4711) == 0;
}

bool change_time(const fs::path &path, Random &)
{
    auto status = status_of(path);
    status.st_mtim.tv_nsec = (status.st_mtim.tv_nsec + 1) % 1'000'000'000;
    put_times_back(path, status);
    return true;
}

bool set_attribute(const fs::path &path, Random &)
{
    return (is_file(path) || fs::is_directory(fs::symlink_status(path))) && setxattr(path.c_str(), "user.mood", "bad", 3, 0) == 0;
}

bool swap_type(const fs::path &path, Random &)
{
    if (!is_file(path))
        return false;
    fs::remove(path);
    return mkfifo(path.c_str(), 0640) == 0;
}

bool point_elsewhere(const fs::path &path, Random &)
{
    if (!fs::is_symlink(fs::symlink_status(path)))
        return false;
    fs::remove(path);
    fs::create_symlink("elsewhere", path);
    return true;
}

constexpr Fault faults[] = {
    {"a bit is flipped", true, flip_a_bit},      {"a byte is cut off", false, cut_a_byte},
    {"a byte is added", false, add_a_byte},      {"it is gone", false, remove_it},
    {"it has another name", false, rename_it},   {"something is new", false, add_beside},
    {"it has another mode", false, change_mode}, {"it has another owner", false, change_owner},
    {"it has another time", false, change_time}, {"it has another attribute", false, set_attribute},
    {"it is a FIFO", false, swap_type},          {"the link leads elsewhere", false, point_elsewhere},
};

std::vector<fs::path> all_below(const fs::path &top)
{
    std::vector<fs::path> all;
    for (const auto &entry : fs::recursive_directory_iterator{top})
        all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
}

} // namespace

TEST_CASE("every single fault is found, and none where there is none")
{
    stage::in_namespace([] {
        Source source;
        const auto seed =
            static_cast<Random::result_type>(number_from("IGOTCHUU_SEED", static_cast<int>(std::random_device{}() >> 1U)));
        std::cerr << "IGOTCHUU_SEED=" << seed << '\n';
        Random random{seed};
        const auto tries = number_from("IGOTCHUU_TRIES", 40);
        std::size_t first = 0; // of the faults, each once
        for (int number = 0; number < tries; ++number) {
            source.back_up_copy();
            const auto all = all_below(source.disk / "copy");
            const Fault *fault = nullptr;
            const fs::path *path = nullptr;
            if (number % 10 != 0)
                do {
                    fault = &faults[first < std::size(faults) ? first : random() % std::size(faults)];
                    path = &all[random() % all.size()];
                } while (!fault->make(*path, random));
            first += fault != nullptr;
            const auto verdict = source.compare(fault == nullptr || fault->of_contents);
            const auto what = fault == nullptr ? std::string{"nothing was changed"}
                                               : std::format("{}: {}", path->filename().native(), fault->name);
            stage::must(fault == nullptr ? verdict.proven() : verdict.disproved(),
                        std::format("try {}, seed {}: {}; {}", number, seed, what, verdict.text()));
            if (fault != nullptr && fault->of_contents)
                stage::must(verdict.contents.finding == Finding::disproved, "the hashes did not find that " + what);
            source.remove_copy();
        }
    });
}

TEST_CASE("a sound backup is never disproved, 1,000 times", "[.long]")
{
    stage::in_namespace([] {
        Source source;
        fs::create_hard_link(source.disk / "pristine/0/0/file 12", source.disk / "pristine/another name");
        stage::write(source.disk / "pristine/sparse", "begin");
        fs::resize_file(source.disk / "pristine/sparse", std::uintmax_t{8} * 1024 * 1024);
        const auto tries = number_from("IGOTCHUU_TRIES", 1000);
        for (int number = 0; number < tries; ++number) {
            source.back_up_copy();
            const auto verdict = source.compare(true);
            stage::must(verdict.proven(), std::format("try {}: {}", number, verdict.text()));
            source.remove_copy();
        }
    });
}

TEST_CASE("what no time betrays is found by itself")
{
    struct Change {
        std::string_view name;
        std::string change, back;
    };
    const std::vector<Change> changes{
        {"mode", "set_inode_field /file mode 0100600", "set_inode_field /file mode 0100640"},
        {"owner", "set_inode_field /file uid 4711", "set_inode_field /file uid 0"},
        {"group", "set_inode_field /file gid 4711", "set_inode_field /file gid 0"},
        {"time of modification", "set_inode_field /file mtime @1000000001", "set_inode_field /file mtime @1000000000"},
        {"attribute", "ea_set /file user.mood bad", "ea_set /file user.mood good"},
        {"no attribute", "ea_rm /file user.mood", "ea_set /file user.mood good"},
        {"link", "set_inode_field /link block[0] 0x72656877", "set_inode_field /link block[0] 0x72656874"}, // "wher", "ther"
        {"mode of a directory", "set_inode_field /lost+found mode 040755", "set_inode_field /lost+found mode 040700"},
    };
    stage::in_namespace([&] {
        Image source;
        stage::must(source.compare(true).proven(), "what was not changed differs");
        for (const auto &[name, change, back] : changes) {
            source.change(change);
            const auto changed = source.compare(false);
            stage::must(changed.metadata.finding == Finding::disproved, std::format("another {} is not found", name));
            stage::must(!changed.metadata.different.empty(), std::format("nobody says where another {} is", name));
            source.change(back);
            const auto as_before = source.compare(false);
            stage::must(as_before.metadata.finding == Finding::proven,
                        std::format("not only the {} was changed: {}", name, as_before.metadata.why));
        }
    });
}
