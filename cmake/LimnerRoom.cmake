# limner_room(NAME [LABEL label] [APART] [MEMORY] [HEADER target]
#             [TEST_HEADER target] DEPENDS room... LIBRARIES target...)
#
# Declares the static library limner_NAME from every *.cc beside the calling
# CMakeLists.txt (and in its sub-folders) and, with LIMNER_TESTS, the program
# limner_NAME_test from every *_test.cc: one CTest entry, unit.NAME (or another
# LABEL than "unit"; both are labels of the entry, too). DEPENDS names other rooms.
# MEMORY: the room handles memory by hand, so that its tests run under the
# sanitizers as well (label "memory", target limner_memory_tests; CONTRIBUTING.md
# says why which rooms do). HEADER, TEST_HEADER: targets whose precompiled headers
# the room's files and its tests take, and with them how far the compiler optimises
# them. With LIMNER_UNITY, the files are compiled several at a time, but for
# rooms APART, whose files use the same names for different things. Files
# named portable_* are for LIMNER_PORTABLE alone, openssl_* and onednn* for builds
# without it; other such files a room takes out itself (limner_leave_out()).

add_library(limner_options INTERFACE)
target_include_directories(
  limner_options INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>"
                           "$<INSTALL_INTERFACE:include/limner>")
target_compile_features(limner_options INTERFACE cxx_std_17)
foreach(OPTION -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
               $<$<BOOL:${LIMNER_WERROR}>:-Werror>)
  target_compile_options(limner_options
                         INTERFACE "$<BUILD_INTERFACE:${OPTION}>")
endforeach()
if(LIMNER_SANITIZE)
  target_compile_options(
    limner_options INTERFACE -fsanitize=address,undefined
                             -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(limner_options INTERFACE -fsanitize=address,undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 14 aligns its stacks for use-after-return too coarsely for AVX-512.
    target_compile_options(limner_options
                           INTERFACE "SHELL:--param asan-use-after-return=0")
  endif()
endif()

# Of what need not be fast: half the time to compile it goes to making it so.
set(LIMNER_LESS_OPTIMISED $<$<CONFIG:Release>:-O1>)

# What a build with sanitizers makes.
add_custom_target(limner_memory_tests)

function(limner_room NAME)
  cmake_parse_arguments(ROOM "APART;MEMORY" "LABEL;HEADER;TEST_HEADER"
                        "DEPENDS;LIBRARIES" ${ARGN})
  if(NOT ROOM_LABEL)
    set(ROOM_LABEL unit)
  endif()
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS "*.cc")
  set(TESTS ${SOURCES})
  list(FILTER SOURCES EXCLUDE REGEX "_test\\.cc$")
  list(FILTER TESTS INCLUDE REGEX "_test\\.cc$")
  if(LIMNER_PORTABLE)
    list(FILTER SOURCES EXCLUDE REGEX "/(openssl_|onednn)[^/]*$")
  else()
    list(FILTER SOURCES EXCLUDE REGEX "/portable_[^/]*$")
  endif()

  add_library(limner_${NAME} STATIC ${SOURCES})
  target_link_libraries(limner_${NAME} PUBLIC limner_options ${ROOM_LIBRARIES})
  foreach(ROOM IN LISTS ROOM_DEPENDS)
    target_link_libraries(limner_${NAME} PUBLIC limner_${ROOM})
  endforeach()

  # What goes into shared libraries too, the Python module and those of others.
  # Hidden names are called directly all the same. (A precompiled header wants its
  # own options.)
  if(NOT ROOM_HEADER)
    set_target_properties(
      limner_${NAME}
      PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                 VISIBILITY_INLINES_HIDDEN ON)
  endif()
  # As those call it who take limner from an installed tree.
  add_library(limner::${NAME} ALIAS limner_${NAME})
  set(PROGRAMS limner_${NAME})

  if(LIMNER_TESTS AND TESTS)
    add_executable(limner_${NAME}_test ${TESTS})
    target_link_libraries(limner_${NAME}_test PRIVATE limner_${NAME}
                                                      GTest::gmock_main)
    target_include_directories(limner_${NAME}_test
                               PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_definitions(
      limner_${NAME}_test
      PRIVATE LIMNER_TESTDATA="${PROJECT_SOURCE_DIR}/tests/data"
              LIMNER_SHARED="${PROJECT_SOURCE_DIR}/../shared")
    if(LIMNER_SANITIZE)
      target_compile_options(limner_${NAME}_test PRIVATE -O0)
    else()
      target_compile_options(limner_${NAME}_test
                             PRIVATE ${LIMNER_LESS_OPTIMISED})
    endif()
    if(ROOM_TEST_HEADER)
      target_precompile_headers(limner_${NAME}_test REUSE_FROM
                                ${ROOM_TEST_HEADER})
    endif()
    string(REGEX REPLACE "^${ROOM_LABEL}_" "" ENTRY ${NAME})
    set(ENTRY ${ROOM_LABEL}.${ENTRY})
    add_test(NAME ${ENTRY} COMMAND limner_${NAME}_test)
    set_tests_properties(${ENTRY} PROPERTIES TIMEOUT 1800 LABELS ${ROOM_LABEL})
    if(ROOM_MEMORY)
      set_property(TEST ${ENTRY} APPEND PROPERTY LABELS memory)
      add_dependencies(limner_memory_tests limner_${NAME}_test)
    endif()
    list(APPEND PROGRAMS limner_${NAME}_test)
  endif()
  if(ROOM_HEADER)
    target_precompile_headers(limner_${NAME} REUSE_FROM ${ROOM_HEADER})
  endif()
  if(LIMNER_UNITY AND NOT ROOM_APART)
    set_target_properties(${PROGRAMS} PROPERTIES UNITY_BUILD ON
                                                 UNITY_BUILD_BATCH_SIZE 4)
    # A class of a .cc file may have members of its unnamed namespace; the
    # compiler takes a file that is compiled with others for a header.
    foreach(PROGRAM IN LISTS PROGRAMS)
      target_compile_options(
        ${PROGRAM}
        PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    endforeach()
  endif()
endfunction()

# limner_leave_out(NAME file...): room NAME without these of its files.
function(limner_leave_out NAME)
  get_target_property(SOURCES limner_${NAME} SOURCES)
  foreach(FILE IN LISTS ARGN)
    list(REMOVE_ITEM SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/${FILE}")
  endforeach()
  set_target_properties(limner_${NAME} PROPERTIES SOURCES "${SOURCES}")
endfunction()
