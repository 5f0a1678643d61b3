# limner_embed(TARGET ROOT file...)
#
# Adds a source to TARGET that holds the files, whose names are relative to
# ROOT, for server/assets.h. The assembler copies them (.incbin), which takes no
# time to compile whatever their size; WebAssembly's has no such means and gets
# numbers.
function(limner_embed TARGET ROOT)
  set(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/embedded_assets.cc")
  set(PARTS "")
  set(ROWS "")
  set(INDEX 0)
  set(NAMES "")
  foreach(FILE IN LISTS ARGN)
    file(RELATIVE_PATH NAME "${ROOT}" "${FILE}")
    list(APPEND NAMES "${NAME}")
  endforeach()
  list(SORT NAMES COMPARE STRING CASE SENSITIVE)
  foreach(NAME IN LISTS NAMES)
    set(LABEL "limner_asset_${INDEX}")
    if(EMSCRIPTEN)
      file(READ "${ROOT}/${NAME}" BYTES HEX)
      string(LENGTH "${BYTES}" SIZE)
      math(EXPR SIZE "${SIZE} / 2")
      string(REGEX REPLACE "(..)" "\\\\x\\1" BYTES "${BYTES}")
      # Rows of sixteen.
      string(REPEAT "." 64 ROW)
      string(REGEX REPLACE "(${ROW})" "\\1\"\n    \"" BYTES "${BYTES}")
      string(APPEND PARTS
             "static const char ${LABEL}[] =\n    \"${BYTES}\";\n")
      string(APPEND ROWS "      {\"${NAME}\", {${LABEL}, ${SIZE}}},\n")
      math(EXPR INDEX "${INDEX} + 1")
      continue()
    endif()
    string(
      APPEND
      PARTS
      "__asm__(\".section .rodata\\n\"\n"
      "        \"${LABEL}: .incbin \\\"${ROOT}/${NAME}\\\"\\n\"\n"
      "        \"${LABEL}_end: .byte 0\\n\"\n"
      "        \".previous\\n\");\n"
      "extern const char ${LABEL}[] __asm__(\"${LABEL}\");\n"
      "extern const char ${LABEL}_end[] __asm__(\"${LABEL}_end\");\n\n")
    string(
      APPEND
      ROWS
      "      {\"${NAME}\",\n"
      "       {${LABEL}, static_cast<size_t>(${LABEL}_end - ${LABEL})}},\n")
    math(EXPR INDEX "${INDEX} + 1")
  endforeach()
  file(
    CONFIGURE
    OUTPUT
    "${OUTPUT}"
    CONTENT
    "// Made by embed.cmake.
#include \"server/assets.h\"

${PARTS}namespace limner::server {

const std::vector<Asset>& assets() {
  static const std::vector<Asset> all = {
${ROWS}  };
  return all;
}

}  // namespace limner::server
"
    @ONLY)
  target_sources(${TARGET} PRIVATE "${OUTPUT}")
  # Compiled by itself: in a unity build nothing would follow what it depends on.
  set_source_files_properties(
    "${OUTPUT}" PROPERTIES OBJECT_DEPENDS "${ARGN}" SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
