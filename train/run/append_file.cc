#include "train/run/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "util/error.h"

namespace limner::train {

AppendFile::AppendFile(const std::filesystem::path& path) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) size_ = ::lseek(descriptor_, 0, SEEK_END);
  if (descriptor_ < 0 || size_ < 0) {
    const int problem = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    fail("{}: cannot write: {}", printable(path.string()),
         std::strerror(problem));
  }
}

AppendFile::~AppendFile() { ::close(descriptor_); }

void AppendFile::append(const std::string& record) {
  size_t done = 0;
  while (done < record.size()) {
    const ssize_t wrote =
        ::pwrite(descriptor_, record.data() + done, record.size() - done,
                 size_ + static_cast<int64_t>(done));
    if (wrote >= 0) {
      done += static_cast<size_t>(wrote);
    } else if (errno != EINTR) {
      const int problem = errno;
      const bool cut = ::ftruncate(descriptor_, size_) == 0;
      fail("{}: cannot write: {}{}", printable(path_.string()),
           std::strerror(problem), cut ? "" : " (and its end is damaged)");
    }
  }
  size_ += static_cast<int64_t>(record.size());
}

}  // namespace limner::train
