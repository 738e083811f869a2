// SPDX-License-Identifier: MIT
#include "exec/lines.hpp"

#include <utility>

namespace igotchuu
{

void Lines::feed(std::string_view bytes)
{
    for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
        add(bytes.substr(0, end));
        end_line();
        bytes.remove_prefix(end + 1);
    }
    add(bytes);
}

void Lines::finish()
{
    if (!line_.empty() || too_long_)
        end_line();
}

void Lines::add(std::string_view bytes)
{
    if (too_long_ || line_.size() + bytes.size() > longest) {
        too_long_ = true;
        line_.clear();
    } else {
        line_ += bytes;
    }
}

void Lines::end_line()
{
    if (std::exchange(too_long_, false))
        ++dropped_;
    else
        take_(line_);
    line_.clear();
}

} // namespace igotchuu
