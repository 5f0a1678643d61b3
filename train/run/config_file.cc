#include <toml++/toml.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "train/run/options.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

using nlohmann::json;

constexpr uint64_t kLongest = 1 << 20;

json to_json(const toml::node& node, const std::string& shown) {
  switch (node.type()) {
    case toml::node_type::table: {
      json table = json::object();
      for (const auto& [key, value] : *node.as_table()) {
        table[std::string(key.str())] = to_json(value, shown);
      }
      return table;
    }
    case toml::node_type::array: {
      json list = json::array();
      for (const toml::node& value : *node.as_array()) {
        list.push_back(to_json(value, shown));
      }
      return list;
    }
    case toml::node_type::string:
      return node.as_string()->get();
    case toml::node_type::integer:
      return node.as_integer()->get();
    case toml::node_type::floating_point:
      return node.as_floating_point()->get();
    case toml::node_type::boolean:
      return node.as_boolean()->get();
    default:
      fail("{}: line {}: settings are texts, numbers, true, false and lists",
           shown, node.source().begin.line);
  }
}

}  // namespace

json read_config_file(const std::filesystem::path& path) {
  const std::vector<unsigned char> bytes = read_file(path, kLongest);
  const std::string text(bytes.begin(), bytes.end());
  const std::string shown = printable(path.string());
  const std::string ending = path.extension().string();
  if (ending == ".toml") {
    try {
      const toml::table table = toml::parse(text);
      return to_json(table, shown);
    } catch (const toml::parse_error& error) {
      fail("{}: line {}: {}", shown, error.source().begin.line,
           printable(std::string(error.description())));
    }
  }
  if (ending == ".json") {
    try {
      return json::parse(text, nullptr, true, true);
    } catch (const json::exception& error) {
      fail("{}: {}", shown, printable(error.what()));
    }
  }
  fail("{}: a configuration file ends in .toml or .json", shown);
}

}  // namespace limner::train
