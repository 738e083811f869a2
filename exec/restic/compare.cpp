// SPDX-License-Identifier: MIT
#include "exec/restic/compare.hpp"

#include "exec/open-beneath.hpp"
#include "exec/restic/cause.hpp"
#include "exec/restic/command-line.hpp"
#include "exec/restic/message.hpp"
#include "exec/restic/secret.hpp"
#include "exec/restic/tags.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"
#include "job/lies-below.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <linux/magic.h>
#include <ranges>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <utility>

namespace igotchuu::restic
{

namespace
{

constexpr auto patience = "--retry-lock=1m"; // a proof that waits holds a snapshot

void note(Compared &result, const std::string &path)
{
    ++result.differences;
    if (result.different.size() < 1000)
        result.different.push_back(path);
}

std::string listed(const Compared &result)
{
    constexpr std::size_t most = 3;
    std::string text;
    for (const auto &path : result.different | std::views::take(most))
        text += (text.empty() ? "" : ", ") + printable(path);
    if (result.differences > most)
        text += std::format(" and {} more", result.differences - most);
    return text;
}

/// What restic says of the repository while it reads a backup.
class Complaints
{
public:
    explicit Complaints(const Starter &starter) : complain_{starter.listener.complaint} {}

    void hear(const std::string &text)
    {
        if (text.ends_with("operation not permitted")) // see restore_files(); whatever the file is called
            return;
        const bool is_of_damage = is_damage(text);
        if (damage_.empty() && is_of_damage)
            damage_ = text;
        any_ = true;
        complain_(text);
    }
    [[nodiscard]] const std::string &damage() const noexcept { return damage_; }
    [[nodiscard]] bool any() const noexcept { return any_; }

private:
    const std::function<void(std::string)> &complain_;
    std::string damage_;
    bool any_ = false;
};

/// How a start ended that reads a backup, as far as that goes without what it found.
Compared judge_end(const Access &access, const Ended &ended, const std::string &damage)
{
    const auto &last = ended.words.reason();
    if (ended.was_stopped())
        return {};
    if (ended.end.succeeded())
        return {.finding = Finding::proven};
    auto why = explain(access.repository(), ended);
    if (ended.end.signal != 0 || is_out_of_reach(ended.words.cause()) || is_out_of_reach(last))
        return {.why = std::move(why)};
    if (!damage.empty() || is_damage(last))
        return {.finding = Finding::disproved,
                .why = std::format("restic cannot read the backup: {}", printable(damage.empty() ? last : damage, 1000))};
    return {.why = std::move(why)};
}

/// One start for a comparison.
Compared start_for(const Comparison &what, Verb verb, const std::function<void(std::string_view line)> &line)
{
    Complaints complaints{what.starter};
    auto listener = what.starter.listener;
    listener.complaint = [&](const std::string &text) { complaints.hear(text); };
    listener.give_up = what.ends;
    verb.line = [&](std::string_view text) {
        what.heard();
        line(text);
    };
    const Starter starter{.installation = what.starter.installation,
                          .features = what.starter.features,
                          .stop = what.starter.stop,
                          .listener = listener,
                          .starts = what.starter.starts,
                          .root = what.starter.root,
                          .frozen = what.starter.frozen};
    const auto ended = start(starter, what.access, verb);
    auto result = judge_end(what.access, ended, complaints.damage());
    result.complained = complaints.any() || ended.end.signal != 0; // what was killed has no time to
    return result;
}

void add_items(Compared &result, std::string_view sentence)
{
    if (result.differences == 0)
        return;
    result.finding = Finding::disproved;
    result.why = std::format("{}: {}", sentence, listed(result));
}

/// A class of this character alone: in one, and nowhere else in a pattern, U+FFFD is what is no UTF-8 (Go, path/filepath.Match). A line has no newline.
std::string class_of(std::string_view character)
{
    return character == "\n" ? "[\t-\v]" : std::format("[{}]", character);
}

std::string term_for(std::string_view character)
{
    if (character == unsayable || character == "\n")
        return class_of(character);
    if (character == "$") // else a variable of the environment
        return "$$";
    return (std::string_view{"\\*?["}.contains(character) ? "\\" : "") + std::string{character};
}

/// Those of Unicode are of two bytes, from 0xc2 on, or of three, from 0xe1 to 0xe3 on, as much else is; nothing of that is no UTF-8.
bool may_be_blank(std::string_view character)
{
    const auto first = static_cast<unsigned char>(character.front());
    return std::isspace(first) != 0 || (character.size() == 2 && first == 0xc2) ||
           (character.size() == 3 && first >= 0xe1 && first <= 0xe3);
}

/// For restic's --…-file options: names are no arguments, which everybody may read.
Fd patterns_for(std::span<const std::string> paths)
{
    std::string patterns;
    for (const auto &path : paths)
        patterns += line_for(path) + '\n';
    return sealed(patterns);
}

} // namespace

std::string line_for(std::string_view path)
{
    std::string line;
    while (!path.empty()) {
        std::size_t size = 1;
        while (size < path.size() && (static_cast<unsigned char>(path[size]) & 0xc0) == 0x80) // of UTF-8
            ++size;
        const auto character = path.substr(0, size);
        path.remove_prefix(size);
        line += path.empty() && may_be_blank(character) ? class_of(character)
                                                        : term_for(character); // at its end restic takes a blank off
    }
    return line;
}

Compared compare_contents(const Comparison &what, std::uint64_t least, const HearFile &same)
{
    Compared found;
    std::uint64_t files = 0, others = 0;
    bool ended_well = false;
    const auto hear = [&](std::string_view line) {
        const auto item = parse_item(line);
        if (!item) {
            ended_well = ended_well || is_summary(line);
            return;
        }
        const bool expected = lies_below_any(item->path, what.sources);
        if (item->action == "unchanged" && expected) {
            ++files;
            if (!lies_below_any(item->path, what.live))
                same(item->path, item->size);
        } else if (item->action == "restored" && item->size == 0) {
            ++others; // a directory, a link, a special file, another name of a file, an empty file: compare_metadata() looks at those
        } else if (!lies_below_any(item->path, what.live)) {
            note(found, item->path);
        }
    };
    const Fd unopened = patterns_for(what.unopened);
    std::vector<std::string> arguments{"restore",
                                       what.snapshot,
                                       "--target=/",
                                       "--dry-run",
                                       "--overwrite=always",
                                       std::format("--exclude-file=/proc/self/fd/{}", unopened.get()),
                                       "--json",
                                       "-vv",
                                       patience};
    for (const auto &path : what.live)
        arguments.push_back("--exclude=" + literal_pattern(path));
    auto result = start_for(what, {.arguments = std::move(arguments), .inherited = {unopened.get()}}, hear);
    if (result.finding == Finding::disproved) // by damage
        return result;
    result.differences = found.differences;
    result.different = std::move(found.different);
    add_items(result, "the contents are not those of the source");
    if (result.finding != Finding::proven)
        return result;
    if (!ended_well)
        return {.why = "restic did not say to the end what it has compared"};
    if (what.live.empty() && files + others + what.unopened.size() < least)
        return {.finding = Finding::disproved,
                .why = std::format("{} files were backed up, and the snapshot has only {}", least, files + others)};
    return result;
}

namespace
{

bool is_same(const Summary &now, const RepositoryResult &made)
{
    const bool counted = made.summary.snapshot_id.empty() || now.total_files_processed == made.summary.total_files_processed;
    return counted && now.files_new == 0 && now.files_changed == 0 && now.dirs_new == 0 && now.dirs_changed == 0 &&
           now.data_blobs == 0 && now.tree_blobs == 0;
}

/// What such a backup says is new or modified. A directory comes after what is in it.
class Differing
{
public:
    explicit Differing(const Comparison &what, std::string root)
        : what_{what}, root_{std::move(root)}, excused_{what.live.begin(), what.live.end()}
    {
    }

    void hear(const Item &item)
    {
        if (item.action != "new" && item.action != "modified")
            return;
        const bool is_directory = item.path.ends_with('/');
        const auto path = is_directory && item.path != "/" ? item.path.substr(0, item.path.size() - 1) : item.path;
        if (!lies_below_any(path, what_.sources)) {
            is_around_ = true; // a directory on the way to a source is live
        } else if (lies_below_any(path, excused_)) {
            return;
        } else if (what_.later) {
            if (!is_directory && (item.action == "new" || !has_other_names(path)))
                note(found_, path);
        } else if (is_directory && is_stub(path)) {
            excused_.push_back(path);
        } else if (!is_directory || !explained(path)) {
            note(found_, path);
        }
    }
    [[nodiscard]] const Compared &found() const noexcept { return found_; }
    /// Whether something may differ, so that nothing follows from a directory above it that does.
    [[nodiscard]] bool has_excuses() const noexcept { return is_around_ || !excused_.empty(); }

private:
    [[nodiscard]] bool explained(const std::string &directory) const
    {
        const auto is_below = [&](const auto &path) { return lies_below(path, directory); };
        return std::ranges::any_of(excused_, is_below) || std::ranges::any_of(found_.different, is_below);
    }
    /// The place of a nested subvolume in a snapshot: its times are others whenever it is loaded. linux/btrfs_tree.h, BTRFS_EMPTY_SUBVOL_DIR_OBJECTID.
    [[nodiscard]] bool is_stub(const std::string &path) const
    {
        const Fd directory = open_without_links(root_ + path, O_PATH | O_NOFOLLOW);
        struct stat status{};
        struct statfs system{};
        return directory && fstat(directory.get(), &status) == 0 && status.st_ino == 2 && fstatfs(directory.get(), &system) == 0 &&
               system.f_type == BTRFS_SUPER_MAGIC;
    }
    /// The snapshot has the device number of such a file.
    [[nodiscard]] bool has_other_names(const std::string &path) const
    {
        const Fd file = open_without_links(root_ + path, O_PATH | O_NOFOLLOW);
        struct stat status{};
        return file && fstat(file.get(), &status) == 0 && status.st_nlink > 1;
    }

    const Comparison &what_;
    std::string root_;
    std::vector<std::string> excused_;
    bool is_around_ = false;
    Compared found_;
};

/// A backup that stores nothing; its messages come one by one where `hear` is there.
struct Repeated {
    Compared end;
    Summary summary;
};

Repeated repeat(const Comparison &what, const BackupRequest &request, const std::function<void(const Item &)> &hear)
{
    const auto clock = wall_clock(request.instant);
    Verb verb{.arguments = comparison_arguments(request, clock.time, host_name(), own_tags(request.job.instance), what.snapshot),
              .variables = clock.variables};
    if (hear)
        verb.arguments.insert(verb.arguments.begin() + 1, "-vv");
    Repeated result;
    result.end = start_for(what, std::move(verb), [&](std::string_view line) {
        if (const auto item = hear ? parse_item(line) : std::nullopt)
            return hear(*item);
        const auto message = parse(line);
        if (const auto *summary = std::get_if<Summary>(&message))
            result.summary = *summary;
    });
    return result;
}

} // namespace

Compared compare_metadata(const Comparison &what, const BackupRequest &request, const RepositoryResult &made)
{
    constexpr std::string_view sentence = "not as in the source, with all that is known of it";
    if (what.live.empty() && !what.later) { // else something may differ, and it has to be seen what
        const auto [end, summary] = repeat(what, request, {});
        if (end.finding == Finding::proven && is_same(summary, made))
            return end;
        if (end.finding != Finding::proven && made.errors == 0) // what could not be read then cannot be read now
            return end;
    }
    Differing differing{what, request.root};
    const auto [end, summary] = repeat(what, request, [&](const Item &item) { differing.hear(item); });
    const bool unreadable = made.errors > 0 && end.finding == Finding::unproven && summary.total_files_processed > 0;
    if (end.finding != Finding::proven && !unreadable)
        return end;
    if (summary.files_unmodified + summary.dirs_unmodified + summary.files_changed + summary.dirs_changed == 0 &&
        made.summary.total_files_processed > 0)
        return {.why = "restic did not compare it with its snapshot (does a key restic-args keep it from that?)"};
    Compared result{.finding = Finding::proven};
    result.differences = differing.found().differences;
    result.different = differing.found().different;
    add_items(result, sentence);
    if (result.finding == Finding::proven && !what.later && !differing.has_excuses() && made.errors == 0 && !is_same(summary, made))
        return {.finding = Finding::disproved, .why = "restic would store parts of it anew"};
    return result;
}

Compared list_files(const Comparison &what, const HearFile &hear)
{
    return start_for(what, {.arguments = {"ls", what.snapshot, "--json", patience}}, [&](std::string_view line) {
        if (const auto node = parse_node(line); node && node->type == "file" && !lies_below_any(node->path, what.live))
            hear(node->path, node->size);
    });
}

Compared restore_files(const Comparison &what, std::span<const std::string> paths, const std::string &target)
{
    const Fd list = patterns_for(paths);
    return start_for(what,
                     {.arguments = {"--no-cache", "restore", what.snapshot, "--target=" + target,
                                    std::format("--include-file=/proc/self/fd/{}", list.get()), "--json", patience},
                      .inherited = {list.get()}},
                     [](std::string_view) {});
}

} // namespace igotchuu::restic
