// SPDX-License-Identifier: MIT
#include "exec/retrieve/occurrences.hpp"

#include <algorithm>
#include <iterator>

namespace igotchuu::retrieve
{

void Occurrences::add(std::size_t snapshot)
{
    const auto after = std::ranges::upper_bound(spans_, snapshot, {}, &std::pair<std::size_t, std::size_t>::first);
    if (after != spans_.begin() && std::prev(after)->second >= snapshot)
        return;
    const bool goes_on = after != spans_.begin() && std::prev(after)->second + 1 == snapshot,
               leads_to = after != spans_.end() && snapshot + 1 == after->first;
    if (goes_on && leads_to) {
        std::prev(after)->second = after->second;
        spans_.erase(after);
    } else if (goes_on) {
        std::prev(after)->second = snapshot;
    } else if (leads_to) {
        after->first = snapshot;
    } else {
        spans_.emplace(after, snapshot, snapshot);
    }
}

void Occurrences::add(const Occurrences &other)
{
    for (const auto &[first, last] : other.spans_)
        for (auto number = first; number <= last; ++number)
            add(number);
}

bool Occurrences::meets(const Occurrences &other) const
{
    return std::ranges::any_of(spans_, [&](const auto &one) {
        return std::ranges::any_of(other.spans_,
                                   [&](const auto &two) { return one.first <= two.second && two.first <= one.second; });
    });
}

json Occurrences::message() const
{
    auto list = json::array();
    for (const auto &[first, last] : spans_)
        list.push_back(json::array({first, last}));
    return list;
}

std::map<std::string, std::size_t> numbers_of(std::span<const restic::Stored> snapshots)
{
    std::map<std::string, std::size_t> numbers;
    for (std::size_t number = 0; number < snapshots.size(); ++number)
        numbers.emplace(snapshots[number].id, number);
    return numbers;
}

} // namespace igotchuu::retrieve
