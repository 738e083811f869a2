// SPDX-License-Identifier: MIT
#include "cli/retrieve/listing.hpp"

#include <utility>

namespace igotchuu
{

Listing::Listing(As as) : as_{std::move(as)}
{
    if (as_.json)
        list_.emplace(as_.name);
}

void Listing::add(nlohmann::json message)
{
    message.erase("message");
    if (list_)
        list_->add(message);
    else
        as_.show(message);
}

int Listing::end(Retrieval &retrieval, const nlohmann::json &others)
{
    const auto status = retrieval.wait();
    auto all = others;
    all["troubles"] = retrieval.troubles();
    if (list_)
        list_->end(all);
    return status;
}

} // namespace igotchuu
