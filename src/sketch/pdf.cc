#include "sketch/pdf.h"

#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

#include "sketch/drawing_limits.h"
#include "util/error.h"
#include "util/shared_library.h"

#ifdef LIMNER_HAS_PDF
#include <cairo-svg.h>
#include <poppler.h>
#endif

namespace limner {
namespace {

constexpr const char* kWayOut =
    "export the page as SVG or PNG (Inkscape, or pdftoppm -png -r 150)";

}  // namespace

bool is_pdf(Bytes data) {
  return data.size() >= 5 && std::memcmp(data.data(), "%PDF-", 5) == 0;
}

void refuse_pdf() { fail("is a PDF, which is not taken here; {}", kWayOut); }

#ifdef LIMNER_HAS_PDF

namespace {

struct Libraries {
  // Its own libraries are found through it.
  SharedLibrary poppler{"libpoppler-glib.so.8"};
  LIMNER_FOUND(poppler, bytes_new, g_bytes_new_static);
  LIMNER_FOUND(poppler, bytes_unref, g_bytes_unref);
  LIMNER_FOUND(poppler, error_free, g_error_free);
  LIMNER_FOUND(poppler, unref, g_object_unref);
  LIMNER_FOUND(poppler, open, poppler_document_new_from_bytes);
  LIMNER_FOUND(poppler, count, poppler_document_get_n_pages);
  LIMNER_FOUND(poppler, page, poppler_document_get_page);
  LIMNER_FOUND(poppler, size, poppler_page_get_size);
  LIMNER_FOUND(poppler, render, poppler_page_render);
  LIMNER_FOUND(poppler, surface_new, cairo_svg_surface_create_for_stream);
  LIMNER_FOUND(poppler, surface_finish, cairo_surface_finish);
  LIMNER_FOUND(poppler, surface_status, cairo_surface_status);
  LIMNER_FOUND(poppler, surface_destroy, cairo_surface_destroy);
  LIMNER_FOUND(poppler, context_new, cairo_create);
  LIMNER_FOUND(poppler, context_status, cairo_status);
  LIMNER_FOUND(poppler, context_destroy, cairo_destroy);
};

const Libraries& libraries() {
  static const Libraries loaded;
  return loaded;
}

struct Free {
  void operator()(GBytes* bytes) const { libraries().bytes_unref(bytes); }
  void operator()(PopplerDocument* document) const {
    libraries().unref(document);
  }
  void operator()(PopplerPage* page) const { libraries().unref(page); }
  void operator()(cairo_surface_t* surface) const {
    libraries().surface_destroy(surface);
  }
  void operator()(cairo_t* context) const {
    libraries().context_destroy(context);
  }
};
template <typename Type>
using Owned = std::unique_ptr<Type, Free>;

Owned<PopplerDocument> opened_pdf(GBytes* bytes) {
  GError* error = nullptr;
  Owned<PopplerDocument> document(libraries().open(bytes, nullptr, &error));
  if (!document) {
    const bool locked =
        error != nullptr && error->code == POPPLER_ERROR_ENCRYPTED;
    const std::string why =
        error != nullptr ? printable(error->message) : "unknown";
    if (error != nullptr) libraries().error_free(error);
    if (locked) fail("is a PDF with a password; {}", kWayOut);
    fail("is a damaged PDF: {}", why);
  }
  return document;
}

cairo_status_t append_svg(void* to, const unsigned char* data,
                          unsigned int length) {
  auto* text = static_cast<std::string*>(to);
  if (text->size() + length > kMaxDrawingFile) return CAIRO_STATUS_WRITE_ERROR;
  try {
    text->append(reinterpret_cast<const char*>(data), length);
  } catch (const std::exception&) {  // must not pass through C code
    return CAIRO_STATUS_NO_MEMORY;
  }
  return CAIRO_STATUS_SUCCESS;
}

std::string svg_of(PopplerPage* page, double width, double height) {
  std::string text;
  const Owned<cairo_surface_t> surface(
      libraries().surface_new(append_svg, &text, width, height));
  const Owned<cairo_t> context(libraries().context_new(surface.get()));
  libraries().render(page, context.get());
  const bool drawn =
      libraries().context_status(context.get()) == CAIRO_STATUS_SUCCESS;
  libraries().surface_finish(surface.get());
  if (!drawn ||
      libraries().surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    fail("is a PDF whose page cannot be drawn, or has too much on it; {}",
         kWayOut);
  }
  return text;
}

}  // namespace

std::string svg_of_pdf(Bytes data, int64_t index,
                       std::vector<std::string>& notes) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  if (!libraries().poppler.is_whole()) {
    fail("is a PDF, and poppler cannot be loaded ({}); install it, or {}",
         libraries().poppler.problem(), kWayOut);
  }
  const Owned<GBytes> bytes(libraries().bytes_new(data.data(), data.size()));
  const Owned<PopplerDocument> document = opened_pdf(bytes.get());
  const int count = libraries().count(document.get());
  if (count < 1) fail("is a damaged PDF: it has no pages");
  if (index < 0 || index >= count) {
    fail("no page {}, the file has {}, counted from 0", index, count);
  }
  const Owned<PopplerPage> page(
      libraries().page(document.get(), static_cast<int>(index)));
  if (!page) fail("is a damaged PDF: page {} cannot be read", index);
  double width = 0;
  double height = 0;
  libraries().size(page.get(), &width, &height);
  constexpr double kMaxPoints = 14'400;
  if (!(width >= 1 && height >= 1 && width <= kMaxPoints &&
        height <= kMaxPoints)) {
    fail("is a PDF with a page of {:.6g}x{:.6g} points, expected 1 to {}",
         width, height, kMaxPoints);
  }
  if (index == 0 && count > 1) {
    notes.push_back(fmt::format(
        "has {} pages; the first is taken (--index takes another)", count));
  }
  return svg_of(page.get(), width, height);
}

#else

std::string svg_of_pdf(Bytes, int64_t, std::vector<std::string>&) {
  fail("is a PDF, which limner was built without (poppler-glib); {}", kWayOut);
}

#endif

}  // namespace limner
