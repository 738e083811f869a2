// SPDX-License-Identifier: MIT
// What restic says that it would forget: what is taken from it is removed for good.
#include "exec/restic/plan.hpp"
#include "job/error.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <set>

using namespace igotchuu;
using namespace igotchuu::restic;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const std::vector<std::string> tags{"igotchuu-job=home", "igotchuu-machine=0123"};
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    try {
        const auto plan = parse_plan(text, tags);
        std::set<std::string> ids;
        for (const auto *const snapshots : {&plan.keep, &plan.remove})
            for (const auto &snapshot : *snapshots) {
                must(snapshot.id.size() == 64 && snapshot.id.find_first_not_of("0123456789abcdef") == snapshot.id.npos,
                     "an id is no option");
                must(ids.insert(snapshot.id).second, "a snapshot stays or goes");
            }
        for (const auto &tag : tags)
            must(ids.empty() || text.contains(tag) || text.contains('\\'), "a snapshot is the job's");
    } catch (const Failure &) { // nothing is removed
    }
    return 0;
}
