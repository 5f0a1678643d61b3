// Event files, metrics, the report, and the watch over losses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <regex>

#include "image/codec.h"
#include "train/run/event_file.h"
#include "train/run/metrics.h"
#include "train/run/report.h"
#include "train/run/watch.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

uint32_t crc_of(const std::string& text) {
  return crc32c(
      {reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

// RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc_of("123456789"), 0xe3069283U);
  EXPECT_EQ(crc_of(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc_of(std::string(32, '\xff')), 0x62a8ab43U);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(crc_of(rising), 0x46dd794eU);
  EXPECT_EQ(crc_of(""), 0U);
}

// A protocol buffer taken apart: numbers of fields and their bytes (of a
// varint, its value as text).
std::multimap<int, std::string> fields_of(const std::string& message) {
  std::multimap<int, std::string> fields;
  size_t at = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const uint64_t key = varint();
    const auto number = static_cast<int>(key >> 3);
    size_t size = 0;
    switch (key & 7) {
      case 0:
        fields.emplace(number, std::to_string(varint()));
        continue;
      case 1:
        size = 8;
        break;
      case 2:
        size = varint();
        break;
      case 5:
        size = 4;
        break;
      default:
        ADD_FAILURE() << "wire type " << (key & 7);
        return fields;
    }
    EXPECT_LE(at + size, message.size());
    fields.emplace(number, message.substr(at, size));
    at += size;
  }
  return fields;
}

std::string one(const std::multimap<int, std::string>& fields, int number) {
  EXPECT_EQ(fields.count(number), 1U) << number;
  return fields.find(number)->second;
}

// The events of a file, with the checksums of their frames checked.
std::vector<std::multimap<int, std::string>> events_of(const fs::path& path) {
  const auto bytes = read_file(path);
  const std::string text(bytes.begin(), bytes.end());
  std::vector<std::multimap<int, std::string>> events;
  const auto check = [&](const std::string& data, size_t at) {
    uint32_t stored = 0;
    std::memcpy(&stored, text.data() + at, 4);
    const uint32_t rotated = stored - 0xa282ead8U;
    EXPECT_EQ(rotated >> 17 | rotated << 15, crc_of(data));
  };
  for (size_t at = 0; at < text.size();) {
    uint64_t size = 0;
    std::memcpy(&size, text.data() + at, 8);
    check(text.substr(at, 8), at + 8);
    const std::string event = text.substr(at + 12, size);
    check(event, at + 12 + size);
    events.push_back(fields_of(event));
    at += 16 + size;
  }
  return events;
}

TEST(EventFile, IsReadBack) {
  const TestFolder folder;
  Image picture(3, 2, 3);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = static_cast<uint8_t>(i * 14);
  }
  {
    EventFile file(folder.path(), 301);
    file.scalars(350, {{"losses/a", 0.5}, {"losses/b", -2.0}});
    file.picture(400, "sheet", picture);
  }
  const fs::path path = fs::directory_iterator(folder.path())->path();
  EXPECT_THAT(path.filename().string(), HasSubstr("events.out.tfevents."));
  const auto events = events_of(path);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(one(events[0], 3), "brain.Event:2");
  EXPECT_EQ(one(events[1], 2), "301");
  EXPECT_EQ(one(fields_of(one(events[1], 7)), 1), "1");  // START

  EXPECT_EQ(one(events[2], 2), "350");
  double time = 0;
  std::memcpy(&time, one(events[2], 1).data(), 8);
  EXPECT_GT(time, 1.5e9);
  std::map<std::string, float> scalars;
  for (const auto& [number, text] : fields_of(one(events[2], 5))) {
    EXPECT_EQ(number, 1);
    const auto value = fields_of(text);
    std::memcpy(&scalars[one(value, 1)], one(value, 2).data(), 4);
  }
  EXPECT_EQ(scalars, (std::map<std::string, float>{{"losses/a", 0.5F},
                                                   {"losses/b", -2.0F}}));

  const auto value = fields_of(one(fields_of(one(events[3], 5)), 1));
  EXPECT_EQ(one(value, 1), "sheet");
  const auto image = fields_of(one(value, 4));
  EXPECT_EQ(one(image, 1), "2");
  EXPECT_EQ(one(image, 2), "3");
  EXPECT_EQ(one(image, 3), "3");
  const std::string png = one(image, 4);
  EXPECT_EQ(decode_rgb({reinterpret_cast<const unsigned char*>(png.data()),
                        png.size()},
                       "png")
                .pixels,
            picture.pixels);
}

TEST(EventFile, TwoInOneSecondAreTwoFiles) {
  const TestFolder folder;
  const EventFile a(folder.path(), 1), b(folder.path(), 1);
  const fs::directory_iterator files(folder.path());
  EXPECT_EQ(std::distance(fs::begin(files), fs::end(files)), 2);
}

TEST(Metrics, LinesPastTheCheckpointAreCut) {
  const TestFolder folder;
  const fs::path path = folder / "metrics.jsonl";
  const auto steps = [&] {
    std::vector<int> list;
    for (const json& line : read_metrics(path)) list.push_back(line["step"]);
    return list;
  };
  {
    Metrics metrics(path, 0);
    for (const int step : {50, 100, 150, 200}) {
      metrics.append({{"step", step}, {"losses", {{"a", NAN}}}});
    }
  }
  // Killed in the middle of a line, after one that someone else wrote.
  std::ofstream(path, std::ios::app) << "no json\n{\"step\": 2";
  EXPECT_EQ(steps(), (std::vector<int>{50, 100, 150, 200}));
  { Metrics(path, 150).append({{"step", 151}}); }
  EXPECT_EQ(steps(), (std::vector<int>{50, 100, 150, 151}));
  { const Metrics fresh(path, 0); }
  EXPECT_TRUE(steps().empty());
  EXPECT_TRUE(read_metrics(folder / "none").empty());
}

TEST(Averages, GoOnAfterLoading) {
  Averages whole, first, second;
  whole.add({{"a", 1}, {"b", 5}});
  first.add({{"a", 1}, {"b", 5}});
  second.load(json::parse(first.save().dump()));
  whole.add({{"a", 2}});
  second.add({{"a", 2}});
  EXPECT_EQ(second.take(),
            (std::map<std::string, double>{{"a", 1.5}, {"b", 5}}));
  EXPECT_EQ(whole.take().at("a"), 1.5);
  EXPECT_TRUE(whole.take().empty());
}

TEST(Report, NeedsNothingFromElsewhere) {
  const TestFolder folder;
  Image picture(5, 4, 3);
  write_image(folder / "0000100.png", picture);
  Report report;
  report.title = "A <run> & more";
  report.status = "running";
  report.step = 100;
  report.steps = 200;
  report.settings = {{"lr", 0.1}, {"data", {{"folder", "a\"><script>"}}}};
  for (int step = 1; step <= 1000; ++step) {
    report.metrics.push_back({{"step", step},
                              {"images_per_second", 10},
                              {"losses", {{"a", 1.0 / step}, {"b", 3}}}});
  }
  report.metrics.push_back({{"step", 1000}, {"validation", {{"c", nullptr}}}});
  report.sheets = {folder / "0000100.png", folder / "gone.png"};
  const std::string html = report_html(report);
  // No address, no script, no style sheet: data is all in the page.
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  const std::regex source("(src|href)=\"([^\"]{0,15})");
  for (std::sregex_iterator at(html.begin(), html.end(), source), end;
       at != end; ++at) {
    EXPECT_EQ((*at)[2].str(), "data:image/png;");
  }
  EXPECT_THAT(html, HasSubstr("<title>A &lt;run&gt; &amp; more</title>"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(html, HasSubstr("step 100 of 200"));
  EXPECT_THAT(html, HasSubstr("<h3>losses: a</h3><svg"));
  EXPECT_THAT(html, HasSubstr("<td>data.folder</td>"));
  EXPECT_THAT(html, HasSubstr("0000100"));
  EXPECT_LT(html.size(), 60'000U);  // curves are thinned
}

TEST(Report, EmptyRunHasOne) {
  EXPECT_THAT(report_html(Report()), HasSubstr("</html>"));
}

TEST(LossWatch, PeaksAreAllowedDivergenceIsNot) {
  LossWatch watch;
  const auto check = [&](double value) { return watch.check({{"a", value}}); };
  for (int i = 0; i < 100; ++i) EXPECT_EQ(check(3 + i % 5), "");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(check(-1e6), "");
  EXPECT_EQ(check(4), "");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(check(1e6), "");
  EXPECT_THAT(check(1e6), HasSubstr("loss 'a' is 1e+06, usually 5"));
  EXPECT_THAT(check(NAN), HasSubstr("loss 'a' is nan"));
  EXPECT_THAT(check(INFINITY), HasSubstr("inf"));
}

TEST(LossWatch, SmallAndGrowingLossesAreFine) {
  LossWatch watch;
  for (int i = 0; i < 300; ++i) EXPECT_EQ(watch.check({{"a", 1e-9}}), "");
  for (int i = 0; i < 300; ++i) EXPECT_EQ(watch.check({{"a", 5000}}), "");
  LossWatch large;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(large.check({{"a", 1e7 * (1 + i)}}), "");
  }
}

}  // namespace
}  // namespace limner::train
