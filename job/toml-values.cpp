// SPDX-License-Identifier: MIT
#include "job/toml-values.hpp"

#include "job/normal-path.hpp"
#include "job/toml-scan.hpp"
#include "job/unit-keys.hpp"

#include <algorithm>
#include <format>
#include <optional>
#include <toml++/toml.hpp>

namespace igotchuu
{

namespace
{

std::string one_of(std::span<const std::string_view> choices)
{
    std::string text;
    for (const auto choice : choices)
        text += std::format("{}\"{}\"", text.empty() ? "" : ", ", choice);
    return text;
}

std::string wanted(const Key &key)
{
    switch (key.type) {
    case KeyType::text:
        return "a text";
    case KeyType::flag:
        return "true or false";
    case KeyType::count:
        return std::format("a whole number from {} to {}", key.least, key.most);
    case KeyType::duration:
        return R"(a duration of years, months, days and hours, like "1y5m7d2h")";
    case KeyType::text_list:
        return "an array of texts";
    case KeyType::program_list:
        return R"(an array of programs, each an array of texts: [["/path/of/one", "its argument"]])";
    case KeyType::path:
        return "an absolute path";
    case KeyType::path_list:
        return "an array of absolute paths";
    case KeyType::name_list:
        return "an array of names of repositories";
    case KeyType::choice:
        return one_of(key.choices);
    case KeyType::choice_list:
        return "an array of " + one_of(key.choices);
    case KeyType::unit_section:
        return "a table of systemd's own keys";
    case KeyType::switched_section:
        return "a table, or true or false";
    case KeyType::variables:
        return "a table of environment variables";
    }
    std::unreachable();
}

std::string found(const toml::node &node)
{
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "an array";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
        return std::format("the whole number {}", node.as_integer()->get());
    case toml::node_type::floating_point:
        return std::format("the fraction {}", node.as_floating_point()->get());
    case toml::node_type::boolean:
        return node.as_boolean()->get() ? "true" : "false";
    default:
        return "a date or time";
    }
}

std::string alternatives(std::span<const std::string_view> choices)
{
    std::string text;
    for (const auto choice : choices)
        text += std::format("{}{}", text.empty() ? "" : ", .", choice);
    return text;
}

bool is_list(KeyType type)
{
    return type == KeyType::text_list || type == KeyType::path_list || type == KeyType::name_list || type == KeyType::choice_list;
}

bool is_one_text(KeyType type)
{
    return type == KeyType::text || type == KeyType::duration || type == KeyType::path || type == KeyType::choice;
}

/// Whole numbers, each with its unit, each unit once, and not all of them 0. restic takes more than one sense in: "-1d", "1d2d", and 0 for no rule at all.
bool is_duration(std::string_view text)
{
    constexpr std::size_t most_digits = 5;
    std::string_view units = "ymdh"; // those that have not been yet, in restic's own order
    bool any = false;
    while (!text.empty()) {
        const auto digits = text.find_first_not_of("0123456789");
        if (digits == 0 || digits > most_digits || digits == text.npos)
            return false;
        const auto unit = units.find(text[digits]);
        if (unit == units.npos)
            return false;
        any |= text.substr(0, digits).find_first_not_of('0') != text.npos;
        units.remove_prefix(unit + 1);
        text.remove_prefix(digits + 1);
    }
    return any;
}

/// Reads the values of one file.
class Reader
{
public:
    Reader(std::string_view file, std::span<const Key> keys, Findings &findings) : file_{file}, keys_{keys}, findings_{findings} {}

    /// `of`: the name of the table, with a dot behind it; of the whole file nothing.
    void read(const toml::table &table, Values &values, const std::string &of = {})
    {
        for (const auto &[part, node] : table)
            read(part, node, values, of);
    }

private:
    void read(const toml::key &part, const toml::node &node, Values &values, const std::string &of)
    {
        const auto name = of + std::string{part.str()};
        const auto key = std::ranges::find(keys_, name, &Key::name);
        if (key != keys_.end()) {
            values.insert_or_assign(key->name, value(*key, node));
            if (key->type == KeyType::switched_section && node.is_table())
                read_own(*node.as_table(), values, name + '.');
        } else if (!is_table_of_keys(name))
            unknown_key(part, name);
        else if (const auto *const keys = node.as_table(); keys && keys->empty())
            findings_.warnings.push_back(
                place(node.source())
                    .says(std::format("{}: an empty table says nothing, and takes away nothing that another file says", name)));
        else if (keys)
            read(*keys, values, name + '.');
        else
            fault(node, std::format("{}: expected a table, found {}", name, found(node)));
    }

    /// Keys of ours are small, those of systemd begin with a capital: so a misspelt one has one place to be looked for.
    static bool is_own(std::string_view key) { return key.empty() || (key.front() >= 'a' && key.front() <= 'z'); }
    void read_own(const toml::table &table, Values &values, const std::string &of)
    {
        for (const auto &[part, node] : table)
            if (is_own(part.str()))
                read(part, node, values, of);
    }

    [[nodiscard]] Place place(const toml::source_region &region) const { return {file_, region.begin.line, region.begin.column}; }
    void fault(const toml::node &node, std::string message)
    {
        findings_.faults.push_back(place(node.source()).says(std::move(message)));
    }

    /// "; did you mean …?", for the first hundred: the search for a near word takes its time.
    std::string suggestion(std::string_view word, std::span<const std::string_view> known)
    {
        const auto near = suggestions_++ < 100 ? nearest(word, known) : std::string_view{};
        return near.empty() ? std::string{} : std::format("; did you mean \"{}\"?", near);
    }

    /// The one of the file that `word` is, or was meant to be, when it was written below a table at the end: what follows a table's heading belongs to that.
    std::string_view own_key_near(std::string_view word)
    {
        std::vector<std::string_view> known;
        for (const auto &key : keys_)
            if (const auto name = key.name.substr(0, key.name.find('.')); !std::ranges::contains(known, name))
                known.push_back(name);
        if (!is_own(word) || std::ranges::contains(known, word))
            return is_own(word) ? word : std::string_view{};
        return suggestions_++ < 100 ? nearest(word, known) : std::string_view{};
    }

    [[nodiscard]] bool is_table_of_keys(const std::string &name) const
    {
        return !name.contains('.') && std::ranges::any_of(keys_, [&](const Key &key) { return key.name.starts_with(name + '.'); });
    }

    void unknown_key(const toml::key &key, const std::string &name)
    {
        std::vector<std::string_view> known;
        std::ranges::transform(keys_, std::back_inserter(known), &Key::name);
        findings_.faults.push_back(place(key.source()).says(std::format("unknown key \"{}\"{}", name, suggestion(name, known))));
    }

    Value value(const Key &key, const toml::node &node)
    {
        Value value;
        value.place = place(node.source());
        const auto *const array = node.as_array();
        const auto *const table = node.as_table();
        if (is_list(key.type) && array)
            list(key, *array, value.texts);
        else if (key.type == KeyType::program_list && array)
            programs(key, *array, value.programs);
        else if (key.type == KeyType::unit_section && table)
            section(key, *table, value.settings);
        else if (key.type == KeyType::switched_section && (table || node.is_boolean())) {
            value.number = table || node.as_boolean()->get();
            if (table)
                section(key, *table, value.settings);
        } else if (key.type == KeyType::variables && table)
            variables(key, *table, value.settings);
        else if (key.type == KeyType::flag && node.is_boolean())
            value.number = node.as_boolean()->get();
        else if (key.type == KeyType::count && node.is_integer() && node.as_integer()->get() >= key.least &&
                 node.as_integer()->get() <= key.most)
            value.number = node.as_integer()->get();
        else if (is_one_text(key.type) && node.is_string())
            one_text(key, node, value.texts);
        else
            fault(node, std::format("{}: expected {}, found {}{}", key.name, wanted(key), found(node),
                                    is_list(key.type) && node.is_string() ? "; put it into [ ]" : ""));
        return value;
    }

    void list(const Key &key, const toml::array &array, std::vector<Text> &texts)
    {
        if (array.empty() && key.type != KeyType::text_list)
            fault(array, std::format("{}: needs at least one element", key.name));
        for (const auto &element : array) {
            if (!element.is_string())
                fault(element, std::format("{}: expected {}, found {} in it", key.name, wanted(key), found(element)));
            else if (element.as_string()->get().empty() && key.type != KeyType::path_list)
                fault(element, std::format("{}: an empty text", key.name));
            else
                one_text(key, element, texts);
        }
    }

    void programs(const Key &key, const toml::array &array, std::vector<std::vector<Text>> &programs)
    {
        for (const auto &element : array) {
            const auto *const program = element.as_array();
            std::vector<Text> texts;
            if (!program)
                fault(element, std::format("{}: expected {}, found {} in it", key.name, wanted(key), found(element)));
            else if (program->empty())
                fault(element, std::format("{}: a program without its path", key.name));
            else
                list(key, *program, texts);
            if (!texts.empty())
                programs.push_back(std::move(texts));
        }
    }

    void one_text(const Key &key, const toml::node &node, std::vector<Text> &texts)
    {
        auto text = sound_text(key.name, node);
        if (!text)
            return;
        if (key.type == KeyType::path || key.type == KeyType::path_list) {
            auto path = normal_path(*text);
            if (!path)
                return fault(node, std::format("{}: {}", key.name, path.error()));
            *text = *std::move(path);
        }
        if (key.type == KeyType::duration && !is_duration(*text))
            return fault(node, std::format("{}: expected {}, found \"{}\"", key.name, wanted(key), *text));
        const bool is_choice = key.type == KeyType::choice || key.type == KeyType::choice_list;
        if (is_choice && !std::ranges::contains(key.choices, *text))
            return fault(node, std::format("{}: expected {}, found \"{}\"{}", key.name, one_of(key.choices), *text,
                                           suggestion(*text, key.choices)));
        texts.push_back({*std::move(text), place(node.source())});
    }

    /// A text without control characters: a line break in one would be a line of its own in a unit.
    std::optional<std::string> sound_text(std::string_view name, const toml::node &node)
    {
        const auto &text = node.as_string()->get();
        const auto control = std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (control == text.end())
            return text;
        fault(node,
              std::format("{}: the control character \\x{:02x} may not be in it", name, static_cast<unsigned char>(*control)));
        return {};
    }

    void section(const Key &key, const toml::table &table, std::vector<Setting> &settings)
    {
        std::vector<std::pair<const toml::key *, const toml::node *>> lines; // toml++ sorts them by name
        for (const auto &[name, node] : table)
            if (key.type == KeyType::unit_section || !is_own(name.str()))
                lines.emplace_back(&name, &node);
        std::ranges::sort(lines, [](const auto &a, const auto &b) { return a.first->source().begin < b.first->source().begin; });
        for (const auto &[name, node] : lines)
            if (may_be_set(key, *name))
                settings.push_back({std::string{name->str()}, lines_of(std::format("{}.{}", key.name, name->str()), *node)});
    }

    void variables(const Key &key, const toml::table &table, std::vector<Setting> &settings)
    {
        for (const auto &[name, node] : table) {
            const auto variable = std::format("{}.{}", key.name, name.str());
            if (!is_variable(name.str()))
                findings_.faults.push_back(place(name.source()).says(std::format("{}: cannot be a variable's name", variable)));
            else if (const auto *const forms = node.as_table(); forms && forms->size() == 1)
                one_variable(key, variable, *forms->begin(), settings);
            else
                fault(node, std::format("{}: where is its value? {}.credential = \"…\", or .{}", variable, name.str(),
                                        alternatives(key.choices.subspan(1))));
        }
    }

    static bool is_variable(std::string_view name)
    {
        const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
        return !name.empty() && fits(name.front()) &&
               std::ranges::all_of(name, [&](char c) { return fits(c) || (c >= '0' && c <= '9'); });
    }

    void one_variable(const Key &key, const std::string &variable, const auto &entry, std::vector<Setting> &settings)
    {
        const auto &[form, node] = entry;
        const auto name = std::format("{}.{}", variable, form.str());
        if (!std::ranges::contains(key.choices, form.str()))
            findings_.faults.push_back(
                place(form.source()).says(std::format("unknown key \"{}\"{}", name, suggestion(form.str(), key.choices))));
        else if (!node.is_string())
            fault(node, std::format("{}: expected a text, found {}", name, found(node)));
        else if (const auto text = sound_text(name, node))
            settings.push_back({variable.substr(key.name.size() + 1), {std::string{form.str()}, *text}});
    }

    bool may_be_set(const Key &table, const toml::key &name)
    {
        const auto section = table.section.empty() ? table.name : table.section;
        const auto key = name.str();
        const auto where = place(name.source());
        const auto is_plain = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        };
        if (key.empty() || !std::ranges::all_of(key, is_plain)) {
            findings_.faults.push_back(where.says(std::format("{}: \"{}\" cannot be a key of systemd's", table.name, key)));
            return false;
        }
        if (const auto reason = refusal(section, key); !reason.empty()) {
            findings_.faults.push_back(where.says(std::format("{}.{} cannot be set: {}", table.name, key, reason)));
            return false;
        }
        const auto known = systemd_keys(section);
        if (const auto own = own_key_near(key); !own.empty() && !std::ranges::binary_search(known, key)) {
            findings_.faults.push_back(where.says(
                std::format("{}: \"{}\" is no key of systemd's{}; it has to stand above [{}]", table.name, key,
                            own == key ? " but one of ours" : std::format(", and near to ours, \"{}\"", own), table.name)));
            return false;
        }
        if (!std::ranges::binary_search(known, key) && !key.starts_with("X-")) // systemd.unit(5): X- is for others, and ignored
            findings_.warnings.push_back(
                where.says(std::format("{}: systemd knows no key \"{}\" there{}", table.name, key, suggestion(key, known))));
        return true;
    }

    std::vector<std::string> lines_of(const std::string &name, const toml::node &node)
    {
        if (node.is_string())
            return setting_text(name, node);
        if (node.is_boolean())
            return {node.as_boolean()->get() ? "yes" : "no"};
        if (node.is_integer())
            return {std::to_string(node.as_integer()->get())};
        std::vector<std::string> lines;
        if (const auto *const array = node.as_array())
            for (const auto &element : *array) {
                if (element.is_string())
                    std::ranges::move(setting_text(name, element), std::back_inserter(lines));
                else
                    fault(element, std::format("{}: expected an array of texts, found {} in it", name, found(element)));
            }
        else
            fault(node, std::format("{}: expected a text, a whole number, true or false, or an array of texts, found {}", name,
                                    found(node)));
        return lines;
    }

    std::vector<std::string> setting_text(const std::string &name, const toml::node &node)
    {
        auto text = sound_text(name, node);
        if (!text)
            return {};
        if (text->ends_with('\\')) { // systemd.syntax(7)
            fault(node, std::format("{}: a backslash at its end would join it with the next line of the unit", name));
            return {};
        }
        return {*std::move(text)};
    }

    std::string_view file_;
    std::span<const Key> keys_;
    Findings &findings_;
    int suggestions_ = 0;
};

} // namespace

bool read_values(std::string_view file, std::string_view text, std::span<const Key> keys, Values &values, Findings &findings)
{
    if (const auto excess = find_excess(text)) {
        findings.faults.push_back(Place{file, excess->line, excess->column}.says(excess->message));
        return false;
    }
    try {
        Reader{file, keys, findings}.read(toml::parse(text), values);
        return true;
    } catch (const toml::parse_error &error) {
        const auto &place = error.source().begin;
        findings.faults.push_back(Place{file, place.line, place.column}.says(std::string{error.description()}));
        return false;
    }
}

std::vector<UnitSetting> settings_of(const Values &values, std::string_view key)
{
    std::vector<UnitSetting> settings;
    if (const auto place = values.find(key); place != values.end())
        for (const auto &setting : place->second.settings)
            for (const auto &value : setting.values)
                settings.push_back({setting.key, value});
    return settings;
}

void overlay(Values &values, Values above)
{
    for (auto &[name, value] : above) {
        const auto [below, is_new] = values.try_emplace(name);
        auto settings = std::move(below->second.settings);
        std::erase_if(settings,
                      [&](const Setting &setting) { return std::ranges::contains(value.settings, setting.key, &Setting::key); });
        std::ranges::move(value.settings, std::back_inserter(settings));
        below->second = std::move(value);
        below->second.settings = std::move(settings);
    }
}

} // namespace igotchuu
