// SPDX-License-Identifier: MIT
#include "cli/files/json-schema.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace igotchuu;

TEST_CASE("the schema has every key where it is written, with what it is")
{
    for (const auto keys : {job_keys(), repository_keys(), notify_keys()}) {
        const auto schema = nlohmann::json::parse(json_schema("a file", keys));
        CHECK(schema["additionalProperties"] == false);
        for (const auto &key : keys) {
            INFO(key.name);
            auto pointer = "/properties/" + std::string{key.name};
            for (auto dot = pointer.find('.'); dot != pointer.npos; dot = pointer.find('.', dot))
                pointer.replace(dot, 1, "/properties/");
            const nlohmann::json::json_pointer place{pointer};
            REQUIRE(schema.contains(place));
            CHECK(schema[place]["description"] == key.line);
            if (key.most > 0)
                CHECK(schema[place]["maximum"] == key.most);
        }
    }
}

TEST_CASE("an editor can tell a wrong value from a right one")
{
    const auto schema = nlohmann::json::parse(json_schema("a job", job_keys()))["properties"];
    CHECK(schema["snapshot"]["enum"].size() == 6);
    CHECK(schema["sources"]["items"]["pattern"] == "^/");
    CHECK(schema["keep"]["properties"]["daily"]["minimum"] == 1);
    CHECK(schema["keep"]["additionalProperties"] == false);
    const auto repository = nlohmann::json::parse(json_schema("a repository", repository_keys()))["properties"];
    CHECK(repository["maintenance"]["type"] == nlohmann::json::array({"object", "boolean"}));
    CHECK(repository["maintenance"]["additionalProperties"] != false);
}
