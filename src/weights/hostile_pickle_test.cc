// Pickles and containers made to do harm: each must be one clear Error.
#include <gmock/gmock.h>

#include "weights/test_files.h"

namespace limner {
namespace {

using ops::call;
using ops::dict;
using ops::global;
using ops::integer;
using ops::storage;
using ops::tensor;
using ops::text;
using ops::tuple;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HostilePickle : public ::testing::Test {
 protected:
  // What reading a zip with this pickle says.
  std::string error(const std::string& body) const {
    const std::string path = (folder_ / "bad.pt").string();
    const std::string message = read_error(write_torch_zip(path, body));
    if (message != "no error") {
      EXPECT_THAT(message, AllOf(HasSubstr(path), Not(HasSubstr("\n"))));
    }
    return message;
  }
  std::string legacy_error(const std::string& body, const std::string& tail,
                           bool little = true) const {
    return read_error(
        write_torch_legacy(folder_ / "bad.pth", body, tail, little));
  }

  TestFolder folder_;
};

const char* const kFine = "no error";

TEST_F(HostilePickle, TheHelpersMakeGoodFiles) {
  const std::string good =
      dict(tensor(storage("FloatStorage", "0", 6), 0, {2, 3}, {3, 1}));
  EXPECT_EQ(error(good), kFine);
  EXPECT_EQ(legacy_error(good, ops::pickle("]" + text("0") + "a") + le(6, 8) +
                                   std::string(24, '\0')),
            kFine);
}

TEST_F(HostilePickle, RunsNothing) {
  const std::string marker = (folder_ / "ran").string();
  const std::string touch = text("touch " + marker);
  EXPECT_THAT(error(call(global("os", "system"), touch)),
              HasSubstr("refuses to run 'os.system'"));
  EXPECT_THAT(error(dict(call(global("posix", "system"), touch))),
              HasSubstr("refuses to run 'posix.system'"));
  EXPECT_THAT(error(call(global("builtins", "eval"), touch)),
              HasSubstr("refuses to run 'builtins.eval'"));
  // Without a call, by NEWOBJ, NEWOBJ_EX and STACK_GLOBAL.
  EXPECT_THAT(error(global("subprocess", "Popen") + tuple(touch) + "\x81"),
              HasSubstr("refuses to run 'subprocess.Popen'"));
  EXPECT_THAT(
      error(global("subprocess", "Popen") + tuple(touch) + "}" + "\x92"),
      HasSubstr("refuses to run 'subprocess.Popen'"));
  EXPECT_THAT(error(text("os") + text("system") + "\x93" + tuple(touch) + "R"),
              HasSubstr("refuses to run 'os.system'"));
  // The opcodes of protocol 0 that call: INST and OBJ.
  EXPECT_THAT(error("(" + touch + "ios\nsystem\n"),
              HasSubstr("instruction 0x69"));
  EXPECT_THAT(error("(" + global("os", "system") + touch + "o"),
              HasSubstr("instruction 0x6f"));
  EXPECT_THAT(legacy_error(call(global("os", "system"), touch), ""),
              HasSubstr("refuses to run 'os.system'"));
  EXPECT_FALSE(std::filesystem::exists(marker));
}

TEST_F(HostilePickle, NamesAreMadePrintable) {
  EXPECT_THAT(error(call(global("os\x1b[31m", "sys\ttem"), "")),
              HasSubstr("'os\\x1b[31m.sys\\x09tem'"));
  EXPECT_THAT(error(call(global(std::string(300, 'a'), "b"), "")),
              HasSubstr("300 characters"));
}

TEST_F(HostilePickle, ClassesAreOnlyNamed) {
  EXPECT_EQ(error(dict(global("os", "system"))), kFine);
  EXPECT_THAT(
      error(tuple(text("module") + global("net", "Model") + "NN") + "Q"),
      HasSubstr("Python class 'net.Model'"));
}

TEST_F(HostilePickle, TensorsOutOfTheirStorage) {
  const auto attempt = [&](int64_t offset, const std::vector<int64_t>& shape,
                           const std::vector<int64_t>& strides) {
    return error(
        dict(tensor(storage("FloatStorage", "0", 6), offset, shape, strides)));
  };
  constexpr int64_t kHuge = int64_t{1} << 60;
  EXPECT_EQ(attempt(0, {6}, {1}), kFine);
  EXPECT_THAT(attempt(0, {kHuge}, {1}), HasSubstr("'x' is too large"));
  EXPECT_THAT(attempt(0, {kHuge, kHuge, 16}, {1, 1, 1}),
              HasSubstr("'x' is too large"));
  EXPECT_THAT(attempt(0, {int64_t{1} << 40}, {0}), HasSubstr("too many"));
  EXPECT_THAT(attempt(0, {-1}, {1}), HasSubstr("negative size"));
  EXPECT_THAT(attempt(0, {2}, {-1}), HasSubstr("negative stride"));
  EXPECT_THAT(attempt(0, {7}, {1}), HasSubstr("does not fit"));
  EXPECT_THAT(attempt(0, {2}, {6}), HasSubstr("does not fit"));
  EXPECT_THAT(attempt(0, {2}, {INT64_MAX}), HasSubstr("does not fit"));
  EXPECT_THAT(attempt(1, {6}, {1}), HasSubstr("does not fit"));
  EXPECT_THAT(attempt(-1, {6}, {1}), HasSubstr("starts at value -1"));
  EXPECT_THAT(attempt(INT64_MIN, {6}, {1}), HasSubstr("starts at value"));
  EXPECT_THAT(attempt(7, {0}, {1}), HasSubstr("starts at value 7"));
  EXPECT_THAT(attempt(0, {6}, {1, 1}), HasSubstr("1 sizes and 2 strides"));
  EXPECT_THAT(
      attempt(0, std::vector<int64_t>(65, 1), std::vector<int64_t>(65, 1)),
      HasSubstr("65 dimensions"));
}

TEST_F(HostilePickle, StoragesThatAreNotThere) {
  const auto attempt = [&](const std::string& made) {
    return error(dict(tensor(made, 0, {1}, {1})));
  };
  EXPECT_THAT(attempt(storage("FloatStorage", "1", 6)),
              HasSubstr("no 'archive/data/1'"));
  EXPECT_THAT(attempt(storage("FloatStorage", "0", 7)),
              HasSubstr("has 24 bytes, expected 28"));
  EXPECT_THAT(attempt(storage("FloatStorage", "0", int64_t{1} << 60)),
              HasSubstr("too large"));
  EXPECT_THAT(attempt(storage("FloatStorage", "0", INT64_MAX)),
              HasSubstr("too large"));
  EXPECT_THAT(attempt(storage("FloatStorage", "0", -1)),
              HasSubstr("not described"));
  EXPECT_THAT(attempt(storage("FloatTensor", "0", 6)),
              HasSubstr("'torch.FloatTensor' are not supported"));
  EXPECT_THAT(attempt(storage("FloatStorage", "../version", 0)),
              HasSubstr("no 'archive/data/../version'"));
  const std::string view =
      tuple(text("view") + integer(4) + integer(INT64_MAX));
  EXPECT_THAT(attempt(storage("FloatStorage", "0", 6, view)),
              HasSubstr("reaches out"));
  EXPECT_THAT(attempt(text("0") + "Q"), HasSubstr("not described"));
  EXPECT_THAT(attempt("NQ"), HasSubstr("not described"));
}

TEST_F(HostilePickle, WrongArguments) {
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  for (const std::string& body :
       {call(rebuild, ""), call(rebuild, "NNNN"),
        call(rebuild, storage("FloatStorage", "0", 6) + integer(0) +
                          tuple("N") + tuple(integer(1))),
        call(global("torch._utils", "_rebuild_parameter"), "N"),
        call(global("torch._utils", "_rebuild_tensor_v3"), "NNN"),
        call(global("collections", "OrderedDict"), "N"),
        call(global("collections", "OrderedDict"), "](K\x01te"),
        call(global("argparse", "Namespace"), "N"),
        call(global("torch", "Size"), "N"),
        call(global("torch", "device"), "NN"),
        call(global("_codecs", "encode"), text("a") + text("hex")),
        call(global("_codecs", "encode"),
             text("\xe2\x82\xac") + text("latin1")),
        call(global("pathlib", "PosixPath"), "N"),
        call(global("numpy", "dtype"), "N"),
        call(global("numpy.core.multiarray", "scalar"), "NN")}) {
    EXPECT_THAT(error(body), HasSubstr("damaged pickle"));
  }
  EXPECT_THAT(error(call(global("numpy.core.multiarray", "scalar"),
                         call(global("numpy", "dtype"), text("O8")) + "C\x08" +
                             "12345678")),
              HasSubstr("not supported"));
  EXPECT_THAT(error("N)R"), HasSubstr("no class"));
  EXPECT_THAT(error(global("a", "b") + "NR"), HasSubstr("no class"));
}

TEST_F(HostilePickle, WhatStandsBesideTheWeightsIsNotRead) {
  const std::string plain = storage("FloatStorage", "0", 6) + integer(0) +
                            tuple(integer(6)) + tuple(integer(1)) + "\x89" +
                            call(global("collections", "OrderedDict"), "");
  const std::string again = global("torch._tensor", "_rebuild_from_type_v2");
  const std::string build = global("torch._utils", "_rebuild_tensor_v2");
  const std::string type = global("torch", "Tensor");
  // A tensor with attributes of its own.
  EXPECT_EQ(error(dict(call(again, build + type + tuple(plain) + "}"))), kFine);
  // A time, and an array with its state.
  EXPECT_EQ(error(dict(call(global("datetime", "datetime"), text("a")))),
            kFine);
  EXPECT_EQ(error(dict(call(global("numpy.core.multiarray", "_reconstruct"),
                            global("numpy", "ndarray") + tuple(integer(0)) +
                                text("b")) +
                       tuple(integer(1) + "N") + "b")),
            kFine);
  EXPECT_EQ(error(dict(call(global("collections", "defaultdict"),
                            global("builtins", "list")))),
            kFine);
  // Nothing is run that way either.
  EXPECT_THAT(error(dict(call(again, global("os", "system") + type +
                                         tuple(text("touch ran")) + "}"))),
              HasSubstr("refuses to run 'os.system'"));
  EXPECT_THAT(error(dict(call(again, again + type + tuple("N") + "}"))),
              HasSubstr("damaged pickle"));
  EXPECT_THAT(error(call(again, "N")), HasSubstr("damaged pickle"));
}

TEST_F(HostilePickle, ListOfPairsMustBePairs) {
  const std::string ordered = global("collections", "OrderedDict");
  EXPECT_EQ(error(call(ordered, "](" + text("a") + "K\x01ta")), kFine);
  EXPECT_THAT(error(call(ordered, "](" + text("a") + "ta")),
              HasSubstr("arguments"));
}

TEST_F(HostilePickle, Cycles) {
  // x = []; x.append(x), and the same through a dict and an OrderedDict.
  EXPECT_THAT(error("]q" + le(0, 1) + "h" + le(0, 1) + "a"),
              HasSubstr("contains itself"));
  EXPECT_THAT(error("}q" + le(0, 1) + text("a") + "h" + le(0, 1) + "s"),
              HasSubstr("'a' contains itself"));
  EXPECT_THAT(error(call(global("collections", "OrderedDict"), "") + "q" +
                    le(0, 1) + text("a") + "h" + le(0, 1) + "s"),
              HasSubstr("contains itself"));
  EXPECT_THAT(error(global("argparse", "Namespace") + ")\x81q" + le(0, 1) +
                    "}" + text("a") + "h" + le(0, 1) + "sb"),
              HasSubstr("contains itself"));
}

TEST_F(HostilePickle, DeepNesting) {
  const auto nested = [&](size_t depth) {
    return std::string(depth, ']') + std::string(depth - 1, 'a');
  };
  EXPECT_EQ(error(nested(100)), kFine);
  EXPECT_THAT(error(nested(101)), HasSubstr("nested deeper than 100"));
  EXPECT_THAT(error(nested(1'000'000)), HasSubstr("nested deeper"));
  EXPECT_THAT(error(std::string(3'000'000, ']')),
              HasSubstr("more than 2000000 values"));
}

// Ten lists of ten references each: 10^10 values when written out.
TEST_F(HostilePickle, ManyReferences) {
  std::string body = "]q" + le(0, 1);
  for (uint64_t i = 0; i < 10; ++i) {
    body += "0](";
    for (int k = 0; k < 10; ++k) body += "h" + le(i, 1);
    body += "eq" + le(i + 1, 1);
  }
  EXPECT_THAT(error(body), HasSubstr("more than 2000000 values"));
}

// One long text, again and again.
TEST_F(HostilePickle, ManyLongTexts) {
  const std::string big = text(std::string(1 << 20, 'a')) + "q" + le(0, 1);
  std::string body = "](" + big;
  for (int k = 0; k < 1000; ++k) body += "h" + le(0, 1);
  EXPECT_THAT(error(body + "e"), HasSubstr("too much memory"));
  const std::string encode = global("_codecs", "encode") + "q" + le(1, 1) + "0";
  const std::string latin = text("latin1") + "q" + le(2, 1) + "0";
  body = encode + latin + big + "0](";
  for (int k = 0; k < 100; ++k) {
    body += "h" + le(1, 1) + "h" + le(0, 1) + "h" + le(2, 1) + "\x86R";
  }
  EXPECT_THAT(error(body + "e"), HasSubstr("too much memory"));
}

// A long list, copied by constructors again and again.
TEST_F(HostilePickle, ManyLongLists) {
  std::string body = "](" + std::string(100'000, 'N') + "eq" + le(0, 1) +
                     global("torch", "Size") + "q" + le(1, 1) + "](";
  for (int k = 0; k < 100; ++k) {
    body += "h" + le(1, 1) + "h" + le(0, 1) + "\x85R";
  }
  EXPECT_THAT(error(body + "e"), HasSubstr("too much memory"));
}

TEST_F(HostilePickle, MachineErrors) {
  EXPECT_THAT(error(""), HasSubstr("stack is empty"));
  EXPECT_THAT(error("a"), HasSubstr("stack is empty"));
  EXPECT_THAT(error("0"), HasSubstr("stack is empty"));
  EXPECT_THAT(error("NN"), HasSubstr("left over"));
  EXPECT_THAT(error("N("), HasSubstr("stack is empty"));
  EXPECT_THAT(error("(N"), HasSubstr("left over"));
  EXPECT_THAT(error("t"), HasSubstr("no mark"));
  EXPECT_THAT(error("N(Na"), HasSubstr("stack is empty"));
  EXPECT_THAT(error("NNa"), HasSubstr("no list"));
  EXPECT_THAT(error("]NNs"), HasSubstr("no dict"));
  EXPECT_THAT(error("}(Nu"), HasSubstr("without a value"));
  EXPECT_THAT(error("h\x05"), HasSubstr("memo 5 is not set"));
  EXPECT_THAT(error("j\xff\xff\xff\xff"), HasSubstr("is not set"));
  EXPECT_EQ(error("Nr\xff\xff\xff\xff"), kFine);
  EXPECT_THAT(error("X\xff\xff\xff\xff"), HasSubstr("ends early"));
  EXPECT_THAT(error("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
              HasSubstr("ends early"));
  EXPECT_THAT(error("\x95\xff\xff\xff\xff\xff\xff\xff\xff"),
              HasSubstr("ends early"));
  EXPECT_THAT(error("\x8b\xff\xff\xff\xff"), HasSubstr("ends early"));
  EXPECT_THAT(error("cos"), HasSubstr("ends early"));
  EXPECT_THAT(error("\x80\x09N"), HasSubstr("protocol 9"));
  EXPECT_THAT(error("NN\x93"), HasSubstr("no string"));
  EXPECT_THAT(error("N}b"), HasSubstr("state for a value"));
  EXPECT_THAT(error("\x82\x01"), HasSubstr("instruction 0x82"));
  EXPECT_THAT(error("}" + tuple("") + "Ns"), HasSubstr("neither a text"));
  EXPECT_THAT(error("\x8b" + le(300, 4) + std::string(300, '\x01')),
              HasSubstr("integer of 300 bytes"));
}

TEST_F(HostilePickle, TwoOfOneName) {
  const std::string one = tensor(storage("FloatStorage", "0", 6), 0, {1}, {1});
  EXPECT_THAT(error("}" + text("x") + one + "s" + text("x") + one + "s"),
              HasSubstr("two weights are named 'x'"));
  EXPECT_THAT(error("}" + text("a.b") + one + "s" + text("a") + "}" +
                    text("b") + one + "ss"),
              HasSubstr("two weights are named 'a.b'"));
  EXPECT_THAT(error("}" + text("x") + "Ns" + text("x") + "Ns"),
              HasSubstr("two values are named 'x'"));
}

// A thousand tensors of a million values each, over one storage.
TEST_F(HostilePickle, ManyValuesFromFew) {
  std::string body =
      "](" + tensor(storage("FloatStorage", "0", 1), 0, {1'000'000}, {0}) +
      "q" + le(0, 1);
  for (int k = 0; k < 1000; ++k) body += "h" + le(0, 1);
  EXPECT_THAT(error(body + "e"), HasSubstr("too many"));
}

TEST_F(HostilePickle, BigEndian) {
  const auto path = folder_ / "big.pt";
  write_zip(path, {{"a/data.pkl", ops::pickle("}")}, {"a/byteorder", "big"}});
  EXPECT_THAT(read_error(path), HasSubstr("only little-endian"));
  write_zip(path,
            {{"a/data.pkl", ops::pickle("}")}, {"a/byteorder", "little"}});
  EXPECT_EQ(read_error(path), kFine);
  EXPECT_THAT(legacy_error("}", ops::pickle("]"), false),
              HasSubstr("only little-endian"));
}

TEST_F(HostilePickle, LegacyStorages) {
  const std::string one =
      dict(tensor(storage("FloatStorage", "k", 2), 0, {2}, {1}));
  const std::string keys = ops::pickle("]" + text("k") + "a");
  const std::string values(8, '\0');
  EXPECT_EQ(legacy_error(one, keys + le(2, 8) + values), kFine);
  EXPECT_THAT(legacy_error(one, ops::pickle("]")), HasSubstr("is missing"));
  EXPECT_THAT(legacy_error(one, ""), HasSubstr("ends early"));
  EXPECT_THAT(legacy_error(one, keys), HasSubstr("truncated"));
  EXPECT_THAT(legacy_error(one, keys + le(2, 8) + "1234567"),
              HasSubstr("truncated"));
  EXPECT_THAT(legacy_error(one, keys + le(3, 8) + values),
              HasSubstr("has 3 values, expected 2"));
  EXPECT_THAT(legacy_error(one, keys + le(~uint64_t{0}, 8) + values),
              HasSubstr("expected 2"));
  EXPECT_THAT(legacy_error(one, ops::pickle("N")), HasSubstr("no list"));
  EXPECT_THAT(legacy_error(one, ops::pickle("]" + text("z") + "a")),
              HasSubstr("belongs to no weight"));
  EXPECT_THAT(
      legacy_error(one, ops::pickle("](" + text("k") + text("k") + "e") +
                            le(2, 8) + values + le(2, 8) + values),
      HasSubstr("comes twice"));
  EXPECT_THAT(legacy_error("](" + storage("FloatStorage", "k", 2) +
                               storage("DoubleStorage", "k", 2) + "e",
                           keys),
              HasSubstr("two sizes"));
}

}  // namespace
}  // namespace limner
