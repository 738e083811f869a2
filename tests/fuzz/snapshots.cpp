// SPDX-License-Identifier: MIT
// What restic lists as the snapshots of this machine, and what is kept of it: by it a backup is called fresh.
#include "exec/answer.hpp"
#include "job/error.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>

using namespace igotchuu;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    constexpr Clock::time_point now{std::chrono::seconds{2}};
    static_cast<void>(answer_from_json(text, "d", now));
    try {
        const Answer answer{.asked = Clock::time_point{std::chrono::seconds{1}}, .snapshots = restic::parse_snapshots(text)};
        for (const auto &snapshot : answer.snapshots)
            must(snapshot.id.size() == 64 && snapshot.id.find_first_not_of("0123456789abcdef") == snapshot.id.npos, "an id is one");
        must(answer_from_json(to_json(answer, "d"), "d", now) == answer, "what is kept is what was said");
    } catch (const Failure &) { // nobody knows, then
    }
    return 0;
}
