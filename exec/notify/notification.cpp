// SPDX-License-Identifier: MIT
#include "exec/notify/notification.hpp"

#include "exec/invocation.hpp"
#include "exec/notify/begin.hpp"
#include "exec/notify/happening.hpp"
#include "exec/notify/letter.hpp"
#include "exec/notify/remembered.hpp"
#include "exec/notify/run-log.hpp"
#include "exec/notify/told.hpp"
#include "exec/notify/ways.hpp"
#include "exec/restic/installation.hpp"
#include "exec/service-end.hpp"
#include "exec/troubles.hpp"
#include "exec/unit-properties.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/host-name.hpp"
#include "job/notify.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <format>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

/// Whatever cannot be found out about it is not told.
Circumstances circumstances_of(const Happening &happening)
{
    Circumstances circumstances{.host = printable(host_name()), .next = {}, .log = {}};
    const auto attempt = [](const std::function<void()> &what) {
        try {
            what();
        } catch (const std::exception &error) {
            std::cerr << "igotchuu: " << error.what() << '\n';
        }
    };
    if (const auto timer = happening.subject.timer(); !timer.empty())
        attempt(
            [&] { circumstances.next = printable(unit_properties(timer, "NextElapseUSecRealtime")["NextElapseUSecRealtime"]); });
    if (!happening.invocation_id.empty())
        attempt([&] { circumstances.log = run_log(happening.invocation_id); });
    return circumstances;
}

struct Way {
    std::string_view name;
    std::string words;
    std::function<void(const Circumstances &)> go;
};

/// Everybody who wants to know; what could not be told is said, and does not keep the others from being told. `told`: of something that is looked at again and
/// again, to whom it is no news, and then to whom it is none any more.
ExitStatus tell(const Notify &notify, const Happening &happening, const StopRequest &stop, Told *told = nullptr)
{
    std::vector<Way> ways;
    const auto wanted = [&](const std::vector<Occasion> &on) { return std::ranges::contains(on, *happening.occasion); };
    if (!notify.mail_to.empty() && wanted(notify.mail_on))
        ways.emplace_back("mail", "by mail", [&](const Circumstances &all) { mail(notify, happening, all, stop); });
    if (!notify.command.empty() && wanted(notify.command_on))
        ways.emplace_back("command", "by " + printable(notify.command.front()),
                          [&](const Circumstances &all) { run_command(notify, happening, all, stop); });
    if (!notify.ping.empty() && !happening.subject.is_look()) // that server misses what does not come
        ways.emplace_back("ping", "by ping", [&](const Circumstances &all) { send_ping(notify, happening, all, stop); });
    if (told != nullptr)
        std::erase_if(ways, [&](const Way &way) { return !told->is_news(way.name, happening.troubles); });
    if (ways.empty())
        return ExitStatus::success;
    const auto circumstances = circumstances_of(happening);
    auto status = ExitStatus::success;
    for (const auto &[name, way, go] : ways) {
        try {
            go(circumstances);
            if (told != nullptr)
                told->add(name, happening.troubles);
            std::cout << "Told " << way << ": " << subject_line(happening, circumstances.host) << '\n';
        } catch (const std::exception &error) {
            status = ExitStatus::failed;
            std::cerr << "igotchuu: " << printable(error.what()) << '\n';
        }
    }
    return status;
}

/// Of what is looked at again and again only what is new is news, and only to whom it was not told.
ExitStatus tell_of_look(const Notify &notify, Happening happening, Remembered &remembered, const StopRequest &stop)
{
    const bool is_over = happening.occasion == Occasion::recovery;
    if (!is_over && happening.occasion != Occasion::failure)
        return ExitStatus::success;
    if (is_over)
        happening.troubles = {":over"};
    else if (happening.troubles.empty())
        happening.troubles = {':' + happening.outcome}; // it did not come to look
    remembered.told().forget_what_is_over(happening.troubles);
    const auto status = tell(notify, happening, stop, &remembered.told());
    const bool all_know = is_over && status == ExitStatus::success;
    if (all_know)
        remembered.told() = {};
    remembered.keep(happening.invocation_id, !all_know);
    return status;
}

/// Each thing that is wrong with units or schedules, a line of the log: one that stays hides none that comes.
std::vector<std::string> troubles_with_units(const std::string &invocation_id)
try {
    std::vector<std::string> troubles;
    for (const auto &line : run_log(invocation_id).own)
        troubles.push_back(std::format(":{:x}", std::hash<std::string>{}(line)));
    return troubles;
} catch (const std::exception &error) {
    std::cerr << "igotchuu: " << printable(error.what()) << '\n';
    return {};
}

/// What is kept is tried again all the time: one trouble with all of it, until some of it is sent or given up, or more is kept. Of a list that is empty by now, or
/// that nobody can read, there is none: each such end is news.
std::vector<std::string> troubles_in_sending(const Happening &happening)
try {
    std::string kept;
    for (const auto &instant : read_kept({}, happening.subject.instance).instants)
        kept += instant.run + '+';
    return kept.empty() ? std::vector<std::string>{} : std::vector{kept + ':' + happening.outcome};
} catch (const Failure &error) {
    std::cerr << "igotchuu: " << printable(error.what()) << '\n';
    return {};
}

ExitStatus tell_of_sending(const Notify &notify, const Happening &happening, Remembered &remembered, const StopRequest &stop)
{
    remembered.told().forget_what_is_over(happening.troubles);
    const auto status = tell(notify, happening, stop, happening.troubles.empty() ? nullptr : &remembered.told());
    remembered.keep(happening.invocation_id, remembered.failure());
    return status;
}

/// The end of a run, and what it means after the one before.
ExitStatus tell_this(const Notify &notify, Happening happening, const StopRequest &stop)
{
    Remembered remembered{happening.subject};
    const bool after_failure = remembered.failure();
    if (happening.occasion == Occasion::success && after_failure)
        happening.occasion = Occasion::recovery;
    remembered.keep(happening.invocation_id, after_failure || happening.occasion == Occasion::failure);
    if (happening.subject.is_look())
        return tell_of_look(notify, std::move(happening), remembered, stop);
    if (!happening.occasion)
        return ExitStatus::success;
    if (happening.subject.kind == Subject::Kind::sending)
        return tell_of_sending(notify, happening, remembered, stop);
    const auto status = tell(notify, happening, stop);
    if (happening.occasion == Occasion::recovery && status == ExitStatus::success)
        remembered.keep(happening.invocation_id, false);
    return status;
}

/// A try of the admin's: whatever it was, everybody is told.
ExitStatus tell_last(std::optional<Notify> notify, const Subject &subject, const StopRequest &stop)
{
    if (!notify)
        throw Failure{"there is no /etc/igotchuu/notify.toml, and so nobody to tell"};
    const auto last = last_end_of(subject);
    if (!last || !last->occasion)
        throw Failure{std::format("{} has no run on record that could be told", printable(subject.service()))};
    notify->mail_on = notify->command_on = {*last->occasion};
    return tell(*notify, *last, stop);
}

/// Nothing: there is no such file, and nobody to tell. Throws ConfigError.
std::optional<Notify> load(const SearchPath &path)
{
    auto loaded = load_notify(path);
    if (!loaded)
        return {};
    return *loaded ? **std::move(loaded) : throw std::move(*loaded).error();
}
} // namespace

ExitStatus tell_end(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto subject = subject_of(unit);
    auto notify = load(path);
    if (by_hand())
        return tell_last(std::move(notify), subject, stop);
    auto end = service_end_of_environment("MONITOR_");
    if (end.result == "success" || Remembered{subject}.is_told(end.invocation_id))
        end = {}; // it was not even started: systemd (257) tells of the run before it, be that a success
    if (!notify)
        return ExitStatus::success;
    auto happening = end_of(subject, end);
    if (subject.kind == Subject::Kind::freshness)
        happening.troubles = troubles_of(restic::Installation::standard().cache_directory, subject.instance, end.invocation_id);
    if (subject.kind == Subject::Kind::verification && !end.invocation_id.empty())
        happening.troubles = troubles_with_units(end.invocation_id);
    if (subject.kind == Subject::Kind::sending)
        happening.troubles = troubles_in_sending(happening);
    return tell_this(*notify, std::move(happening), stop);
}

ExitStatus tell_success(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto notify = load(path);
    return notify ? tell_this(*notify, end_of(subject_of(unit), service_end_of_environment("MONITOR_")), stop)
                  : ExitStatus::success;
}

ExitStatus tell_begin(const SearchPath &path, const std::string &unit, const StopRequest &stop)
{
    const auto subject = subject_of(unit);
    const auto notify = load(path);
    if (!notify || subject.kind != Subject::Kind::backup)
        return ExitStatus::success;
    const auto happening = begun(subject, stop);
    return happening ? tell(*notify, *happening, stop) : ExitStatus::success;
}

} // namespace igotchuu
