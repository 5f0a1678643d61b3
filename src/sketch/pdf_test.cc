// PDF files that are made here.
#include "sketch/pdf.h"

#include <gmock/gmock.h>

#include <string>

#include "sketch/drawing_file.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string pdf_object(int number, const std::string& content) {
  return fmt::format("{} 0 obj\n{}\nendobj\n", number, content);
}

// One page of 400 x 300 points for each text of drawing commands. There is no
// table of objects: readers make it anew.
std::string pdf(const std::vector<std::string>& pages) {
  std::string kids, objects;
  int number = 3;
  for (const std::string& commands : pages) {
    kids += fmt::format("{} 0 R ", number);
    objects += pdf_object(
        number, fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 "
                            "300] /Contents {} 0 R /Resources << >> >>",
                            number + 1));
    objects += pdf_object(number + 1,
                          fmt::format("<< /Length {} >>\nstream\n{}\nendstream",
                                      commands.size(), commands));
    number += 2;
  }
  return "%PDF-1.4\n" + pdf_object(1, "<< /Type /Catalog /Pages 2 0 R >>") +
         pdf_object(2, fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>",
                                   kids, pages.size())) +
         objects + "trailer\n<< /Root 1 0 R >>\n%%EOF\n";
}

Bytes pdf_bytes(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

constexpr const char* kTwoLines =
    "2 w 0 G 100 250 m 300 250 l S\n"
    "50 50 m 100 0 300 100 350 50 c S";
constexpr const char* kOneLine = "1 g 0 0 400 300 re f 2 w 10 10 m 20 90 l S";

DecodedDrawing decoded_pdf(const std::string& file, int64_t index = 0) {
  ReadOptions options;
  options.index = index;
  return decode_drawing_file(pdf_bytes(file), "a.pdf", options);
}

TEST(Pdf, IsKnownByItsBeginning) {
  EXPECT_TRUE(is_pdf(pdf_bytes("%PDF-1.7\n")));
  EXPECT_FALSE(is_pdf(pdf_bytes("%PDF")));
  EXPECT_FALSE(is_pdf({}));
}

TEST(Pdf, DamageIsToldInOneLine) {
  const std::string good = pdf({kTwoLines});
  for (size_t size = 5; size < good.size() / 2; size += 13) {
    const std::string message =
        error_of([&] { decoded_pdf(good.substr(0, size)); });
    EXPECT_THAT(message, StartsWith("a.pdf: ")) << size;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

#ifdef LIMNER_HAS_PDF

// Whether poppler could be loaded.
bool is_there(const std::string& message) {
  return message.find("cannot be loaded") == std::string::npos;
}

TEST(Pdf, LinesStayLines) {
  const std::string file = pdf({kTwoLines});
  if (!is_there(error_of([&] { decoded_pdf(file); }))) GTEST_SKIP();
  const DecodedDrawing read = decoded_pdf(file);
  EXPECT_FALSE(read.traced);
  EXPECT_THAT(read.notes, IsEmpty());
  ASSERT_EQ(read.drawing.strokes.size(), 2U);
  // The page is 400 points wide, its height is centred, and y goes down.
  const double scale = read.drawing.side / 400.0;
  const Stroke& line = read.drawing.strokes[0];
  EXPECT_NEAR(line.points.front().x, 100 * scale, 0.5);
  EXPECT_NEAR(line.points.front().y, (50 + 50) * scale, 0.5);
  EXPECT_NEAR(line.points.back().x, 300 * scale, 0.5);
  EXPECT_GT(read.drawing.strokes[1].points.size(), 8U);
}

TEST(Pdf, PagesAreChosen) {
  const std::string file = pdf({kTwoLines, kOneLine});
  if (!is_there(error_of([&] { decoded_pdf(file); }))) GTEST_SKIP();
  EXPECT_THAT(decoded_pdf(file).notes, ElementsAre(HasSubstr("has 2 pages")));
  const DecodedDrawing second = decoded_pdf(file, 1);
  EXPECT_EQ(second.drawing.strokes.size(), 1U);
  EXPECT_THAT(second.notes, IsEmpty());
  EXPECT_THAT(error_of([&] { decoded_pdf(file, 2); }),
              HasSubstr("no page 2, the file has 2"));
  std::string large = pdf({kOneLine});
  large.replace(large.find("400 300"), 7, "400000 300");
  EXPECT_THAT(error_of([&] { decoded_pdf(large); }),
              HasSubstr("a page of 400000x300 points"));
}

#else

TEST(Pdf, WithoutPopplerThereIsAWayOut) {
  EXPECT_THAT(error_of([&] { decoded_pdf(pdf({kTwoLines})); }),
              HasSubstr("export the page as SVG or PNG"));
}

#endif

}  // namespace
}  // namespace limner
