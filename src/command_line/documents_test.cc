// Manual pages and completions of a small program.
#include <gmock/gmock.h>

#include "command_line/completions.h"
#include "command_line/manual.h"

namespace limner::command_line {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DocumentsTest : public ::testing::Test {
 protected:
  DocumentsTest() {
    Command draw;
    draw.name = "draw";
    draw.summary = "Draws it's lines";
    draw.details = {".dots and back\\slashes", "  tool draw in.svg -o out.svg",
                    "  tool draw in.svg", "More."};
    Option setting = flag("--smooth", &smooth_, "smooth them");
    setting.setting = "smooth";
    draw.options = {
        path("DRAWING", "", &file_, "what to draw"),
        path("-o,--out", "FILE", &file_, "where [it] goes: anywhere"),
        choice("--kind", &kind_, {"svg", "png"}, "of the result; not more"),
        whole("--width", "N", &width_, 1, 9, "how wide"), setting};
    Option hidden = flag("--secret", &smooth_, "nobody's");
    hidden.hidden = true;
    draw.options.push_back(hidden);
    Command other;
    other.name = "quiet";
    other.summary = "Not shown";
    other.hidden = true;
    program_ = {"tool", "Draws.", "tool 1.0", {draw, other}};
  }

  const Command& draw() const { return program_.commands.front(); }

  Program program_;
  std::filesystem::path file_;
  std::string kind_ = "svg";
  int64_t width_ = 2;
  bool smooth_ = false;
};

TEST_F(DocumentsTest, ManualOfACommand) {
  const std::string page = man_page(program_, draw());
  EXPECT_THAT(page, StartsWith(".TH TOOL\\-DRAW 1 \"\" \"tool 1.0\" \"tool\"\n"
                               ".SH NAME\ntool\\-draw \\- draws it's lines\n"));
  EXPECT_THAT(page, HasSubstr(".SH SYNOPSIS\ntool draw [options] [DRAWING]\n"));
  EXPECT_THAT(page, HasSubstr(".PP\n\\&.dots and back\\eslashes\n"
                              ".PP\n.RS\n.EX\ntool draw in.svg \\-o out.svg\n"
                              "tool draw in.svg\n.EE\n.RE\nMore.\n"));
  EXPECT_THAT(page, HasSubstr(".SH ARGUMENTS\n.TP\n.B DRAWING\nwhat to draw\n"
                              ".SH OPTIONS\n.TP\n.B \\-o, \\-\\-out FILE\n"));
  EXPECT_THAT(page, HasSubstr(".B \\-\\-smooth, \\-\\-no\\-smooth\n"));
  EXPECT_THAT(page, HasSubstr("how wide (a whole number from 1 to 9; default: "
                              "2)"));
  EXPECT_THAT(page, Not(HasSubstr("secret")));
}

TEST_F(DocumentsTest, ManualOfAProgram) {
  EXPECT_THAT(man_page(program_),
              AllOf(HasSubstr(".BR tool\\-draw (1)\nDraws it's lines\n"),
                    Not(HasSubstr("quiet"))));
}

TEST_F(DocumentsTest, Bash) {
  const std::string script = bash_completions(program_);
  EXPECT_THAT(script, HasSubstr("compgen -W \"draw --help --version\""));
  EXPECT_THAT(script, HasSubstr("    \"draw -o\"|\"draw --out\") wanted=(-f)"));
  EXPECT_THAT(script,
              HasSubstr("    \"draw --kind\") wanted=(-W \"svg png\") ;;\n"));
  EXPECT_THAT(script, HasSubstr("draw) wanted=(-W \"-o --out --kind --width "
                                "--smooth --no-smooth --help\") ;;\n"));
  EXPECT_THAT(script, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("quiet"))));
}

TEST_F(DocumentsTest, Zsh) {
  const std::string script = zsh_completions(program_);
  EXPECT_THAT(script, StartsWith("#compdef tool\n"));
  EXPECT_THAT(script, HasSubstr("    'draw:Draws it'\\''s lines'\n"));
  EXPECT_THAT(script, HasSubstr("'(-o --out)'{-o,--out}'[where \\[it\\] "
                                "goes]:FILE:_files' \\\n"));
  EXPECT_THAT(script, HasSubstr("--kind'[of the result]:NAME:(svg png)' "));
  EXPECT_THAT(script, Not(HasSubstr("secret")));
}

TEST_F(DocumentsTest, Fish) {
  const std::string script = fish_completions(program_);
  EXPECT_THAT(script, HasSubstr("complete -c tool -n __fish_use_subcommand -f "
                                "-a draw -d 'Draws it\\'s lines'\n"));
  EXPECT_THAT(script, HasSubstr("-s o -l out -r -F -d 'where [it] goes'\n"));
  EXPECT_THAT(script, HasSubstr("-l kind -r -f -a 'svg png' -d"));
  EXPECT_THAT(script, HasSubstr("-l smooth -l no-smooth -d 'smooth them'\n"));
  EXPECT_THAT(script, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace limner::command_line
