# Finds oneDNN 2.6 to 3.x and declares DNNL::dnnl. (The package's own
# configuration file asks for OpenCL, which limner does not use.)

find_path(oneDNN_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
find_library(oneDNN_LIBRARY dnnl)
set(oneDNN_VERSION "")
if(oneDNN_INCLUDE_DIR)
  file(STRINGS "${oneDNN_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h" LINES
       REGEX "define +DNNL_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
  foreach(PART MAJOR MINOR PATCH)
    if("${LINES}" MATCHES "DNNL_VERSION_${PART} +([0-9]+)")
      list(APPEND oneDNN_VERSION "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(JOIN oneDNN_VERSION "." oneDNN_VERSION)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  oneDNN
  REQUIRED_VARS oneDNN_LIBRARY oneDNN_INCLUDE_DIR
  VERSION_VAR oneDNN_VERSION)
if(oneDNN_FOUND AND (oneDNN_VERSION VERSION_LESS 2.6
                     OR oneDNN_VERSION VERSION_GREATER_EQUAL 4))
  message(
    FATAL_ERROR
      "limner is written for oneDNN 2.6 to 3.x, but the one in "
      "${oneDNN_INCLUDE_DIR} is ${oneDNN_VERSION}. Name another by "
      "-DoneDNN_INCLUDE_DIR=... and -DoneDNN_LIBRARY=...")
endif()
if(oneDNN_FOUND AND NOT TARGET DNNL::dnnl)
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(
    DNNL::dnnl
    PROPERTIES IMPORTED_LOCATION "${oneDNN_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${oneDNN_INCLUDE_DIR}")
endif()
