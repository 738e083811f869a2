// SPDX-License-Identifier: MIT
#include "cli/report/report.hpp"

#include "cli/overview.hpp"
#include "job/amount.hpp"
#include "job/days.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <map>
#include <utility>

namespace igotchuu
{

namespace
{

using namespace std::chrono;

/// A quarter with a place for each day; of more than that they are too thin for a telephone.
constexpr std::size_t places_max = 92;

/// Heights, not only colours, tell outcomes from each other.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ground: #fbfbfa; --card: #fff; --text: #1c2126; --soft: #5a636c; --line: #d9dde1;
  --bar: #3d6f9e; --good: #3b8a5a; --warning: #b87a14; --bad: #bf3a2b; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --text: #e6e9ec; --soft: #a3adb6; --line: #363c42;
  --bar: #7caeda; --good: #62b585; --warning: #dfab4c; --bad: #ef7568; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 0; }
h2 { font-size: 1.25rem; margin: 0; }
h1, h2, th, td { overflow-wrap: anywhere; }
p { margin: .25rem 0 1rem; color: var(--soft); }
a { color: inherit; }
section, .sum { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; }
figure.wide { grid-column: 1 / -1; }
figcaption { display: flex; justify-content: space-between; gap: 1rem; font-size: .9rem; }
figcaption span, .axis { color: var(--soft); }
svg { display: block; width: 100%; height: 5rem; border-bottom: 1px solid var(--line); }
.wide svg { height: 2.5rem; }
path { fill: var(--bar); }
path.good { fill: var(--good); }
path.warning { fill: var(--warning); }
path.bad { fill: var(--bad); }
path.limit { fill: none; stroke: var(--soft); stroke-dasharray: 4 3; vector-effect: non-scaling-stroke; }
.axis { display: flex; justify-content: space-between; font-size: .8rem; }
.when { white-space: nowrap; }
.keys span { margin-right: 1.2rem; white-space: nowrap; }
.keys i { display: inline-block; width: .6rem; height: .4rem; margin-right: .4rem; background: var(--good); }
.keys i.warning { background: var(--warning); height: .7rem; }
.keys i.bad { background: var(--bad); height: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); }
th, td { text-align: right; padding: .3rem .6rem; border-top: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
th:first-child { text-align: left; white-space: normal; min-width: 6rem; }
td[colspan] { text-align: left; white-space: normal; }
td.good { color: var(--good); }
td.warning { color: var(--warning); }
td.bad { color: var(--bad); font-weight: 600; }
details th:first-child { white-space: nowrap; }
details { margin-top: 1rem; }
summary { cursor: pointer; }
.fault { color: var(--bad); }
section > :last-child { margin-bottom: 0; }
@media (max-width: 40rem) { .sum th:nth-child(n + 4), .sum td:nth-child(n + 4) { display: none; } }
@media print { section { break-inside: avoid; } }
)";

std::string escaped(std::string_view text)
{
    std::string safe;
    for (const char character : printable(text))
        switch (character) {
        case '&':
            safe += "&amp;";
            break;
        case '<':
            safe += "&lt;";
            break;
        case '>':
            safe += "&gt;";
            break;
        case '"':
            safe += "&quot;";
            break;
        case '\'':
            safe += "&#39;";
            break;
        default:
            safe += character;
        }
    return safe;
}

/// How an outcome is seen: the class of the style, and how high its bar is, in percent.
struct Look {
    std::string_view kind;
    std::size_t high;
};

Look look_of(Outcome worst)
{
    switch (worst) {
    case Outcome::success:
        return {"good", 40};
    case Outcome::pending:
    case Outcome::partial:
    case Outcome::stopped:
    case Outcome::not_now:
        return {"warning", 70};
    case Outcome::failed:
    case Outcome::disproved:
    case Outcome::killed:
    case Outcome::bad_configuration:
        return {"bad", 100};
    }
    std::unreachable();
}

constexpr std::size_t full = 100, wide = 10; // of a chart, and of a place in it, in units of its own: percent

std::string bar(std::size_t place, std::size_t high)
{
    return std::format("M{} {}v-{}h{}v{}z", place * wide + 1, full, high, wide - 2, high);
}

std::string path(std::string_view kind, const std::string &bars)
{
    return bars.empty() ? std::string{} : std::format("<path class=\"{}\" d=\"{}\"/>", kind, bars);
}

struct Chart {
    std::string_view title, about; ///< the latter for who hears it: what a bar is
    std::string scale{}; ///< how much the highest bar is; empty: there is none
    std::string paths{};
    std::string_view place = "narrow"; ///< among the others: a class of the style
};

/// Bars, and those above `limit` as bad ones.
std::string bars_of(const Values &values, double most, double limit)
{
    constexpr std::size_t nothing = 2; // one that is 0 is still to be seen
    std::string fine, above;
    for (std::size_t place = 0; place < values.size(); ++place)
        if (values[place])
            (*values[place] > limit ? above : fine) += bar(place, std::max(nothing, height(*values[place], most, full)));
    return path("bar", fine) + path("bad", above);
}

Chart chart_of(std::string_view title, std::string_view about, const Values &values, std::string (*text)(double))
{
    const auto most = most_of(values);
    return {title, about, most > 0 ? text(most) : "", bars_of(values, most, most)};
}

std::string time_of(double amount)
{
    return duration_text(microseconds{static_cast<std::int64_t>(amount)});
}

std::string bytes_of(double amount)
{
    return bytes_text(static_cast<std::uint64_t>(amount));
}

std::string number_of(double amount)
{
    return number_text(static_cast<std::uint64_t>(amount));
}

Chart outcomes(const std::vector<Slot> &slots)
{
    std::map<std::string_view, std::string> bars;
    for (std::size_t place = 0; place < slots.size(); ++place)
        if (slots[place].runs) {
            const auto look = look_of(slots[place].runs->worst);
            bars[look.kind] += bar(place, look.high);
        }
    Chart chart{.title = "Outcome", .about = "the worst of each bar", .place = "wide"};
    for (const auto &[kind, of_kind] : bars)
        chart.paths += path(kind, of_kind);
    return chart;
}

/// With a line for the objective, which is in the picture even when every backup is far younger.
Chart age_of(const Past &job, const std::vector<Slot> &slots)
{
    const auto values = ages(slots);
    const auto limit = static_cast<double>(microseconds{job.objective}.count());
    const auto most = std::max(most_of(values), limit);
    if (limit <= 0)
        return chart_of("Age", "of the newest good backup", values, time_of);
    return {"Age", "of the newest good backup; the line is its objective", time_of(most),
            bars_of(values, most, limit) +
                std::format(R"(<path class="limit" d="M0 {}h{}"/>)", full - height(limit, most, full), slots.size() * wide)};
}

std::string figure(const Chart &chart, const Past &job, const Period &period, std::size_t places)
{
    const auto label =
        std::format("{} of {}, {}, from {} to {}{}", chart.title, escaped(job.name), chart.about, date_text(period.first),
                    date_text(period.last), chart.scale.empty() ? "" : ": up to " + chart.scale);
    return std::format(R"(<figure class="{}"><figcaption><b>{}</b><span>{}</span></figcaption>
<svg role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none"><title>{}</title>{}</svg>
<div class="axis" aria-hidden="true"><span>{}</span><span>{}</span></div></figure>
)",
                       chart.place, chart.title, chart.scale.empty() ? "" : "up to " + chart.scale, label, places * wide, full,
                       label, chart.paths, date_text(period.first), date_text(period.last));
}

std::string cell(std::string_view text, std::string_view kind = {})
{
    return kind.empty() ? std::format("<td>{}</td>", text) : std::format("<td class=\"{}\">{}</td>", kind, text);
}

std::string headings(const std::vector<std::string_view> &texts)
{
    std::string row = "<thead><tr>";
    for (const auto text : texts)
        row += std::format("<th scope=\"col\">{}</th>", text);
    return row + "</tr></thead>\n";
}

/// With a place where a narrow table may break it.
std::string days_text(const Period &period)
{
    return period.first == period.last ? date_text(period.first)
                                       : std::format("{} to <wbr/>{}", date_text(period.first), date_text(period.last));
}

/// What the charts show, in figures: of the places in which there was something.
std::string figures(const Past &job, const std::vector<Slot> &slots)
{
    std::string rows;
    for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
        if (!slot->runs)
            continue;
        const auto &runs = *slot->runs;
        rows += std::format("<tr><th scope=\"row\">{}</th>", days_text(slot->period)) +
                cell(to_string(runs.worst), look_of(runs.worst).kind) + cell(number_text(runs.runs)) +
                cell(number_text(runs.good)) + cell(runs.runs > 0 ? duration_text(runs.longest) : "") +
                cell(runs.runs > 0 ? bytes_text(runs.added) : "") + cell(runs.files > 0 ? number_text(runs.files) : "") +
                cell(runs.bytes > 0 ? bytes_text(runs.bytes) : "") +
                cell(slot->age ? duration_text(duration_cast<microseconds>(*slot->age)) : "") + "</tr>\n";
    }
    return std::format("<details><summary>In figures</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                       "aria-label=\"Figures of {}\"><table>\n{}<tbody>\n{}</tbody></table></div></details>\n",
                       escaped(job.name), headings({"Days", "Worst", "Runs", "Good", "Longest", "Added", "Files", "Size", "Age"}),
                       rows);
}

std::string section(const Past &job, std::size_t number, const std::optional<Period> &period, Clock::time_point now)
{
    auto text = std::format("<section id=\"job-{0}\" aria-labelledby=\"name-{0}\"><h2 id=\"name-{0}\">{1}</h2>\n", number,
                            escaped(job.name));
    if (!period || job.record.days.empty())
        return text +
               (job.fault.empty() ? "<p>There is no run yet.</p>" : std::format("<p class=\"fault\">{}.</p>", escaped(job.fault))) +
               "</section>\n";
    const auto slots = slots_of(job, *period, days_a_slot(*period, places_max), now);
    std::string phrases;
    for (const auto &phrase : headline(job, slots, now))
        phrases += (phrases.empty() ? "" : "; ") + escaped(phrase);
    text += std::format("<p>{}</p>\n<div class=\"charts\">\n", phrases);
    for (const auto &chart :
         std::array{outcomes(slots), chart_of("Duration", "the longest run", durations(slots), time_of),
                    chart_of("Added", "to all repositories together", bytes_added(slots), bytes_of),
                    chart_of("Files", "in the newest backup", file_counts(slots), number_of), age_of(job, slots)})
        text += figure(chart, job, *period, slots.size());
    return text + "</div>\n" + figures(job, slots) + "</section>\n";
}

std::string row_of(const Past &job, std::size_t number, const std::optional<Period> &period, Clock::time_point now)
{
    auto row = std::format("<tr><th scope=\"row\"><a href=\"#job-{}\">{}</a></th>", number, escaped(job.name));
    if (!period || job.record.days.empty())
        return row + std::format("<td colspan=\"6\"{}>{}</td></tr>\n", job.fault.empty() ? "" : " class=\"bad\"",
                                 job.fault.empty() ? "no run yet" : "its record cannot be read");
    const auto sum = sum_of(slots_of(job, *period, days_a_slot(*period, places_max), now));
    const auto &last = job.record.last_success;
    const auto &newest = job.record.days.front();
    return row + cell(last ? ago(now - fresh_as_of(*last)) : "never", last ? "" : "bad") +
           cell(to_string(newest.worst), look_of(newest.worst).kind) +
           cell(std::format("{} of {}", number_text(sum.good), number_text(sum.runs))) + cell(bytes_text(sum.added)) +
           cell(number_text(sum.files)) + cell(bytes_text(sum.bytes)) + "</tr>\n";
}

std::string overview(const Report &report, const std::optional<Period> &period)
{
    std::string rows;
    for (std::size_t at = 0; at < report.jobs.size(); ++at)
        rows += row_of(report.jobs[at], at + 1, period, report.now);
    return std::format("<div class=\"sum scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All "
                       "jobs\"><table>\n{}<tbody>\n{}</tbody></table></div>\n",
                       headings({"Job", "Newest good", "Last day", "Good runs", "Added", "Files", "Size"}), rows);
}

/// What a bar of the charts is, and its colours.
std::string explanation(const Period &period)
{
    const auto days = days_a_slot(period, places_max);
    return std::format(
        R"( From <span class="when">{}</span> to <span class="when">{}</span>; a bar is {}: its worst outcome, its longest run, what
its runs added.</p>
<p class="keys"><span><i></i>good</span> <span><i class="warning"></i>pending, partial, stopped, only waited</span>
<span><i class="bad"></i>failed</span></p>
)",
        date_text(period.first), date_text(period.last), days == 1 ? "a day" : std::format("{} days", days));
}

} // namespace

std::string report_page(const Report &report)
{
    const auto period = period_of(report.jobs, report.now);
    auto page = std::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                            "<title>Backups of {0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>Backups of "
                            "{0}</h1>\n<p>As of <span class=\"when\">{2}</span>.",
                            escaped(report.machine), style, time_text(report.now));
    page += period ? explanation(*period) : "</p>\n";
    page += report.jobs.empty() ? "<p>There is no job yet.</p>\n" : overview(report, period);
    for (std::size_t at = 0; at < report.jobs.size(); ++at)
        page += section(report.jobs[at], at + 1, period, report.now);
    return page + "</main>\n</body>\n</html>\n";
}

} // namespace igotchuu
