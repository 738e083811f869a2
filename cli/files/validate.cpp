// SPDX-License-Identifier: MIT
#include "cli/files/diagnosis.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/exit-status.hpp"

#include <nlohmann/json.hpp>

#include <format>
#include <iostream>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

json to_json(const std::vector<Diagnostic> &diagnostics)
{
    json all = json::array();
    for (const auto &one : diagnostics)
        all.push_back(
            {{"file", printable(one.file)}, {"line", one.line}, {"column", one.column}, {"message", printable(one.message)}});
    return all;
}

void print(const Diagnosis &diagnosis)
{
    for (const auto &fault : diagnosis.faults)
        std::cout << to_string(fault) << '\n';
    for (auto warning : diagnosis.warnings) {
        warning.message = "warning: " + warning.message;
        std::cout << to_string(warning) << '\n';
    }
}

} // namespace

int validate(const ValidateRequest &request)
{
    const auto path = SearchPath::standard();
    Diagnosis diagnosis;
    if (request.files.empty())
        diagnosis = diagnose_all(path);
    for (const auto &file : request.files)
        diagnosis.add(diagnose(path, file));
    if (request.json)
        std::cout << json{{"schema", 1}, {"faults", to_json(diagnosis.faults)}, {"warnings", to_json(diagnosis.warnings)}}.dump()
                  << '\n';
    else
        print(diagnosis);
    return static_cast<int>(diagnosis.faults.empty() ? ExitStatus::success : ExitStatus::bad_configuration);
}

} // namespace igotchuu
