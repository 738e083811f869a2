// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm-report.hpp"

#include "job/error.hpp"

#include <nlohmann/json.hpp>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <format>
#include <ranges>

namespace igotchuu::lvm
{
namespace
{

using nlohmann::json;

template <std::integral Number>
std::optional<Number> number_in(std::string_view text, int base)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::optional<double> percent_in(std::string_view text)
{
    double number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::vector<std::string> split(std::string_view text, char between)
{
    std::vector<std::string> parts;
    for (const auto part : text | std::views::split(between))
        if (!std::string_view{part}.empty())
            parts.emplace_back(std::string_view{part});
    return parts;
}

Volume volume_of(const json &row)
{
    const auto text = [&](const char *field) { return row.at(field).get<std::string>(); };
    Volume volume{.group = text("vg_name"), .name = text("lv_name")};
    const auto major = number_in<unsigned>(text("lv_kernel_major"), 10), minor = number_in<unsigned>(text("lv_kernel_minor"), 10);
    if (major && minor) // -1: it is not active
        volume.device = makedev(*major, *minor);
    volume.pool = text("pool_lv");
    volume.origin = text("origin");
    volume.tags = split(text("lv_tags"), ',');
    volume.data_percent = percent_in(text("data_percent"));
    volume.metadata_percent = percent_in(text("metadata_percent"));
    const auto layout = split(text("lv_layout"), ',');
    volume.thin = std::ranges::contains(layout, "thin") && !volume.pool.empty(); // a pool is "thin,pool", and has none
    volume.suspended = text("lv_suspended") == "1";
    return volume;
}

constexpr std::string_view of_tag = "igotchuu=";

bool allowed_in_tag(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           std::string_view{"_+.-/=!:&"}.contains(byte);
}

} // namespace

std::vector<Volume> parse_report(std::string_view text)
{
    try {
        const auto document = json::parse(text);
        std::vector<Volume> volumes;
        for (const auto &report : document.at("report"))
            for (const auto &row : report.at("lv"))
                volumes.push_back(volume_of(row));
        return volumes;
    } catch (const json::exception &error) {
        throw Failure{std::format("lvs says something else than this version of igotchuu knows: {}", error.what())};
    }
}

std::string snapshot_name(std::string_view run, std::size_t number)
{
    constexpr std::size_t enough = 12; // of the invocation: a long name of the group leaves little room (dm names have 127 bytes)
    const auto invocation = run.substr(run.rfind(':') + 1);
    return std::format("{}{}-{}", own_prefix, invocation.substr(0, enough), number);
}

std::string tag_of(std::string_view run)
{
    std::string tag{of_tag};
    for (const char byte : run)
        if (allowed_in_tag(byte))
            tag += byte;
        else
            tag += std::format("#{:02x}", static_cast<unsigned char>(byte));
    return tag;
}

std::optional<std::string> run_of(std::string_view tag)
{
    if (!tag.starts_with(of_tag))
        return std::nullopt;
    std::string run;
    for (auto rest = tag.substr(of_tag.size()); !rest.empty();) {
        if (rest.front() != '#') {
            run += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        const auto byte = number_in<unsigned char>(rest.substr(1, 2), 16);
        if (!byte || rest.size() < 3)
            return std::nullopt;
        run += static_cast<char>(*byte);
        rest.remove_prefix(3);
    }
    return run;
}

std::optional<double> fill_of_pool(std::string_view status)
{
    const auto words = split(status, ' ');
    if (words.size() < 5) // the transaction, metadata, data, the held root, the mode
        return std::nullopt;
    double fill = 0;
    for (const auto &of : {words[1], words[2]}) {
        const auto parts = split(of, '/');
        const auto used = parts.size() == 2 ? number_in<std::uint64_t>(parts[0], 10) : std::nullopt;
        const auto all = parts.size() == 2 ? number_in<std::uint64_t>(parts[1], 10) : std::nullopt;
        if (!used || !all || *all == 0)
            return std::nullopt;
        fill = std::max(fill, static_cast<double>(*used) / static_cast<double>(*all));
    }
    return words[4] == "rw" ? fill : 1.0; // "ro", "out_of_data_space"
}

} // namespace igotchuu::lvm
