// SPDX-License-Identifier: MIT
// A state file, whoever spoiled it, is read as what it says or as nothing; what was read can be written, and says the same again.
#include "job/state-json.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>

using namespace igotchuu;
using fuzz::must;

namespace
{

template <typename State>
void try_as(std::optional<State> (*from_json)(std::string_view), std::string_view text)
{
    const auto state = from_json(text);
    if (!state)
        return;
    const auto written = to_json(*state);
    must(written.find('\n') == written.size() - 1, "a state is one line");
    const auto again = from_json(written);
    must(again.has_value(), "what was read and written can be read");
    must(to_json(*again) == written, "what was read and written says the same again");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    try_as<Activity>(activity_from_json, text);
    try_as<Record>(record_from_json, text);
    return 0;
}
