// SPDX-License-Identifier: MIT
#include "exec/restic/unremoved.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <format>

using namespace igotchuu::restic;

namespace
{

std::vector<PlannedSnapshot> three()
{
    std::vector<PlannedSnapshot> all(3);
    for (std::size_t number = 0; number < all.size(); ++number)
        all[number].id = std::format("{:064x}", 0x1234567890 + number);
    for (auto &snapshot : all)
        std::ranges::reverse(snapshot.id);
    return all;
}

} // namespace

TEST_CASE("each snapshot that restic says it could not remove is counted once, however much it says afterwards")
{
    const auto all = three();
    Unremoved unremoved{all};
    CHECK(unremoved.word().empty());
    const auto first = std::format("unable to remove snapshot/{} from the repository", all[0].id);
    unremoved.hear("Remove(<snapshot/" + all[2].id.substr(0, 10) + ">) returned error, retrying after 552ms: 403 Forbidden");
    CHECK(unremoved.count() == 0);
    unremoved.hear(first);
    unremoved.hear(first);
    unremoved.hear(std::format("unable to remove <snapshot/{}> from the repository", all[1].id.substr(0, 10)));
    unremoved.hear("unlock failed");
    CHECK(unremoved.count() == 2);
    CHECK(unremoved.word() == first);
}

TEST_CASE("one that cannot be loaded is still there, one that is not found is not")
{
    const auto all = three();
    Unremoved unremoved{all};
    unremoved.hear(std::format(R"(Ignoring "{}": no matching ID found for prefix "{}")", all[0].id, all[0].id));
    CHECK(unremoved.count() == 0);
    unremoved.hear(
        std::format(R"(Ignoring "{}": failed to load snapshot {}: Load(<snapshot/…>): 403)", all[1].id, all[1].id.substr(0, 8)));
    CHECK(unremoved.count() == 1);
}

TEST_CASE("that something stays is known also where it is not said which")
{
    const auto all = three();
    Unremoved unremoved{all};
    unremoved.hear("unable to remove some of them");
    CHECK(unremoved.count() == 0);
    CHECK_FALSE(unremoved.word().empty());
}
