// SPDX-License-Identifier: MIT
#include "exec/retrieve/retrieve.hpp"

#include "exec/retrieve/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>

namespace igotchuu
{

namespace
{

using retrieve::json;

struct Verb {
    std::string_view name;
    void (*answer)(retrieve::Session &session, const json &request);
};
constexpr std::array verbs{
    Verb{"snapshots", retrieve::say_snapshots}, Verb{"list", retrieve::say_list},
    Verb{"find", retrieve::say_found},          Verb{"differences", retrieve::say_differences},
    Verb{"versions", retrieve::say_versions},   Verb{"restore", retrieve::restore},
    Verb{"audit", retrieve::say_audit},         Verb{"mount", retrieve::mount},
};

const Verb &verb_of(const json &request)
{
    const auto name = request.value("verb", "");
    const auto *const found = std::ranges::find(verbs, name, &Verb::name);
    if (found == verbs.end())
        throw Failure{
            std::format("this igotchuu-exec cannot \"{}\": igotchuu and igotchuu-exec are of two versions", printable(name))};
    return *found;
}

} // namespace

int retrieve_for_a_person(const StopRequest &stop)
{
    retrieve::Conversation conversation{stop};
    const auto request = conversation.hear();
    if (!request)
        throw Failure{"no request came on standard input (people type: igotchuu snapshots NAME)"};
    const auto &verb = verb_of(*request);
    const auto where = retrieve::where_of(*request);
    retrieve::Session session{where, conversation, stop};
    verb.answer(session, *request);
    return session.status();
}

} // namespace igotchuu
