// SPDX-License-Identifier: MIT
#include "exec/answer.hpp"

#include "exec/cached.hpp"
#include "exec/restic/snapshot-json.hpp"
#include "job/load.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

constexpr int deepest = 5; // answer, snapshots, snapshot, tags, tag

bool still_holds(Clock::time_point since, Clock::time_point now)
{
    return since <= now && now - since < answer_holds; // the clock may have been set back
}

std::int64_t number(Clock::time_point time)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

std::optional<Clock::time_point> time_in(const json &object, const char *name)
{
    const auto &value = restic::member(object, name);
    if (!value.is_number_integer())
        return {};
    return Clock::time_point{std::chrono::microseconds{value.get<std::int64_t>()}};
}

void forget_the_future(Answer &answer, Clock::time_point now)
{
    if (answer.asked > now)
        answer = {.moved = answer.moved};
    for (auto *const time : {&answer.tried, &answer.in_vain_since})
        if (*time > now)
            *time = {};
    answer.moved = std::min(answer.moved, now);
}

constexpr auto directory = "fresh";

std::string name_of(const Repository &repository)
{
    return repository.name + ".json";
}

} // namespace

bool Answer::is_current(Clock::time_point now, Clock::time_point last_change) const
{
    return still_holds(asked, now) && asked > last_change;
}

bool Answer::is_out_of_reach(Clock::time_point now, Clock::time_point last_change) const
{
    return tried > asked && still_holds(tried, now) && tried > last_change;
}

std::string to_json(const Answer &answer, std::string_view address)
{
    return json{{"address", address},
                {"asked", number(answer.asked)},
                {"snapshots", restic::list_of(answer.snapshots)},
                {"tried", number(answer.tried)},
                {"why_not", answer.why_not},
                {"in_vain_since", number(answer.in_vain_since)},
                {"moved", number(answer.moved)}}
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           '\n';
}

std::optional<Answer> answer_from_json(std::string_view text, std::string_view address, Clock::time_point now)
try {
    const auto shallow = [](int depth, json::parse_event_t, const json &) { return depth <= deepest; };
    const auto kept = json::parse(text, shallow, false);
    if (restic::text(kept, "address") != address)
        return Answer{.moved = now};
    Answer answer{.snapshots = restic::stored_in(restic::list(kept, "snapshots")), .why_not = restic::text(kept, "why_not")};
    for (const auto &[name, time] : {std::pair{"asked", &answer.asked}, std::pair{"tried", &answer.tried},
                                     std::pair{"in_vain_since", &answer.in_vain_since}, std::pair{"moved", &answer.moved}}) {
        const auto said = time_in(kept, name);
        if (!said)
            return {};
        *time = *said;
    }
    forget_the_future(answer, now);
    return answer;
} catch (const restic::NotUnderstood &) {
    return {};
}

std::optional<Answer> read_answer(const std::string &cache_directory, const Repository &repository, Clock::time_point now)
{
    return read_cached(cache_directory, directory, name_of(repository)).and_then([&](const std::string &text) {
        return answer_from_json(text, digest_of_address(repository), now);
    });
}

void keep_answer(const std::string &cache_directory, const Repository &repository, const Answer &answer)
{
    write_cached(cache_directory, directory, name_of(repository), to_json(answer, digest_of_address(repository)));
}

} // namespace igotchuu
