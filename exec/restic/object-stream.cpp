// SPDX-License-Identifier: MIT
#include "exec/restic/object-stream.hpp"

#include "job/error.hpp"

#include <utility>

namespace igotchuu::restic
{

namespace
{

/// Of numbers, literals, and what stands between values.
bool is_json(char byte)
{
    return std::string_view{"{}[]:,\" \t\r\n0123456789+-.Eaeflnrstu"}.contains(byte);
}

} // namespace

ObjectStream::ObjectStream(int depth, Hear hear, Hear around) : depth_{depth}, hear_{std::move(hear)}, around_{std::move(around)} {}

void ObjectStream::feed(std::string_view bytes)
{
    for (const auto byte : bytes) {
        if (!in_text_ && !in_other_words_ && !is_json(byte))
            in_other_words_ = other_words_ = true;
        if (in_other_words_) {
            in_other_words_ = byte != '\n';
        } else if (in_text_) {
            take(byte, open_);
            in_text_ = escaped_ || byte != '"';
            escaped_ = !escaped_ && byte == '\\';
        } else if (byte == '{' || byte == '[') {
            take(byte, ++open_);
        } else if (byte == '}' || byte == ']') {
            take(byte, open_);
            close(open_--);
        } else {
            in_text_ = byte == '"';
            take(byte, open_);
        }
    }
}

void ObjectStream::take(char byte, int level)
{
    if (level >= depth_)
        object_ += byte;
    else if (level == depth_ - 2 ||
             (level == depth_ - 1 && (byte == '[' || byte == ']'))) // what stands in the list is no part of it
        rest_ += byte;
    if (object_.size() + rest_.size() > longest)
        throw Failure{"restic says more in one piece than igotchuu can understand (256 MiB)"};
}

void ObjectStream::close(int level)
{
    if (level == depth_) {
        hear_(object_);
        object_.clear();
    } else if (level == depth_ - 2) {
        around_(rest_);
        rest_.clear();
    }
}

} // namespace igotchuu::restic
