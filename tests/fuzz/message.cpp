// SPDX-License-Identifier: MIT
// What restic says, as a stream of bytes: cut into lines, parsed, and put where others read it.
#include "exec/restic/message.hpp"
#include "exec/lines.hpp"
#include "job/state-json.hpp"
#include "tests/fuzz/must.hpp"

#include <cmath>
#include <cstdint>

using namespace igotchuu;
using namespace igotchuu::restic;
using fuzz::must;

namespace
{

struct Promises {
    void operator()(const Text &) const {}
    void operator()(const OtherMessage &) const {}
    void operator()(const FileError &error) const { must(!error.message.empty(), "an error says why"); }
    void operator()(const ExitError &) const {}
    void operator()(const Progress &progress) const
    {
        must(progress.percent_done >= 0 && progress.percent_done <= 1, "a share is between 0 and 1");
        const auto state = activity_from_json(to_json(Activity{.progress = progress}));
        must(state && state->progress && state->progress->files_done == progress.files_done, "a state file holds any progress");
    }
    void operator()(const Summary &summary) const
    {
        const auto &id = summary.snapshot_id;
        must(id.empty() || (id.size() == 64 && id.find_first_not_of("0123456789abcdef") == id.npos), "an id is no path");
        must(std::isfinite(summary.total_duration) && summary.total_duration >= 0, "a run lasts a time");
        must(summary.data_blobs >= 0 && summary.tree_blobs >= 0, "nothing is counted below zero");
        const Record record{.history = {Run{.repositories = {{.summary = summary}}}}};
        must(record_from_json(to_json(record)).has_value(), "a record holds any summary");
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    Lines lines{[](std::string_view line) {
        std::visit(Promises{}, parse(line));
        if (const auto item = parse_item(line))
            must(!item->path.empty(), "an item has a path");
        if (const auto node = parse_node(line))
            must(!node->path.empty(), "a node has a path");
    }};
    lines.feed(bytes.substr(0, size / 2));
    lines.feed(bytes.substr(size / 2));
    lines.finish();
    return 0;
}
