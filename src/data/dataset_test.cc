#include "data/dataset.h"

#include <gmock/gmock.h>

#include "data/test_faces.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

// One line that names `file`.
auto names(const std::string& file) {
  return AllOf(HasSubstr(file), Not(HasSubstr("\n")));
}

std::string open_error(const fs::path& folder,
                       const std::string& split = "train") {
  return error_of([&] { open_dataset(folder, split); });
}

TEST(OpenDataset, SaysWhatItLookedFor) {
  const TestFolder folder;
  EXPECT_THAT(open_error(folder.path()),
              AllOf(names(folder.path().string()), HasSubstr("manifest.csv"),
                    HasSubstr("CelebA-HQ-img")));
  EXPECT_THAT(open_error(folder / "none"), names("none"));
  EXPECT_THAT(open_error(folder.path(), "test"), HasSubstr("train or val"));
}

TEST(Manifest, ReadsBothSplits) {
  const TestFolder folder;
  write_manifest(folder.path(), 3, 2);
  const auto train = open_dataset(folder.path(), "train");
  const auto val = open_dataset(folder.path(), "val");
  ASSERT_EQ(train->size(), 3);
  ASSERT_EQ(val->size(), 2);
  EXPECT_EQ(train->entry(1).id, "00001");
  EXPECT_TRUE(train->entry(1).grayscale);
  EXPECT_TRUE(train->entry(1).dark);
  EXPECT_FALSE(train->entry(2).grayscale);
  EXPECT_EQ(val->entry(0).id, "00003");
  const Face face = val->load(0);
  EXPECT_EQ(face.mask.pixels, face_mask(64, 3).pixels);
  EXPECT_EQ(face.photo.pixels, face_photo(face_mask(64, 3), 3).pixels);
}

TEST(Manifest, KnowsTheParts) {
  const TestFolder folder;
  write_manifest(folder.path(), 2, 0);
  const auto parts = open_dataset(folder.path(), "train")->parts();
  EXPECT_EQ(parts, std::vector<uint32_t>(2, parts_of(face_mask(64))));
  EXPECT_TRUE(parts[0] >> kRightBrow & 1U);
  EXPECT_FALSE(parts[0] >> kHat & 1U);
  Image speck(200, 200, 1);
  speck.pixels[7] = kHat;
  EXPECT_EQ(parts_of(speck), 1U);
}

TEST(Manifest, NamesWhatIsWrong) {
  const TestFolder folder;
  write_manifest(folder.path(), 4, 0);
  const auto data = open_dataset(folder.path(), "train");
  const auto load_error = [&](int i) {
    return error_of([&] { data->load(i); });
  };
  fs::remove(folder / "images/00000.png");
  EXPECT_THAT(load_error(0), names("00000"));

  Image mask = face_mask(64);
  mask.pixels[5] = 19;
  write_image(folder / "masks/00001.png", mask);
  EXPECT_THAT(load_error(1), AllOf(names("00001.png"), HasSubstr("label 19")));
  EXPECT_THAT(error_of([&] { data->parts(); }), names("00001.png"));

  write_file(folder / "images/00002.png", std::string("\x89PNG\r\n\x1a\nxx"));
  EXPECT_THAT(load_error(2), names("00002.png"));

  write_image(folder / "masks/00003.png", Image(64, 64, 1));
  EXPECT_THAT(load_error(3), AllOf(names("00003.png"), HasSubstr("skin")));
  write_image(folder / "masks/00003.png", Image(64, 32, 1));
  EXPECT_THAT(load_error(3), AllOf(names("00003.png"), HasSubstr("64x32")));
}

TEST(Manifest, RefusesLinesThatDoNotFit) {
  const TestFolder folder;
  const fs::path file = folder / "manifest.csv";
  const auto error = [&](const std::string& text) {
    write_file(file, text);
    return open_error(folder.path());
  };
  EXPECT_THAT(error("id,source\n1,a\n"), HasSubstr("no column split"));
  EXPECT_THAT(error("id,split\n1,train,2\n"), HasSubstr("line 2 has 3 fields"));
  EXPECT_THAT(error("id,split\n../1,train\n"), HasSubstr("no plain file name"));
  EXPECT_THAT(error("id,split\n1,train\n1,train\n"), HasSubstr("before"));
  EXPECT_THAT(error("id,split\n1,val\n"), HasSubstr("no face"));
  EXPECT_THAT(error("id,split\r\n1,train\r\n"), "no error");
}

TEST(Manifest, ReadsTheSharedFaces) {
  const fs::path faces = fs::path(LIMNER_SHARED) / "faces";
  if (!fs::exists(faces)) GTEST_SKIP() << "no faces beside this checkout";
  const auto train = open_dataset(faces, "train");
  const auto val = open_dataset(faces, "val");
  EXPECT_EQ(train->size(), 1725);
  EXPECT_EQ(val->size(), 150);
  const Face face = val->load(149);
  EXPECT_EQ(face.photo.width, 256);
  EXPECT_EQ(face.mask.width, 256);
  EXPECT_THAT(val->parts(), Each(::testing::Truly([](uint32_t parts) {
                return (parts >> kSkin & 1U) != 0;
              })));
}

TEST(CelebA, MergesPartsInTheirOrder) {
  const TestFolder folder;
  for (int i = 0; i < 12; ++i)
    write_celeba_face(folder.path(), 1995 + i, i % 3);
  const auto train = open_dataset(folder.path(), "train");
  const auto val = open_dataset(folder.path(), "val");
  ASSERT_EQ(train->size(), 10);
  ASSERT_EQ(val->size(), 2);
  EXPECT_EQ(train->entry(0).id, "1995");
  EXPECT_EQ(val->entry(1).id, "2006");
  const Face face = train->load(7);  // 2002, in the second folder
  EXPECT_EQ(face.mask.pixels, face_mask(64, 1).pixels);
  EXPECT_EQ(face.photo.width, 128);
  EXPECT_EQ(train->parts()[7], parts_of(face_mask(64)) & ~1U);
}

TEST(CelebA, SplitsByNumberWhenAllAreThere) {
  const TestFolder folder;
  for (const int number : {3, 26999, 27000, 29999}) {
    write_celeba_face(folder.path(), number);
  }
  const auto train = open_dataset(folder.path(), "train");
  const auto val = open_dataset(folder.path(), "val");
  ASSERT_EQ(train->size(), 2);
  ASSERT_EQ(val->size(), 2);
  EXPECT_EQ(train->entry(1).id, "26999");
  EXPECT_EQ(val->entry(0).id, "27000");
}

TEST(CelebA, HiddenFilesArePassedOver) {
  const TestFolder folder;
  for (int i = 0; i < 4; ++i) write_celeba_face(folder.path(), i);
  for (const char* name :
       {"CelebA-HQ-img/._0.jpg", "CelebAMask-HQ-mask-anno/0/._00000_skin.png",
        "CelebAMask-HQ-mask-anno/0/.DS_Store"}) {
    write_file(folder / name, std::string("Mac OS X"));
  }
  EXPECT_EQ(open_dataset(folder.path(), "train")->size(), 3);
}

TEST(CelebA, MasksMayBeMerged) {
  for (const char* name : {"CelebAMask-HQ-mask", "CelebAMaskHQ-mask"}) {
    const TestFolder folder;
    make_folders(folder / "CelebA-HQ-img");
    make_folders(folder / name);
    for (int i = 0; i < 4; ++i) {
      const std::string number = std::to_string(i);
      const Image mask = face_mask(64, i);
      write_image(folder / ("CelebA-HQ-img/" + number + ".jpg"),
                  face_photo(mask));
      write_image(folder / (name + ("/" + number + ".png")), mask);
    }
    const auto train = open_dataset(folder.path(), "train");
    ASSERT_EQ(train->size(), 3);
    EXPECT_EQ(train->load(2).mask.pixels, face_mask(64, 2).pixels);
    EXPECT_EQ(train->parts()[1], parts_of(face_mask(64, 1)));

    write_image(folder / (name + std::string("/1.png")), Image(64, 64, 1));
    EXPECT_THAT(error_of([&] { train->load(1); }), HasSubstr("no skin"));
    Image wrong = face_mask(64);
    wrong.pixels[5] = 77;
    write_image(folder / (name + std::string("/1.png")), wrong);
    EXPECT_THAT(error_of([&] { train->load(1); }), HasSubstr("part 77"));
    fs::remove(folder / (name + std::string("/0.png")));
    EXPECT_THAT(open_error(folder.path()), HasSubstr("the same numbers"));
  }
}

TEST(CelebA, NamesWhatIsWrong) {
  const TestFolder folder;
  for (int i = 0; i < 4; ++i) write_celeba_face(folder.path(), i);
  const fs::path masks = folder / "CelebAMask-HQ-mask-anno";
  const auto data = open_dataset(folder.path(), "train");
  write_image(masks / "0/00001_hair.png", Image(32, 32, 3));
  EXPECT_THAT(error_of([&] { data->load(1); }), names("00001_hair.png"));
  write_file(masks / "0/00001_hair.png", std::string("no picture"));
  EXPECT_THAT(error_of([&] { data->load(1); }), names("00001_hair.png"));
  write_image(masks / "0/00002_skin.png", Image(64, 64, 3));
  fs::remove(masks / "0/00002_neck.png");
  EXPECT_EQ(error_of([&] { data->load(0); }), "no error");

  fs::remove(masks / "0/00003_skin.png");
  EXPECT_THAT(open_error(folder.path()), names("00003_skin.png"));
  write_celeba_face(folder.path(), 3);
  fs::remove(folder / "CelebA-HQ-img/3.jpg");
  EXPECT_THAT(open_error(folder.path()), names("3.jpg"));
  write_celeba_face(folder.path(), 3);
  write_image(masks / "0/00003_nostril.png", Image(8, 8, 3));
  EXPECT_THAT(open_error(folder.path()), names("00003_nostril.png"));
  fs::remove_all(masks);
  EXPECT_THAT(open_error(folder.path()), names("CelebAMask-HQ-mask-anno"));
}

}  // namespace
}  // namespace limner
