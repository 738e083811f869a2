// SPDX-License-Identifier: MIT
#include "exec/retrieve/restoring.hpp"

#include "exec/restic/cause.hpp"
#include "exec/restic/secret.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <format>
#include <iostream>

namespace igotchuu::retrieve
{

namespace
{

json to_json(const Progress &progress)
{
    return {{"message", "progress"},
            {"seconds_elapsed", progress.seconds_elapsed},
            {"total_bytes", progress.total_bytes},
            {"bytes_done", progress.bytes_done},
            {"total_files", progress.total_files},
            {"files_done", progress.files_done}};
}

} // namespace

/// A file system that has no space for an attribute (ext4: one block for all of a file) may have much for files.
void Complaints::hear(const std::string &line)
{
    constexpr std::uint64_t most = 10;
    const bool names_space = line.ends_with("no space left on device") || line.ends_with("disk quota exceeded");
    is_full_ = is_full_ || (names_space && !line.contains("xattr."));
    if (!line.contains("operation not permitted") && ++count_ <= most) // an owner that cannot be restored is counted by us
        std::cerr << "restic: " << line << '\n';
}

/// Of a file that it cannot restore whole, restic sets size and times all the same (0.17 to 0.19).
void Complaints::hear(const restic::FileError &error)
{
    const auto &text = error.message;
    const bool is_of_attribute = text.starts_with("xattr.");
    if (is_of_attribute)
        unlike_.insert(error.item);
    if (!is_of_attribute && !text.ends_with("operation not permitted") && !text.ends_with("operation not supported")) // rights
        incomplete_.insert(error.item);
}

Restoring::Restoring(Session &session, Place &place, const std::string &snapshot, const Part &part, const Way &way)
    : session_{session}, place_{place}, staging_{part.directory, part.into, snapshot, way},
      patterns_{restic::sealed(patterns_of(part))},
      listener_{[this](const Progress &progress) { session_.conversation().say(to_json(progress)); },
                [this](const std::string &line) { complaints_.hear(line); }, [](pid_t, int) {},
                [this] { return complaints_.is_full(); }}
{
    running_.emplace(starter(), place_.access(), verb(snapshot, part, way));
}

restic::Starter Restoring::starter() const
{
    const auto &all = place_.starter();
    return {
        .installation = all.installation, .features = all.features, .stop = all.stop, .listener = listener_, .starts = all.starts};
}

restic::Verb Restoring::verb(const std::string &snapshot, const Part &part, const Way &way)
{
    std::vector<std::string> arguments{"restore",
                                       std::format("{}:{}", snapshot, part.from),
                                       "--target=" + staging_.target(),
                                       std::format("--exclude-file=/proc/self/fd/{}", patterns_.get()),
                                       "--sparse",
                                       "--overwrite=always", // what an earlier one has left is believed by its contents alone
                                       "--json"};
    if (restic::foreign_owner(place_.repository())) // root writes nothing where somebody else may put links
        arguments.insert(arguments.end(), {"--no-lock", "--no-cache"});
    else if (restic::is_read_only(place_.repository())) // there can be none
        arguments.emplace_back("--no-lock");
    else
        arguments.emplace_back("--retry-lock=1m");
    return {.arguments = std::move(arguments),
            .inherited = {staging_.inherited(), patterns_.get()},
            .confinement =
                confined_to_restore(place_.starter().installation.setpriv, way.as() ? Restored::for_a_person : Restored::as_it_was),
            .error = [this](const restic::FileError &error) { complaints_.hear(error); }};
}

void Restoring::check_end(const restic::Ended &ended)
{
    if (complaints_.is_full()) {
        staging_.remove();
        throw Failure{std::format("the disk is full; nothing of it was brought to its place, and what had come to {} is gone again",
                                  printable(staging_.path()))};
    }
    const bool is_cut_off = !ended.end.succeeded() && restic::is_out_of_reach(ended.words.cause());
    if (!ended.end.interrupted && ended.end.signal == 0 && !is_cut_off && ended.words.has_summary())
        return;
    if (staging_.is_resumable())
        std::cerr << std::format("igotchuu: what has come is in {}: the same again goes on from there; to give it up: rm -r it\n",
                                 printable(staging_.path()));
    else
        staging_.remove();
    session_.stop().check();
    throw Failure{ended.end.succeeded()
                      ? "restic has ended without a word on what it has restored: nothing was brought to its place"
                      : explained(ended)};
}

std::string Restoring::explained(const restic::Ended &ended) const
{
    return restic::explain(place_.repository(), ended);
}

restic::Ended Restoring::wait()
{
    const auto ended = running_->wait();
    check_end(ended);
    return ended;
}

void Restoring::give_up()
{
    running_.reset();
    staging_.remove();
}

} // namespace igotchuu::retrieve
