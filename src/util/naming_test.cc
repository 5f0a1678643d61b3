#include "util/naming.h"

#include <gmock/gmock.h>

#include <new>

#include "util/test_folder.h"

namespace limner {
namespace {

// What naming() makes of an error of body().
template <typename Body>
std::string named(const std::string& name, const Body& body) {
  return error_of([&] { naming(name, body); });
}

TEST(Naming, PutsTheNameInFrontOnce) {
  EXPECT_EQ(naming("a.svg", [] { return 3; }), 3);
  EXPECT_EQ(named("a.svg", [] { fail("no strokes"); }), "a.svg: no strokes");
  EXPECT_EQ(named("a.svg", [] { fail("a.svg: no strokes"); }),
            "a.svg: no strokes");
  EXPECT_EQ(named("a.svg", [] { fail("no lines found in a.svg"); }),
            "no lines found in a.svg");
  EXPECT_EQ(named("a\nb", [] { fail("no strokes"); }), "a\\x0ab: no strokes");
  EXPECT_EQ(named("", [] { fail("no strokes"); }), "no strokes");
}

TEST(Naming, WhatIsNoFaultOfTheFileKeepsItsMessage) {
  EXPECT_THROW(naming("a.svg", [] { throw ErrorOfAll("no labeler"); }),
               ErrorOfAll);
  EXPECT_EQ(named("a.svg", [] { throw ErrorOfAll("no labeler"); }),
            "no labeler");
  EXPECT_THROW(naming("a.svg", [] { throw std::bad_alloc(); }), std::bad_alloc);
}

TEST(Naming, CanBeTakenAway) {
  EXPECT_EQ(unnamed_message("a.png", "a.png: is empty"), "is empty");
  EXPECT_EQ(unnamed_message("a.png", "b.png: is empty"), "b.png: is empty");
}

}  // namespace
}  // namespace limner
