// SPDX-License-Identifier: MIT
#include "exec/retrieve/order.hpp"

#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <algorithm>

namespace igotchuu::retrieve
{

namespace
{

Overwrite overwrite_called(const std::string &word)
{
    if (word == "never")
        return Overwrite::never;
    return word == "always" ? Overwrite::always : Overwrite::older;
}

} // namespace

Order order_of(const json &request)
{
    Order order{.paths = request.value("paths", std::vector<std::string>{}),
                .to = request.value("to", ""),
                .as = {},
                .overwrite = overwrite_called(request.value("overwrite", "")),
                .dry_run = request.value("dry-run", false),
                .confirmed = request.value("confirmed", false)};
    if (const auto as = request.value("as", ""); !as.empty() && as != "root")
        order.as = person_called(as);
    const bool are_absolute = std::ranges::all_of(order.paths, [](const auto &path) { return path.starts_with('/'); });
    if (order.paths.empty() || !are_absolute || (!order.to.empty() && !order.to.starts_with('/')))
        throw Failure{"what is restored, and where to, are absolute paths"};
    std::ranges::sort(order.paths);
    std::vector<std::string> apart;
    for (const auto &path : order.paths) // a directory comes before what is in it
        if (!lies_below_any(path, apart))
            apart.push_back(path);
    order.paths = std::move(apart);
    return order;
}

} // namespace igotchuu::retrieve
