// SPDX-License-Identifier: MIT
// What a program called zfs may print: it is read, or refused with a word.
#include "exec/snapshot/zfs-list.hpp"
#include "tests/fuzz/must.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

using namespace igotchuu;
using fuzz::must;

namespace
{

template <typename Parse>
void try_to(Parse parse, std::string_view text)
{
    try {
        must(parse(text).size() == static_cast<std::size_t>(std::ranges::count(text, '\n')), "a line is one of the list");
    } catch (const Failure &) { // not of that form
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    try_to(zfs::parse_file_systems, text);
    try_to(zfs::parse_found, text);
    try_to(zfs::parse_marks, text);
    try_to(zfs::parse_names, text);
    try_to(zfs::parse_written, text);
    try {
        if (const auto names = zfs::parse_names(text); !names.empty()) {
            const auto common = zfs::common_to(names);
            must(std::ranges::all_of(names, [&](const auto &name) { return name.starts_with(common); }), "all lie below it");
        }
    } catch (const Failure &) {
    }
    return 0;
}
