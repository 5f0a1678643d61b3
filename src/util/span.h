// A view of contiguous values (C++17 has no std::span).
#pragma once

#include <cassert>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

namespace limner {

// A non-owning pointer and length. The memory must outlive the view.
template <typename T>
class Span {
 public:
  Span() = default;
  Span(T* data, size_t size) : data_(data), size_(size) {}
  // NOLINTNEXTLINE(google-explicit-constructor): views convert implicitly.
  Span(std::vector<std::remove_const_t<T>>& values)
      : data_(values.data()), size_(values.size()) {}
  template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Span(const std::vector<std::remove_const_t<U>>& values)
      : data_(values.data()), size_(values.size()) {}
  template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Span(Span<std::remove_const_t<U>> other)
      : data_(other.data()), size_(other.size()) {}

  T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& operator[](size_t i) const {
    assert(i < size_);
    return data_[i];
  }
  // Elements [offset, offset + count); both must lie inside.
  Span subspan(size_t offset, size_t count) const {
    assert(offset <= size_ && count <= size_ - offset);
    return Span(data_ + offset, count);
  }
  Span first(size_t count) const { return subspan(0, count); }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

using Bytes = Span<const unsigned char>;

// The bytes of a text, which must outlive them.
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace limner
