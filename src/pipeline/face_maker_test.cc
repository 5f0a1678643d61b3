#include "pipeline/face_maker.h"

#include <gmock/gmock.h>

#include <functional>

#include "image/codec.h"
#include "pipeline/random_model.h"
#include "pipeline/test_drawings.h"
#include "pipeline/test_labeler.h"
#include "sketch/classes.h"
#include "util/files.h"
#include "util/naming.h"
#include "util/parallel.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const fs::path kBundled = fs::path(LIMNER_TESTDATA) / ".." / ".." / "models" /
                          "limner-256.safetensors";
const fs::path kExamplePhotos =
    fs::path(LIMNER_TESTDATA) / ".." / ".." / "examples" / "photos";

Image pattern(int width, int height) {
  Image photo(width, height, 3);
  for (size_t i = 0; i < photo.pixels.size(); ++i) {
    photo.pixels[i] = static_cast<uint8_t>(i * 7);
  }
  return photo;
}

class FaceMakerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TestFolder>();
    RandomModelOptions model;
    model.size = 32;
    model.faithfulness = true;
    write_random_model(*folder / "model.safetensors", model);
    // Everything is a contour to it.
    write_labeler(*folder / "labeler.safetensors",
                  random_labeler({{classes::kContour - 1, 60.0F}}));
    maker = std::make_unique<FaceMaker>(options());
  }
  static void TearDownTestSuite() {
    maker.reset();
    folder.reset();
  }

  static FaceMakerOptions options() {
    FaceMakerOptions networks;
    networks.model = *folder / "model.safetensors";
    networks.labeler = *folder / "labeler.safetensors";
    return networks;
  }

  static fs::path put(const std::string& name, const Drawing& drawing) {
    write_drawing(*folder / name, drawing);
    return *folder / name;
  }
  static fs::path put(const std::string& name, const Image& image) {
    write_image(*folder / name, image);
    return *folder / name;
  }

  static GivenDrawing strokes(const Drawing& drawing) {
    GivenDrawing given;
    given.drawing = drawing;
    return given;
  }

  static DrawingOptions as(ReadAs what) {
    DrawingOptions out;
    out.as = what;
    return out;
  }

  static std::unique_ptr<TestFolder> folder;
  static std::unique_ptr<FaceMaker> maker;
};

std::unique_ptr<TestFolder> FaceMakerTest::folder;
std::unique_ptr<FaceMaker> FaceMakerTest::maker;

TEST_F(FaceMakerTest, ReadsAnyDrawing) {
  const Image labels = label_image(plain_face());
  const fs::path png = put("labels.png", labels);
  EXPECT_EQ(maker->read(png).labels.pixels, labels.pixels);
  EXPECT_EQ(maker->read(png, as(ReadAs::kLabels)).labels.pixels, labels.pixels);
  const GivenDrawing traced = maker->read(png, as(ReadAs::kStrokes));
  EXPECT_THAT(traced.labels.pixels, IsEmpty());
  EXPECT_FALSE(traced.traced);
  EXPECT_EQ(traced.drawing.strokes.front().label, 1);

  const fs::path svg = put("strokes.svg", plain_face());
  const GivenDrawing given = maker->read(svg);
  EXPECT_EQ(given.name, svg.string());
  EXPECT_THAT(given.labels.pixels, IsEmpty());
  EXPECT_THAT(given.drawing.strokes, SizeIs(5));
  EXPECT_THAT(error_of([&] { maker->read(svg, as(ReadAs::kLabels)); }),
              HasSubstr("strokes.svg: a label image must be a PNG"));

  Image lines(512, 512, 3);
  for (size_t i = 0; i < lines.pixels.size(); ++i) {
    lines.pixels[i] = labels.pixels[i / 3] != 0 ? 20 : 250;
  }
  EXPECT_TRUE(maker->read(put("lines.jpg", lines)).traced);
}

TEST_F(FaceMakerTest, AFileAndItsBytesAreTheSame) {
  for (const char* name : {"b.svg", "b.json", "b.png"}) {
    const fs::path file = put(name, plain_face());
    const GivenDrawing one = maker->read(file);
    const GivenDrawing other = maker->read(read_file(file), "b");
    EXPECT_EQ(other.name, "b");
    const AppearanceCodes looks = maker->looks(uint64_t{5});
    EXPECT_EQ(maker->make(one, looks).picture.pixels,
              maker->make(other, looks).picture.pixels)
        << name;
  }
  EXPECT_THAT(error_of([&] { maker->read(Bytes(), "b"); }), HasSubstr("b: "));
  EXPECT_THAT(error_of([&] { maker->read(*folder / "none.svg"); }),
              HasSubstr("none.svg"));
}

TEST_F(FaceMakerTest, MakesWhatItsPartsMake) {
  Drawing drawing = plain_face();
  for (Stroke& stroke : drawing.strokes) {
    for (Point& p : stroke.points) p = {0.5F * p.x + 30, 0.5F * p.y + 200};
  }
  DrawingOptions options;
  options.faithful = 0.25;
  const AppearanceCodes looks = maker->looks(uint64_t{5});
  const MadeFace face = maker->make(strokes(drawing), looks, options, 16);

  const PreparedDrawing prepared = prepare_drawing(drawing, nullptr);
  EXPECT_TRUE(prepared.moved);
  const Image labels = label_image(prepared.drawing);
  EXPECT_EQ(face.sketch.labels.pixels, labels.pixels);
  EXPECT_THAT(face.sketch.notes, ElementsAre(StartsWith("scaled by ")));
  Engine& engine = maker->engine();
  const FaceCodes codes =
      engine.combine(engine.embed_sketch(labels, 0.25F), looks);
  EXPECT_EQ(face.codes.styles.values, codes.styles.values);
  EXPECT_EQ(face.picture.width, 16);
  EXPECT_EQ(face.picture.pixels, engine.render(codes, 16).pixels);

  options.faithful = 1;
  EXPECT_NE(maker->sketch(strokes(drawing), options).codes.w,
            face.sketch.codes.w);
  options.prepare.frame = false;
  EXPECT_THAT(maker->sketch(strokes(drawing), options).notes, IsEmpty());
}

TEST_F(FaceMakerTest, LabelImagesAreTakenAsTheyAre) {
  Image labels(40, 40, 1);
  for (int i = 3; i < 9; ++i) labels.row(i)[i] = 15;
  const fs::path file = put("few.png", labels);
  const Sketch sketch = maker->sketch(maker->read(file));
  EXPECT_EQ(sketch.labels.pixels, labels.pixels);
  EXPECT_THAT(sketch.notes, IsEmpty());
  labels.row(7)[7] = 23;
  for (const ReadAs what : {ReadAs::kDrawing, ReadAs::kLabels}) {
    EXPECT_THAT(
        error_of([&] { maker->read(put("few.png", labels), as(what)); }),
        HasSubstr("few.png: label 23 at pixel 7,7"));
  }
}

TEST_F(FaceMakerTest, StrokesWithoutClassesNeedTheLabeler) {
  const Drawing unknown = without_classes(plain_face());
  const Sketch sketch = maker->sketch(strokes(unknown));
  const auto drawn = [&](int label) {
    return std::count(sketch.labels.pixels.begin(), sketch.labels.pixels.end(),
                      label);
  };
  EXPECT_GT(drawn(classes::kContour), 0);
  EXPECT_EQ(drawn(classes::kRightEye), 0);
  EXPECT_EQ(maker->label(unknown).drawing.strokes.front().label,
            classes::kContour);

  FaceMakerOptions networks = options();
  networks.labeler.clear();
  FaceMaker without(networks);
  EXPECT_FALSE(without.has_labeler());
  GivenDrawing given = strokes(unknown);
  given.name = "d.svg";
  EXPECT_THAT(error_of([&] { without.sketch(given); }),
              StartsWith("d.svg: 5 of 5 strokes need a class"));
  // Without a name nothing stands in front.
  given.name = "";
  EXPECT_THAT(error_of([&] { without.sketch(given); }),
              StartsWith("5 of 5 strokes"));
  EXPECT_THAT(error_of([&] { without.labeler(); }),
              HasSubstr("no stroke labeler"));
}

TEST_F(FaceMakerTest, ALabelerThatCannotBeOpenedIsNoFaultOfTheDrawing) {
  FaceMakerOptions networks = options();
  networks.labeler = networks.model;
  FaceMaker broken(networks);
  GivenDrawing given = strokes(without_classes(plain_face()));
  given.name = "d.svg";
  EXPECT_THROW(broken.sketch(given), ErrorOfAll);
  EXPECT_THAT(error_of([&] { broken.sketch(given); }),
              testing::AllOf(HasSubstr("model.safetensors: is no labeler"),
                             testing::Not(HasSubstr("d.svg"))));
  // A drawing whose strokes have classes does not open it.
  given.drawing = plain_face();
  EXPECT_THAT(broken.sketch(given).notes, IsEmpty());
}

TEST_F(FaceMakerTest, DoubtfulStrokesAreNoted) {
  // Random weights are never sure.
  write_labeler(*folder / "unsure.safetensors", random_labeler());
  FaceMakerOptions networks;
  networks.labeler = *folder / "unsure.safetensors";
  FaceMaker unsure(networks);
  Drawing drawing = plain_face();
  for (int i = 0; i < 8; ++i) {
    drawing.strokes.push_back(ring(100 + 40 * i, 60, 20, 12, 0));
  }
  const Labelled labelled = unsure.label(drawing);
  ASSERT_GT(labelled.doubtful.size(), 5U);
  // Without a model there are classes, and no codes.
  EXPECT_THAT(error_of([&] { unsure.sketch(strokes(drawing)); }),
              HasSubstr("no model"));
  EXPECT_THAT(error_of([&] { unsure.config(); }), HasSubstr("no model"));
  networks.model = options().model;
  const Sketch sketch = FaceMaker(networks).sketch(strokes(drawing));
  EXPECT_EQ(sketch.doubtful, labelled.doubtful);
  ASSERT_THAT(sketch.notes, SizeIs(6 + (sketch.notes[0][0] == 's' ? 1 : 0)));
  EXPECT_EQ(sketch.notes.back(),
            fmt::format("{} more are doubtful: `limner label` names all",
                        labelled.doubtful.size() - 5));
}

TEST_F(FaceMakerTest, OtherThreadsShareTheNetworks) {
  const Drawing drawing = without_classes(plain_face());
  const AppearanceCodes looks = maker->looks(uint64_t{2});
  const std::vector<uint8_t> alone =
      maker->make(strokes(drawing), looks).picture.pixels;
  std::vector<FaceMaker> makers;
  {
    // The first need not live on, nor have opened its labeler.
    const FaceMaker first(options());
    for (int i = 0; i < 4; ++i) makers.push_back(first.sharing());
  }
  std::vector<std::vector<uint8_t>> made(makers.size());
  std::vector<std::function<void()>> tasks;
  for (size_t i = 0; i < makers.size(); ++i) {
    tasks.emplace_back([&, i] {
      made[i] = makers[i].make(strokes(drawing), looks).picture.pixels;
    });
  }
  const int before = threads();
  set_threads(4);
  run_tasks(tasks);
  set_threads(before);
  EXPECT_THAT(made, testing::Each(alone));
  EXPECT_EQ(&makers[0].labeler(), &makers[3].labeler());
}

TEST_F(FaceMakerTest, AllNetworksOfOneFile) {
  const FaceMakerOptions alone = all_networks_of(options().model);
  EXPECT_EQ(alone.model, options().model);
  EXPECT_TRUE(alone.labeler.empty());
  EXPECT_TRUE(alone.parser.empty());
  const FaceMakerOptions labeler = all_networks_of(options().labeler);
  EXPECT_EQ(labeler.labeler, options().labeler);
  EXPECT_THAT(error_of([] { all_networks_of("nowhere"); }),
              HasSubstr("nowhere"));
}

TEST_F(FaceMakerTest, MixturesOfLooks) {
  const SketchCodes sketch = maker->sketch(strokes(plain_face())).codes;
  const AppearanceCodes seed = maker->looks(uint64_t{3});
  const AppearanceCodes other = maker->looks(uint64_t{4});
  const AppearanceCodes photo = maker->looks(pattern(64, 64));
  ASSERT_FALSE(seed.relative);
  ASSERT_TRUE(photo.relative);
  EXPECT_EQ(maker->mixture({{photo, 1}}, sketch).fine.values,
            photo.fine.values);
  const auto styles = [&](const AppearanceCodes& looks) {
    return maker->engine().combine(sketch, looks).styles.values;
  };
  // Of two of a kind, and of both kinds: that of the faces' own codes.
  for (const AppearanceCodes& second : {other, photo}) {
    const std::vector<float> a = styles(seed), b = styles(second);
    const std::vector<float> mixed =
        styles(maker->mixture({{seed, 0.25}, {second, 0.75}}, sketch));
    ASSERT_EQ(mixed.size(), a.size());
    for (size_t i = 0; i < a.size(); ++i) {
      const float expected = 0.25F * a[i] + 0.75F * b[i];
      ASSERT_NEAR(mixed[i], expected, 1e-4F * (1 + std::abs(expected))) << i;
    }
  }
  AppearanceCodes narrow = seed;
  narrow.fine = CodeTable(1, 2);
  EXPECT_THAT(error_of([&] {
                maker->mixture({{seed, 0.5}, {narrow, 0.5}}, sketch);
              }),
              HasSubstr("cannot mix looks"));
  EXPECT_THAT(error_of([&] { maker->mixture({}, sketch); }),
              HasSubstr("no looks"));
}

TEST_F(FaceMakerTest, PhotosWithoutAParserAreTakenAsTheyAre) {
  const Image wide = pattern(50, 40);
  const fs::path file = put("wide.png", wide);
  const AlignedPhoto photo = maker->photo(file);
  EXPECT_EQ(photo.image.pixels, wide.pixels);
  EXPECT_FALSE(photo.aligned);
  EXPECT_EQ(photo.note + photo.warning, "");
  EXPECT_EQ(maker->photo(read_file(file), "w").image.pixels, wide.pixels);
  EXPECT_THAT(error_of([&] { maker->photo(bytes_of("text"), "w"); }),
              StartsWith("w: is not a picture"));
  EXPECT_THAT(error_of([&] { maker->parser(); }), HasSubstr("no face parser"));
}

// The face of a photo, small in a larger one.
Image small_in(const Image& photo, int width, int height) {
  Image out(width, height, 3);
  std::fill(out.pixels.begin(), out.pixels.end(), uint8_t{120});
  const Image face = aligned_photo(photo, {{}, 0, true}, 100);
  for (int y = 0; y < face.height; ++y) {
    std::copy_n(face.row(y), size_t{3} * face.width,
                out.row(y + (height - face.height) / 2) +
                    3 * ((width - face.width) / 3));
  }
  return out;
}

TEST(PhotosOfAMaker, AreAligned) {
  if (!fs::exists(kBundled)) GTEST_SKIP() << "no bundled parser";
  FaceMakerOptions networks;
  networks.parser = kBundled;
  FaceMaker maker(networks);
  const Image face = read_rgb(kExamplePhotos / "old-man-with-glasses.jpg");
  const AlignedPhoto kept = maker.align(face, "p.jpg");
  EXPECT_TRUE(kept.aligned);
  EXPECT_EQ(kept.image.pixels, face.pixels);
  EXPECT_EQ(kept.note, "");

  const Image scene = small_in(face, 160, 140);
  const AlignedPhoto cut = maker.align(scene, "p.jpg");
  EXPECT_TRUE(cut.aligned);
  EXPECT_THAT(cut.note, testing::MatchesRegex(
                            "face at .* px, turned by .* degrees, aligned"));
  EXPECT_NEAR(cut.image.width, 100, 10);
  EXPECT_EQ(cut.image.pixels,
            aligned_photo(scene, align(maker.finder(), scene)).pixels);
  FaceMaker other = maker.sharing();
  EXPECT_EQ(other.align(face, "p.jpg").image.pixels, face.pixels);
  EXPECT_EQ(other.parser().label(face).pixels,
            maker.parser().label(face).pixels);

  PhotoOptions options;
  options.align = false;
  EXPECT_EQ(maker.align(scene, "p.jpg", options).image.width, 160);
  options = {};
  options.face = 3;
  EXPECT_THAT(error_of([&] { maker.align(scene, "p.jpg", options); }),
              StartsWith("p.jpg: the photo has 1 face: "));

  Image gray(36, 36, 3);
  std::fill(gray.pixels.begin(), gray.pixels.end(), uint8_t{120});
  options = {};
  options.way_out = "try another";
  EXPECT_EQ(error_of([&] { maker.align(gray, "p.jpg", options); }),
            "p.jpg: no face was found in the photo; try another");
  EXPECT_EQ(error_of([&] { maker.align(gray, "", options); }),
            "no face was found in the photo; try another");
  options.lenient = true;
  const AlignedPhoto lenient = maker.align(gray, "p.jpg", options);
  EXPECT_FALSE(lenient.aligned);
  EXPECT_EQ(lenient.image.pixels, gray.pixels);
  EXPECT_EQ(lenient.warning, "no face was found in the photo: taken as it is");
  EXPECT_THAT(error_of([&] { maker.align(Image(36, 30, 3), "", options); }),
              StartsWith("no face was found"));
}

}  // namespace
}  // namespace limner
