#include "util/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "util/error.h"

namespace limner {
namespace fs = std::filesystem;
namespace {

std::string shown(const fs::path& path) {
  return printable(path.string(), PATH_MAX);
}

std::string reason(int code) {
  return std::error_code(code, std::generic_category()).message();
}

// Closes a descriptor at the end of a scope.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

// Opens for reading, without waiting for a writer if `path` is a pipe.
int open_to_read(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) fail("{}: cannot open: {}", shown(path), reason(errno));
  return descriptor;
}

// The temporary files alive now, where a signal handler can reach them: fixed
// memory and lock-free flags only.
struct TemporarySlot {
  std::atomic<bool> taken{false};
  std::atomic<pid_t> process{0};  // 0: the path below is not to be used
  char path[PATH_MAX];
};
TemporarySlot temporary_slots[32];
static_assert(std::atomic<pid_t>::is_always_lock_free);

// Returns a slot that holds `path`, or -1 when there is none free or the path
// is too long (the file is then not removed on signals).
int take_slot(const fs::path& path) {
  std::error_code ignored;
  const std::string absolute = fs::absolute(path, ignored).string();
  if (absolute.empty() || absolute.size() >= PATH_MAX) return -1;
  for (size_t i = 0; i < std::size(temporary_slots); ++i) {
    TemporarySlot& slot = temporary_slots[i];
    if (slot.taken.exchange(true)) continue;
    std::memcpy(slot.path, absolute.c_str(), absolute.size() + 1);
    slot.process.store(::getpid());
    return static_cast<int>(i);
  }
  return -1;
}

void give_slot_back(int index) {
  if (index < 0) return;
  temporary_slots[index].process.store(0);
  temporary_slots[index].taken.store(false);
}

constexpr std::string_view kTemporaryStart = ".limner-";
constexpr std::string_view kTemporaryEnd = ".tmp";

bool is_temporary_name(std::string_view name) {
  return name.size() > kTemporaryStart.size() + kTemporaryEnd.size() &&
         name.substr(0, kTemporaryStart.size()) == kTemporaryStart &&
         name.substr(name.size() - kTemporaryEnd.size()) == kTemporaryEnd;
}

// Removes a temporary file, unless somebody is writing it: a writer holds its
// lock, which ends with the process.
void remove_if_stray(const fs::path& file) {
  const Descriptor stray{
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat status = {};
  if (stray.value < 0 || ::fstat(stray.value, &status) != 0 ||
      !S_ISREG(status.st_mode)) {
    return;
  }
  if (::flock(stray.value, LOCK_EX | LOCK_NB) == 0) ::unlink(file.c_str());
}

// What runs that were killed have left in a folder, once for each folder.
void remove_strays(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> cleaned;
  {
    const std::lock_guard lock(mutex);
    if (!cleaned.insert(folder).second) return;
  }
  std::error_code error;
  fs::directory_iterator it(folder.empty() ? "." : folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    if (is_temporary_name(it->path().filename().string())) {
      remove_if_stray(it->path());
    }
  }
}

// Locks a file that was just created. False when somebody took it for a stray
// one in between; a disk that knows no locks has no strays removed either.
bool lock_new(int descriptor) {
  while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {
  }
  struct stat status = {};
  return ::fstat(descriptor, &status) != 0 || status.st_nlink > 0;
}

// Runs in a signal handler: async-signal-safe calls only.
extern "C" void remove_temporaries_and_end(int signal) {
  const pid_t self = ::getpid();
  for (TemporarySlot& slot : temporary_slots) {
    // A forked child must not remove what its parent is writing.
    if (slot.process.load() == self) ::unlink(slot.path);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

struct MappedFile::Mapping {
  fs::path path;
  unsigned char* data = nullptr;
  size_t size = 0;

  ~Mapping() {
    if (data != nullptr) ::munmap(data, size);
  }
};

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file{open_to_read(path, O_NONBLOCK)};
  struct stat status = {};
  if (::fstat(file.value, &status) != 0) {
    fail("{}: cannot read: {}", shown(path), reason(errno));
  }
  if (S_ISDIR(status.st_mode)) fail("{}: is a folder", shown(path));
  if (!S_ISREG(status.st_mode)) fail("{}: is not a file", shown(path));
  if (status.st_size == 0) fail("{}: the file is empty", shown(path));

  auto mapping = std::make_shared<Mapping>();
  mapping->path = path;
  const auto size = static_cast<size_t>(status.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (data == MAP_FAILED) {
    fail("{}: cannot map {} bytes: {}", shown(path), size, reason(errno));
  }
  mapping->data = static_cast<unsigned char*>(data);
  mapping->size = size;
  mapping_ = std::move(mapping);
}

Bytes MappedFile::bytes() const { return {mapping_->data, mapping_->size}; }

const fs::path& MappedFile::path() const { return mapping_->path; }

void MappedFile::release(Bytes part) const {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t first = (begin + page - 1) / page * page;
  const uintptr_t last = (begin + part.size()) / page * page;
  if (last <= first) return;
  // A hint: nothing is lost when the kernel does not take it.
  ::madvise(
      mapping_->data + (first - reinterpret_cast<uintptr_t>(mapping_->data)),
      last - first, MADV_DONTNEED);
}

std::vector<unsigned char> read_file(const fs::path& path, uint64_t limit) {
  const Descriptor file{open_to_read(path, 0)};
  struct stat status = {};
  if (::fstat(file.value, &status) != 0) {
    fail("{}: cannot read: {}", shown(path), reason(errno));
  }
  if (S_ISDIR(status.st_mode)) fail("{}: is a folder", shown(path));

  // The size is a hint only: pipes have none, and files grow.
  constexpr size_t kChunk = size_t{1} << 16;
  const auto expected =
      static_cast<uint64_t>(S_ISREG(status.st_mode) ? status.st_size : 0);
  if (expected > limit) {
    fail("{}: is {} bytes long, at most {} are accepted", shown(path), expected,
         limit);
  }
  std::vector<unsigned char> bytes;
  size_t filled = 0;
  bytes.resize(expected + 1);  // the extra byte meets the end of the file
  for (;;) {
    if (filled == bytes.size()) bytes.resize(filled + filled / 2 + kChunk);
    const ssize_t got =
        ::read(file.value, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("{}: cannot read: {}", shown(path), reason(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled > limit) {
      fail("{}: is longer than the {} bytes accepted", shown(path), limit);
    }
  }
  bytes.resize(filled);
  return bytes;
}

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (fs::is_directory(status)) {
    fail("{}: cannot write: it is a folder", shown(path));
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    // Renaming would replace a device such as /dev/null by a file.
    fail("{}: cannot write: it is not a regular file", shown(path));
  }
  // Write what a link points to rather than replacing the link.
  if (fs::exists(status) && fs::is_symlink(fs::symlink_status(path, code))) {
    const fs::path target = fs::canonical(path, code);
    if (!code) path_ = target;
  }

  remove_strays(path_.parent_path());

  static std::atomic<uint64_t> next_number{0};
  for (int attempt = 0; attempt < 100 && descriptor_ < 0; ++attempt) {
    temporary_ = path_.parent_path() /
                 fmt::format(".limner-{}-{}.tmp", ::getpid(), next_number++);
    // Taken first, so that a signal right after open() finds it.
    slot_ = take_slot(temporary_);
    descriptor_ = ::open(temporary_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0 && lock_new(descriptor_)) break;
    const int problem = descriptor_ >= 0 ? EEXIST : errno;
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    give_slot_back(slot_);
    if (problem != EEXIST) {
      fail("{}: cannot write: {}", shown(path), reason(problem));
    }
  }
  if (descriptor_ < 0) {
    fail("{}: cannot write: no free temporary name", shown(path));
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
  give_slot_back(slot_);
}

void AtomicFile::write(const void* data, size_t size) {
  if (descriptor_ < 0) fail("{}: written after commit", shown(path_));
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t done = ::write(descriptor_, next, size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("{}: cannot write: {}", shown(path_), reason(errno));
    next += done;
    size -= static_cast<size_t>(done);
  }
}

void AtomicFile::commit() {
  if (descriptor_ < 0) fail("{}: committed twice", shown(path_));
  // Some disks report that they are full only here.
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) {
    fail("{}: cannot write: {}", shown(path_), reason(errno));
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail("{}: cannot write: {}", shown(path_), reason(errno));
  }
  give_slot_back(slot_);
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0) fail("{}: cannot write: {}", shown(path_), reason(errno));
}

void write_file(const fs::path& path, Bytes bytes) {
  AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

void write_file(const fs::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void make_folders(const fs::path& path) {
  if (path.empty()) return;
  std::error_code code;
  fs::create_directories(path, code);
  if (code) fail("{}: cannot make folder: {}", shown(path), code.message());
  if (!fs::is_directory(path, code)) {
    fail("{}: cannot make folder: a file stands in the way", shown(path));
  }
}

void remove_temporaries_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    // A signal that is ignored (nohup) stays ignored.
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = remove_temporaries_and_end;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace limner
