#include "util/html.h"

#include <gtest/gtest.h>

namespace limner {
namespace {

TEST(HtmlEscaped, LeavesNoMarkup) {
  EXPECT_EQ(html_escaped("a < b & \"c\" > d"),
            "a &lt; b &amp; &quot;c&quot; &gt; d");
  EXPECT_EQ(html_escaped(""), "");
}

}  // namespace
}  // namespace limner
