// SPDX-License-Identifier: MIT
#include "cli/report/report.hpp"

#include "job/days.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <clocale>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>

using namespace igotchuu;
using namespace std::chrono_literals;
using std::chrono::days;

namespace
{

const Clock::time_point now{1'764'000'000s}; // 2025-11-24 16:00:00 UTC

/// The machine's zone is UTC, and its letters are UTF-8.
struct Here {
    Here()
    {
        setenv("TZ", "UTC", 1);
        tzset();
        std::setlocale(LC_ALL, "C.UTF-8");
    }
};

Run a_run(Clock::time_point started, Clock::duration took, Outcome outcome, std::uint64_t added, std::uint64_t files)
{
    RepositoryResult result{.repository = "nas", .outcome = outcome};
    if (has_snapshot(outcome))
        result.summary = {.data_added = added, .total_files_processed = files, .total_bytes_processed = files * 4096};
    return {.started = started, .ended = started + took, .outcome = outcome, .repositories = {result}};
}

void add(Past &job, const Run &run)
{
    note(job.record.days, run);
    job.record.history.insert(job.record.history.begin(), run);
    if (succeeded(run))
        job.record.last_success = run;
}

/// A month, a run each night at three: more files by and by, three nights without, two failures, and one first upload.
Past a_month(const std::string &name)
{
    Past job{.name = name, .instance = name};
    for (int ago = 30; ago >= 0; --ago) {
        const auto night = end_of(date_of(now)) - 21h - days{ago};
        const auto outcome = ago == 4 || ago == 3 ? Outcome::failed : ago == 20 ? Outcome::partial : Outcome::success;
        if (ago < 10 || ago > 12)
            add(job, a_run(night, ago == 30 ? 2h : std::chrono::seconds{300 + 30 * ago}, outcome,
                           ago == 30 ? std::uint64_t{40} << 30 : static_cast<std::uint64_t>(ago % 5) << 30,
                           5000U - static_cast<unsigned>(ago) * 100U));
    }
    return job;
}

std::vector<std::string> shown(const Report &report, std::size_t columns, Signs signs)
{
    return report_lines(report, Screen{open("/dev/null", O_WRONLY | O_CLOEXEC)}, columns, signs);
}

/// Of a text that begins and ends with a line's end.
std::vector<std::string> lines(const std::string &text)
{
    std::vector<std::string> all;
    std::istringstream stream{text.substr(1)};
    for (std::string line; std::getline(stream, line);)
        all.push_back(line);
    return all;
}

std::size_t count(const std::string &text, std::string_view what)
{
    std::size_t found = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

} // namespace

TEST_CASE("a bar is as high as its value, and only that of 0 is none")
{
    CHECK(height(0, 100, 7) == 0);
    CHECK(height(-1, 100, 7) == 0);
    CHECK(height(0, 0, 7) == 0);
    CHECK(height(1e-9, 100, 7) == 1);
    CHECK(height(50, 100, 8) == 4);
    CHECK(height(51, 100, 8) == 5);
    CHECK(height(100, 100, 7) == 7);
    CHECK(height(200, 100, 7) == 7);
}

TEST_CASE("a chart ends today, and has room for all that is known, but for days that a wrong clock made")
{
    const Here here;
    auto job = a_month("home");
    CHECK_FALSE(period_of({}, now));
    CHECK_FALSE(period_of({{.name = "new"}}, now));
    const auto today = date_of(now);
    CHECK(period_of({job}, now) == Period{today - days{30}, today});
    add(job, a_run(Clock::time_point{}, 1s, Outcome::success, 0, 1));
    add(job, a_run(now + days{9000}, 1s, Outcome::success, 0, 1));
    CHECK(period_of({job}, now) == Period{today - days{30}, today});

    for (const std::size_t places : {1, 7, 10, 30, 31, 32, 1000}) {
        INFO(places);
        const Period period{today - days{30}, today};
        const auto length = days_a_slot(period, places);
        const auto slots = slots_of(job, period, length, now);
        CHECK(slots.size() <= places);
        CHECK(slots.front().period.first == period.first);
        CHECK(slots.back().period.last == today);
        CHECK(slots.back().period.days() == std::min<std::size_t>(length, 31));
        CHECK(sum_of(slots).runs == 28);
        CHECK(sum_of(slots).good == 25);
    }
}

TEST_CASE("the age of the newest good backup grows until there is one, and is unknown before the first")
{
    const Here here;
    Past job{.name = "home"};
    const auto today = date_of(now);
    add(job, a_run(end_of(today - days{5}) - 1h, 0s, Outcome::success, 1, 1));
    add(job, a_run(end_of(today - days{3}) - 2h, 0s, Outcome::failed, 0, 0));
    add(job, a_run(now - 30min, 0s, Outcome::success, 1, 1));
    const auto slots = slots_of(job, {today - days{6}, today}, 1, now);
    std::vector<std::optional<Clock::duration>> ages;
    for (const auto &slot : slots)
        ages.push_back(slot.age);
    CHECK(ages == std::vector<std::optional<Clock::duration>>{{}, 1h, 25h, 49h, 73h, 97h, 30min});
    CHECK_FALSE(slots[2].runs);
    CHECK(bytes_added(slots)[1] == 1);
    CHECK_FALSE(bytes_added(slots)[2]);
    CHECK(bytes_added(slots)[3] == 0);
    CHECK_FALSE(file_counts(slots)[3]); // of a run that failed nobody knows
}

TEST_CASE("a month fits on a terminal, with a gap where nothing ran")
{
    const Here here;
    auto job = a_month("home");
    job.objective = 48h;
    const Report report{"laptop", now, {job, {.name = "new"}, {.name = "bad", .fault = "its record is damaged"}}};
    CHECK(shown(report, 80, Signs::blocks) == lines(R"(
2025-10-25 to 2025-11-24; a place is a day; the worst, longest and sum

home: 28 runs, 25 good; newest good backup 12 h ago; objective 48 h
  90.0 GiB added
  outcome                ++++++++++~+++++++   +++++XX+++
  duration          2 h  █▃▃▃▃▃▂▂▂▂▂▂▂▂▂▂▂▂   ▂▂▂▂▂▂▂▂▂▂
  added        40.0 GiB  █▂▂▂▂▁▂▂▂▂▁▂▂▂▂▁▂▂   ▂▂▂▂▁▁▁▂▂▁
  files           5,000  ▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▇▇   ▇▇███  ███
  age          3 d 21 h  ▃▃▃▃▃▃▃▃▃▃▅▃▃▃▃▃▃▃▅▇█▃▃▃▃▃▅▇▃▃▂

new: there is no run yet

bad: its record is damaged

+ good  p pending  ~ partial  s stopped  X failed  w only waited
)"));
    CHECK(shown(report, 40, Signs::ascii) == lines(R"(
2025-10-25 to 2025-11-24
  a place is 3 days
  the worst, longest and sum

home: 28 runs, 25 good
  newest good backup 12 h ago
  objective 48 h; 90.0 GiB added
  outcome                ++++~++++X+
  duration          2 h  #::........
  added        40.0 GiB  #:.::.:.:_.
  files           5,000  -==+++**###
  age          3 d 21 h  ::::=:=#:*:

new: there is no run yet

bad: its record is damaged

+ good  p pending  ~ partial  s stopped
  X failed  w only waited
)"));
}

TEST_CASE("no line is wider than its terminal, whatever a job is called")
{
    const Here here;
    const Report report{
        "laptop", now, {a_month(std::string(200, 'x')), a_month("日本語日本語日本語日本語日本語日本語"), a_month("\x1b[31mred\n")}};
    for (const std::size_t columns : {32, 40, 80, 200})
        for (const auto signs : {Signs::ascii, Signs::blocks})
            for (const auto &line : shown(report, columns, signs)) {
                INFO(line);
                CHECK(width_of(line) <= std::max<std::size_t>(columns, 32));
                CHECK_FALSE(line.contains('\x1b'));
                CHECK_FALSE(line.contains('\n'));
            }
}

TEST_CASE("a page has every job and figure, and nothing of it is taken for markup")
{
    const Here here;
    const std::string odd = "<script>alert('\"&')</script>\x1b\xff";
    auto home = a_month("home");
    home.objective = 48h;
    auto secret = a_month(odd);
    for (auto &run : secret.record.history)
        run.message = "cannot read /home/ada/secret";
    const auto page =
        report_page({"lap<top>", now, {home, secret, {.name = "new"}, {.name = "bad", .fault = "its record <is> damaged"}}});
    CHECK(page.starts_with("<!DOCTYPE html>\n"));
    CHECK(page.contains("<h1>Backups of lap&lt;top&gt;</h1>"));
    CHECK(page.contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;\\x1b\\xff"));
    CHECK(page.contains("its record &lt;is&gt; damaged"));
    CHECK(page.contains("There is no run yet."));
    for (const auto *const never : {"<script", "http", "url(", "@import", "secret", "\x1b", "\xff"})
        CHECK_FALSE(page.contains(never));
    CHECK(count(page, "<svg role=\"img\" aria-label=\"") == 10);
    CHECK(count(page, "<title>") == 11); // the page's own
    CHECK(count(page, "<path class=\"limit\"") == 1);
    CHECK(count(page, "<tr><th scope=\"row\">2025-") == 2 * 28); // a day that had a run
    CHECK(count(page, "<td class=\"bad\">failed</td>") == 2 * 2);
    CHECK(page.contains("40.0 GiB"));
    CHECK_FALSE(report_page({"laptop", now, {}}).contains("<table"));
}

TEST_CASE("a page of fifty jobs and a year loads over any line")
{
    const Here here;
    Past job{.name = "home"};
    for (int ago = 399; ago >= 0; --ago)
        add(job, a_run(now - days{ago}, 1s, Outcome::success, 1, 1));
    Report report{"laptop", now, {}};
    for (int number = 0; number < 50; ++number)
        report.jobs.push_back(job);
    CHECK(report_page(report).size() < 3'000'000);
}

TEST_CASE("the JSON has what the charts are made from, and is valid whatever a job is called")
{
    const Here here;
    auto odd = a_month("\x1b[31mred\xff");
    odd.record.history.front().message = "cannot read /home/ada/secret";
    const auto text = report_json({"laptop", now, {odd, {.name = "new", .instance = "new"}}});
    CHECK_FALSE(text.contains("secret"));
    const auto json = nlohmann::json::parse(text);
    CHECK(json["schema"] == 1);
    CHECK(json["made_usec"] == 1'764'000'000'000'000);
    const auto &job = json["jobs"][0];
    CHECK(job["name"] == "\\x1b[31mred\\xff");
    CHECK(job["days"].size() == 28);
    CHECK(job["days"][0]["date"] == "2025-11-24");
    CHECK(job["days"][0]["files"] == 5000);
    CHECK(job["days"][3]["worst"] == "failed");
    CHECK(job["days"][3]["newest_good_usec"].is_null());
    CHECK(job["history"].size() == 28);
    CHECK(job["history"][0]["repositories"][0]["name"] == "nas");
    CHECK(json["jobs"][1]["newest_good_usec"].is_null());
    CHECK(json["jobs"][1]["days"].empty());
}
