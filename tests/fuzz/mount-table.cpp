// SPDX-License-Identifier: MIT
// A mountinfo, as it could be at its strangest: every mount in it is found, and the search below a source comes to an end.
#include "job/mount-table.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/unit/little-root.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>

using namespace igotchuu;
using fuzz::must;

namespace
{

/// The ids that a line may start with.
std::vector<std::uint64_t> ids_in(const std::string &text)
{
    std::vector<std::uint64_t> ids;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (std::uint64_t id = 0; std::istringstream{line} >> id)
            ids.push_back(id);
    return ids;
}

void look_below(const MountTable &mounts, const Mount &mount)
{
    for (const auto &source : {std::string{"/"}, std::string{"/home"}, mount.target}) {
        const auto others = mounts.others_below(source, mount.id);
        must(std::ranges::is_sorted(others, {}, &MountTable::Other::target) &&
                 std::ranges::adjacent_find(others, {}, &MountTable::Other::target) == others.end(),
             "each is named once");
        for (const auto &other : others)
            must((source == "/" || other.target.starts_with(source + '/')) && other.target != source,
                 "what is below a source lies below it");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const LittleRoot root;
    const std::string text(reinterpret_cast<const char *>(data), size);
    const MountTable mounts{root.write("/mountinfo", text).c_str()};
    for (const auto id : ids_in(text)) {
        try {
            look_below(mounts, mounts.at(id));
        } catch (const Failure &) { // a line that libmount did not take
        }
    }
    return 0;
}
