// SPDX-License-Identifier: MIT
#include "exec/restic/installation.hpp"
#include "exec/restic/look.hpp"
#include "exec/restic/tags.hpp"
#include "exec/retrieve/left-out.hpp"
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/verbs.hpp"
#include "exec/sources.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <format>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu::retrieve
{

namespace
{

constexpr std::size_t shown = 10; // the largest of each kind

/// How much lies in each directory, before and after: those of the sources, and down to three below them.
class Sizes
{
public:
    explicit Sizes(const Job &job) : job_{job} {}
    void add(const restic::Node &file, std::size_t when) { of_[directory_of(file.path)].at(when) += file.size; }
    /// Those that have grown, the most first.
    [[nodiscard]] std::vector<std::pair<std::string, std::array<std::uint64_t, 2>>> grown() const
    {
        std::vector<std::pair<std::string, std::array<std::uint64_t, 2>>> all;
        std::ranges::copy_if(of_, std::back_inserter(all), [](const auto &one) { return one.second[1] > one.second[0]; });
        std::ranges::sort(all, std::ranges::greater{}, [](const auto &one) { return one.second[1] - one.second[0]; });
        return all;
    }

private:
    [[nodiscard]] std::string directory_of(const std::string &path) const
    {
        const auto source = std::ranges::find_if(job_.sources, [&](const auto &one) { return lies_below(path, one); });
        auto end = source == job_.sources.end() || *source == "/" ? 0 : source->size();
        for (int deep = 0; deep < 3; ++deep) {
            const auto next = path.find('/', end + 1);
            if (next == path.npos)
                break;
            end = next;
        }
        return end == 0 ? "/" : path.substr(0, end);
    }

    const Job &job_;
    std::map<std::string, std::array<std::uint64_t, 2>> of_;
};

void each_of(Place &place, const Job &job, const std::string &snapshot, const restic::HearNode &hear)
{
    std::vector<std::string> patterns;
    std::ranges::transform(job.sources, std::back_inserter(patterns), restic::pattern_of);
    restic::find(place.starter(), place.access(), {.patterns = std::move(patterns), .snapshot = snapshot}, hear,
                 [](const std::string &) {});
}

/// The largest of them, and what all come to.
json message_of(const std::string &reason, std::vector<LeftOut> all)
{
    std::ranges::sort(all, std::ranges::greater{}, &LeftOut::bytes);
    std::uint64_t bytes = 0;
    auto largest = json::array();
    for (const auto &one : all) {
        bytes += one.bytes;
        if (largest.size() < shown)
            largest.push_back({{"path", one.path}, {"bytes", one.counted ? json(one.bytes) : json()}});
    }
    return {{"message", "left out"}, {"reason", reason}, {"paths", all.size()}, {"bytes", bytes}, {"largest", std::move(largest)}};
}

/// What nobody knows a reason for, then the largest.
void say_left_out(Conversation &conversation, Audit found)
{
    if (!found.unknown.empty())
        conversation.say(message_of("", std::move(found.unknown)));
    std::vector<json> messages;
    for (auto &[reason, paths] : found.known)
        messages.push_back(message_of(reason, std::move(paths)));
    std::ranges::sort(messages, std::ranges::greater{},
                      [](const json &message) { return message.at("bytes").get<std::uint64_t>(); });
    for (const auto &message : messages)
        conversation.say(message);
}

/// Two machines may send jobs of one name to one repository: those of this one, the newest first.
std::vector<restic::Stored> of_this_machine(Place &place, const Job &job)
{
    const auto own = restic::own_tags(job.instance);
    std::vector<restic::Stored> some;
    std::ranges::copy_if(place.snapshots(), std::back_inserter(some), [&](const restic::Stored &one) {
        return std::ranges::all_of(own, [&](const auto &tag) { return std::ranges::contains(one.tags, tag); });
    });
    return some;
}

/// Where the newest is, and that and the one before it.
struct Newest {
    Place &place;
    restic::Stored snapshot;
    std::optional<restic::Stored> before;
};

Newest newest_of(Session &session, const Job &job)
{
    std::optional<Newest> newest;
    session.each([&](Place &place) {
        const auto own = of_this_machine(place, job);
        if (!own.empty() && (!newest || own[0].time > newest->snapshot.time))
            newest.emplace(place, own[0], own.size() > 1 ? std::optional{own[1]} : std::nullopt);
    });
    if (!newest)
        throw Failure{std::format("this machine has no snapshot of {} yet, as far as can be seen", printable(job.name))};
    return *newest;
}

} // namespace

void say_audit(Session &session, const json & /*request*/)
{
    if (!session.job())
        throw Failure{"an audit looks at the sources of a job: name it"};
    const auto &job = *session.job();
    const auto newest = newest_of(session, job);
    auto &conversation = session.conversation();
    Sizes sizes{job};
    StoredPaths stored;
    each_of(newest.place, job, newest.snapshot.id, [&](const restic::Node &node) {
        stored.add(node.path);
        sizes.add(node, 1);
    });
    if (newest.before)
        each_of(newest.place, job, newest.before->id, [&](const restic::Node &node) { sizes.add(node, 0); });
    auto found = audit(job, written_to(job, restic::Installation::standard().cache_directory), active_swap_files(), stored,
                       newest.snapshot.time, session.stop());

    conversation.say(message_of(newest.place.name(), newest.snapshot));
    const auto in_backup = found.in_backup, newer = found.newer_bytes;
    say_left_out(conversation, std::move(found));
    if (newest.before)
        for (std::size_t number = 0; const auto &[directory, bytes] : sizes.grown())
            if (number++ < shown)
                conversation.say({{"message", "grown"}, {"path", directory}, {"before", bytes[0]}, {"after", bytes[1]}});
    conversation.say({{"message", "audited"}, {"files", in_backup}, {"newer_bytes", newer}});
}

} // namespace igotchuu::retrieve
