# The libraries that limner is built on, as installed; cmake/LimnerWeb.cmake
# makes those of the web build.
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(Eigen3 3.4 REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(pugixml REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
find_package(Threads REQUIRED)
if(NOT LIMNER_PORTABLE)
  find_package(OpenMP REQUIRED)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
  find_package(oneDNN REQUIRED MODULE)
endif()

# What is read only where its library is there. docs/formats.md has the table.
pkg_check_modules(LCMS IMPORTED_TARGET lcms2)
pkg_check_modules(TIFF IMPORTED_TARGET libtiff-4>=4.5)
pkg_check_modules(HEIF IMPORTED_TARGET libheif)
# Pages of PDF files. Headers alone: the libraries are loaded when a file asks
# for them.
pkg_check_modules(PDF poppler-glib>=0.82 cairo-svg)
