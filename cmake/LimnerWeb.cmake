# What the web build (emcmake; scripts/build_web) is made with: flags, and the
# libraries, compiled from the sources of Debian's packages, which
# scripts/unpack_sources puts into LIMNER_WEB_SOURCES. Header-only ones are the
# system's own.
enable_language(C)
set(LIMNER_WEB_SOURCES
    "${PROJECT_SOURCE_DIR}/build/web-sources"
    CACHE PATH "Sources of Debian's packages, unpacked")

# At -O3 compiling takes longer for nothing: loops that matter have their vectors
# written out.
foreach(LANGUAGE C CXX)
  string(REPLACE -O3 -O2 CMAKE_${LANGUAGE}_FLAGS_RELEASE
                 "${CMAKE_${LANGUAGE}_FLAGS_RELEASE}")
endforeach()

# Fixed-width vectors, exceptions and longjmp() of WebAssembly itself. What is
# compiled for threads can be linked without them as well.
add_compile_options(-msimd128 -fwasm-exceptions -sSUPPORT_LONGJMP=wasm -pthread)
add_link_options(-fwasm-exceptions -sSUPPORT_LONGJMP=wasm)

# Headers that need no library, without the rest of /usr/include.
set(HEADERS "${CMAKE_BINARY_DIR}/headers")
file(MAKE_DIRECTORY "${HEADERS}")
foreach(NAME fmt nlohmann)
  file(CREATE_LINK "/usr/include/${NAME}" "${HEADERS}/${NAME}" SYMBOLIC)
endforeach()
file(CREATE_LINK /usr/include/eigen3/Eigen "${HEADERS}/Eigen" SYMBOLIC)
function(limner_web_headers TARGET)
  add_library(${TARGET} INTERFACE IMPORTED)
  target_include_directories(${TARGET} SYSTEM INTERFACE "${HEADERS}")
endfunction()
limner_web_headers(fmt::fmt)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
limner_web_headers(nlohmann_json::nlohmann_json)
limner_web_headers(Eigen3::Eigen)
add_library(Threads::Threads INTERFACE IMPORTED)

# limner_web_library(NAME ALIAS FOLDER INCLUDE pattern...): a library of the
# files that match in FOLDER (a pattern under LIMNER_WEB_SOURCES).
function(limner_web_library NAME ALIAS FOLDER INCLUDE)
  file(GLOB BASE LIST_DIRECTORIES true "${LIMNER_WEB_SOURCES}/${FOLDER}")
  if(NOT BASE)
    message(FATAL_ERROR "no ${FOLDER} in ${LIMNER_WEB_SOURCES}: "
                        "scripts/build_web fetches it")
  endif()
  list(GET BASE -1 BASE)
  set(FILES "")
  foreach(PATTERN IN LISTS ARGN)
    file(GLOB FOUND "${BASE}/${PATTERN}")
    list(APPEND FILES ${FOUND})
  endforeach()
  # For other processors they hold nothing.
  list(FILTER FILES EXCLUDE REGEX
       "_(avx2|mips|mips32|mips_dsp_r2|msa|neon|sse2|sse41)\\.c$")
  add_library(${NAME} STATIC ${FILES})
  target_include_directories(${NAME} SYSTEM PUBLIC "${BASE}/${INCLUDE}")
  # Their warnings are not ours.
  target_compile_options(${NAME} PRIVATE -w)
  add_library(${ALIAS} ALIAS ${NAME})
  set(${NAME}_BASE "${BASE}" PARENT_SCOPE)
endfunction()

limner_web_library(
  web_zlib ZLIB::ZLIB zlib-* . adler32.c compress.c crc32.c deflate.c infback.c
  inffast.c inflate.c inftrees.c trees.c uncompr.c zutil.c)

limner_web_library(
  web_png
  PNG::PNG
  libpng1.6-*
  .
  png.c
  pngerror.c
  pngget.c
  pngmem.c
  pngpread.c
  pngread.c
  pngrio.c
  pngrtran.c
  pngrutil.c
  pngset.c
  pngtrans.c
  pngwio.c
  pngwrite.c
  pngwtran.c
  pngwutil.c)
configure_file("${web_png_BASE}/scripts/pnglibconf.h.prebuilt"
               "${CMAKE_BINARY_DIR}/png/pnglibconf.h" COPYONLY)
target_include_directories(web_png SYSTEM PUBLIC "${CMAKE_BINARY_DIR}/png")
target_link_libraries(web_png PUBLIC web_zlib)

# Its own list of files (CMakeLists.txt, JPEG_SOURCES and the arithmetic coder).
set(JPEG "")
foreach(PART
        capimin capistd ccoefct ccolor cdctmgr chuff cicc cinit cmainct cmarker
        cmaster comapi cparam cphuff cprepct csample ctrans dapimin dapistd
        datadst datasrc dcoefct dcolor ddctmgr dhuff dicc dinput dmainct dmarker
        dmaster dmerge dphuff dpostct dsample dtrans error fdctflt fdctfst
        fdctint idctflt idctfst idctint idctred quant1 quant2 utils memmgr
        memnobs aricom carith darith simd_none)
  list(APPEND JPEG "j${PART}.c")
endforeach()
limner_web_library(web_jpeg JPEG::JPEG libjpeg-turbo-* . ${JPEG})
set(VERSION 2.1.5)
set(COPYRIGHT_YEAR 1991-2023)
set(LIBJPEG_TURBO_VERSION_NUMBER 2001005)
set(JPEG_LIB_VERSION 62)
set(BITS_IN_JSAMPLE 8)
set(C_ARITH_CODING_SUPPORTED 1)
set(D_ARITH_CODING_SUPPORTED 1)
set(MEM_SRCDST_SUPPORTED 1)
set(INLINE inline)
set(THREAD_LOCAL __thread)
set(SIZE_T 4)
configure_file("${web_jpeg_BASE}/jconfig.h.in" "${CMAKE_BINARY_DIR}/jpeg/jconfig.h")
configure_file("${web_jpeg_BASE}/jconfigint.h.in"
               "${CMAKE_BINARY_DIR}/jpeg/jconfigint.h")
if(EXISTS "${web_jpeg_BASE}/jversion.h.in")
  configure_file("${web_jpeg_BASE}/jversion.h.in"
                 "${CMAKE_BINARY_DIR}/jpeg/jversion.h")
endif()
target_include_directories(web_jpeg SYSTEM PUBLIC "${CMAKE_BINARY_DIR}/jpeg")

limner_web_library(
  web_webp PkgConfig::WEBP libwebp-* src src/dec/*.c src/enc/*.c src/dsp/*.c
  src/utils/*.c sharpyuv/*.c)
target_include_directories(web_webp PRIVATE "${web_webp_BASE}")

limner_web_library(web_lcms PkgConfig::LCMS lcms2-* include src/*.c)
set(LCMS_FOUND TRUE)

limner_web_library(web_pugixml pugixml::pugixml pugixml-* src src/*.cpp)
