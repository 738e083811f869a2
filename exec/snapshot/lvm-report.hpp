// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// What LVM says, and the names and tags that it allows: no program is run here.
namespace igotchuu::lvm
{

/// A row of lvs(8).
struct Volume {
    std::string group;
    std::string name;
    std::optional<dev_t> device{}; ///< while it is active
    std::string pool{}; ///< the name of its thin pool, in the same group
    std::string origin{}; ///< of a snapshot
    std::vector<std::string> tags{};
    std::optional<double> data_percent{}, metadata_percent{}; ///< of a thin pool that is active; metadata not of a volume
    bool thin = false; ///< a volume of a thin pool: what a snapshot costs nothing of
    bool suspended = false; ///< whoever writes to it waits

    [[nodiscard]] std::string full_name() const { return group + '/' + name; } ///< as LVM's programs take and show it
    friend bool operator==(const Volume &, const Volume &) = default;
};

/// What parse_report() wants to be asked for, for lvs(8) `-o`.
inline constexpr std::string_view report_fields =
    "vg_name,lv_name,lv_kernel_major,lv_kernel_minor,lv_layout,pool_lv,origin,lv_tags,data_percent,metadata_percent,lv_suspended";

/// Of `lvs --reportformat json --binary`. Throws Failure where it is of another form.
[[nodiscard]] std::vector<Volume> parse_report(std::string_view json);

/// The name of a run's snapshot number `number`. All that are made begin with own_prefix.
inline constexpr std::string_view own_prefix = "igotchuu-";
[[nodiscard]] std::string snapshot_name(std::string_view run, std::size_t number);

/// The tag that is a run's mark. Letters, digits and _ + . - / = ! : & may be in a tag (lvm(8)); any other byte of `run` is # and two hexadecimal digits
/// there: "igotchuu=TV#5cx20Shows:0123…".
[[nodiscard]] std::string tag_of(std::string_view run);
/// The run whose mark `tag` is, "INSTANCE:INVOCATION"; nothing for the tags of others.
[[nodiscard]] std::optional<std::string> run_of(std::string_view tag);

/// How full a thin pool is, by what the kernel says of it: "1 12/1024 5000/24000 - rw …" (thin-provisioning.rst, "Status"). From 0 to 1, of data or metadata,
/// whichever is the worse; 1 when it takes no writes any more. Nothing where it is of another form ("Fail").
[[nodiscard]] std::optional<double> fill_of_pool(std::string_view status);

} // namespace igotchuu::lvm
