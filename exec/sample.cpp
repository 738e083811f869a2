// SPDX-License-Identifier: MIT
#include "exec/sample.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace igotchuu
{

namespace
{

constexpr std::uint64_t page = 4096;

std::uint64_t on_disk(std::uint64_t size)
{
    return size / page * page + (size % page == 0 ? 0 : page);
}

} // namespace

/// Each of a class is kept with the same chance, however many come: https://en.wikipedia.org/wiki/Reservoir_sampling "Algorithm R".
void Sample::offer(const std::string &path, std::uint64_t size)
{
    auto &of_size = classes_[static_cast<std::size_t>((std::bit_width(size) + 3) / 4)];
    ++of_size.seen;
    if (of_size.kept.size() < count_)
        of_size.kept.push_back({path, size});
    else if (const auto place = below(of_size.seen); place < count_)
        of_size.kept[place] = {path, size};
}

std::vector<std::string> Sample::drawn(std::uint64_t room)
{
    std::vector<std::string> all;
    for (auto &of_size : classes_)
        std::ranges::shuffle(of_size.kept, random_);
    for (bool any = true; any && all.size() < count_;) {
        any = false;
        for (auto &of_size : classes_) {
            std::erase_if(of_size.kept, [&](const File &file) { return on_disk(file.size) > room; });
            if (of_size.kept.empty() || all.size() == count_)
                continue;
            any = true;
            room -= on_disk(of_size.kept.back().size);
            all.push_back(std::move(of_size.kept.back().path));
            of_size.kept.pop_back();
        }
    }
    return all;
}

} // namespace igotchuu
