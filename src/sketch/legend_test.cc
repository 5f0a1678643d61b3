#include "sketch/legend.h"

#include <gmock/gmock.h>

#include "sketch/svg_read.h"
#include "sketch/test_drawings.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Legend, NamesTheClassesThatAreThere) {
  Drawing drawing;
  for (const int label : {17, 17, 6, 0}) {
    Stroke stroke;
    stroke.label = label;
    stroke.points = {{10, 10}, {200, 300}};
    drawing.strokes.push_back(stroke);
  }
  const std::string svg = write_legend_svg(drawing);
  EXPECT_THAT(svg, HasSubstr(">hair-face border</text>"));
  EXPECT_THAT(svg, HasSubstr(">17</text>"));
  EXPECT_THAT(svg, HasSubstr(">nose</text>"));
  EXPECT_THAT(svg, HasSubstr(">not known</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(">hat</text>")));
  EXPECT_THAT(svg, Not(HasSubstr("doubtful")));
}

TEST(Legend, DoubtfulStrokesAreDashedAndLast) {
  Drawing drawing = sample_drawing();
  const std::string svg = write_legend_svg(drawing, {0, 3});
  EXPECT_THAT(svg, HasSubstr("dashed: doubtful"));
  // The legend reads as a drawing of the same strokes.
  const Drawing back = read_svg(svg, "legend.svg");
  ASSERT_EQ(back.strokes.size(), drawing.strokes.size());
  EXPECT_EQ(back.strokes[back.strokes.size() - 2].label, 1);
  EXPECT_EQ(back.strokes.back().label, 4);
  EXPECT_EQ(back.strokes[0].label, 2);
}

TEST(Legend, AnySide) {
  for (const float side : {1.0F, 4000.0F}) {
    const std::string svg = write_legend_svg(sample_drawing(side), {1});
    EXPECT_EQ(read_svg(svg, "legend.svg").strokes.size(), 22U);
  }
}

TEST(Legend, WrongInput) {
  Drawing drawing = sample_drawing();
  EXPECT_THAT(error_of([&] { write_legend_svg(drawing, {22}); }),
              HasSubstr("stroke 22"));
  drawing.strokes[2].points[0].x = NAN;
  EXPECT_THAT(error_of([&] { write_legend_svg(drawing); }),
              HasSubstr("stroke 2"));
}

}  // namespace
}  // namespace limner
