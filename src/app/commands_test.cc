#include "app/commands.h"

#include <gmock/gmock.h>

#include "command_line/help.h"
#include "util/test_folder.h"

namespace limner::app {
namespace {

// Every option of every command says what it does, and its default lies in
// its own range.
TEST(CommandsTest, AreDeclaredWell) {
  for (const Command& command : all_commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.details.empty()) << command.name;
    for (const Option& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << command.name << option.names;
      if (const auto* number = std::get_if<int64_t*>(&option.target)) {
        EXPECT_EQ(option.value.empty(), false) << option.names;
        if (!option.fallback.empty()) continue;
        const std::string text = std::to_string(**number);
        EXPECT_EQ(error_of([&] { option.set(text); }), "no error")
            << command.name << " " << option.names;
      }
    }
  }
}

TEST(CommandsTest, HelpFitsATerminal) {
  command_line::Program program;
  program.name = "limner";
  program.commands = all_commands();
  std::vector<std::string> texts = {overview(program)};
  for (const Command& command : program.commands) {
    texts.push_back(help_text(program, command));
  }
  for (const std::string& text : texts) {
    size_t begin = 0;
    while (begin < text.size()) {
      const size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      // Examples are shown as they are typed.
      if (line.rfind("  limner ", 0) != 0) {
        EXPECT_LE(line.size(), 79U) << line;
      }
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace limner::app
