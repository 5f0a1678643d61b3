// For tests: hand-made pickles and the files around them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "util/files.h"
#include "util/test_bytes.h"
#include "util/test_folder.h"
#include "weights/checkpoint.h"
#include "weights/zip_writer.h"

namespace limner {

// A file of tests/data/torch.
inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(LIMNER_TESTDATA) / "torch" / name;
}

// Pieces of a pickle, protocol 2.
namespace ops {
inline std::string text(const std::string& value) {
  return "X" + le(value.size(), 4) + value;
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string integer(int64_t value) {
  return std::string("\x8a\x08", 2) + le(static_cast<uint64_t>(value), 8);
}
inline std::string tuple(const std::string& items) { return "(" + items + "t"; }
inline std::string integers(const std::vector<int64_t>& values) {
  std::string items;
  for (const int64_t value : values) items += integer(value);
  return tuple(items);
}
// A call: callee(*args).
inline std::string call(const std::string& callee, const std::string& args) {
  return callee + tuple(args) + "R";
}
inline std::string storage(const std::string& type, const std::string& key,
                           int64_t count, const std::string& more = "") {
  return tuple(text("storage") + global("torch", type) + text(key) +
               text("cpu") + integer(count) + more) +
         "Q";
}
inline std::string tensor(const std::string& storage, int64_t offset,
                          const std::vector<int64_t>& shape,
                          const std::vector<int64_t>& strides) {
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              storage + integer(offset) + integers(shape) + integers(strides) +
                  "\x89" + call(global("collections", "OrderedDict"), ""));
}
// {"x": value}
inline std::string dict(const std::string& value) {
  return "}" + text("x") + value + "s";
}
inline std::string pickle(const std::string& body) {
  return "\x80\x02" + body + ".";
}
}  // namespace ops

using Members = std::vector<std::pair<std::string, std::string>>;

inline std::filesystem::path write_zip(const std::filesystem::path& path,
                                       const Members& members) {
  ZipWriter zip(path);
  for (const auto& [name, data] : members) {
    zip.add(name, data.data(), data.size());
  }
  zip.commit();
  return path;
}

// A zip with `body` as its pickle and one storage "0" of `storage` bytes.
inline std::filesystem::path write_torch_zip(const std::filesystem::path& path,
                                             const std::string& body,
                                             size_t storage = 24) {
  return write_zip(path, {{"archive/data.pkl", ops::pickle(body)},
                          {"archive/data/0", std::string(storage, '\0')},
                          {"archive/version", "3\n"}});
}

// The legacy container around `body`; `tail` follows the pickle.
inline std::filesystem::path write_torch_legacy(
    const std::filesystem::path& path, const std::string& body,
    const std::string& tail, bool little = true) {
  const std::string magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  write_file(path, ops::pickle(magic) + ops::pickle(ops::integer(1001)) +
                       ops::pickle("}" + ops::text("little_endian") +
                                   (little ? "\x88" : "\x89") + "s") +
                       ops::pickle(body) + tail);
  return path;
}

// What read_checkpoint says about a file.
inline std::string read_error(const std::filesystem::path& path) {
  return error_of([&] { read_checkpoint(path); });
}

// Every value, so that a sanitizer sees reads out of bounds.
inline void touch(const TensorMap& map) {
  for (const auto& [name, tensor] : map.tensors) {
    if (tensor.count() <= 1'000'000) tensor.to_f32();
    tensor.release();
  }
}

// Calls read(path) for damaged variants of `original`: cut off after each
// length, and each byte in turn replaced. It must return, or throw an Error
// of one line that names the file. Returns how many variants were refused.
inline int try_damage(const std::filesystem::path& original,
                      const std::function<void(const std::string&)>& read) {
  const TestFolder folder;
  const std::string path = (folder / "damaged").string();
  const std::vector<unsigned char> bytes = read_file(original);
  int refused = 0;
  const auto attempt = [&] {
    try {
      read(path);
    } catch (const Error& error) {
      const std::string message = error.what();
      if (message.find(path) == std::string::npos ||
          message.find('\n') != std::string::npos) {
        throw std::logic_error("a bad message: " + message);
      }
      ++refused;
    }
  };
  std::fstream file(
      path, std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
  const auto put = [&](size_t at, unsigned char byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte));
    file.flush();
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    attempt();  // the first i bytes
    put(i, bytes[i]);
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      put(i, static_cast<unsigned char>(bytes[i] ^ change));
      attempt();
    }
    put(i, bytes[i]);
  }
  return refused;
}

}  // namespace limner
