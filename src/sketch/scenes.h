// Drawings of other programs: whiteboard scenes in JSON, digital ink, and the
// other forms in which Quick, Draw! comes.
#pragma once

#include <string>
#include <string_view>

#include "sketch/drawing_file.h"
#include "util/span.h"

namespace limner {

// Reads JSON that is no line of ndjson: limner's own (read_drawing_json()), an
// object or an array of objects of Quick, Draw! over many lines (`index` says
// which), an array of its strokes, a scene of Excalidraw or a file of tldraw.
// Of scenes freehand lines, lines, arrows, rectangles, diamonds and ellipses
// are taken that are seen; their bounding square is the picture. `name` stands
// in messages. Throws Error for other JSON, and as the readers do.
Drawing read_json_scene(std::string_view text, const std::string& name,
                        const ReadOptions& options);

// Reads InkML (W3C, 2011): the channels X and Y of each trace that is no way of
// a lifted pen, explicit values and first and second differences; their
// bounding square is the picture. Throws Error for what is no InkML.
Drawing read_inkml(std::string_view text);

// The name of an XML text's root element, without a prefix; "" where there is
// none.
std::string xml_root_name(std::string_view text);

// Whether `data` is, from the first byte to the last, Quick, Draw!'s binary
// form, of which drawing `index` is read. Throws Error when it has fewer.
bool is_quickdraw_binary(Bytes data);
Drawing read_quickdraw_binary(Bytes data, int64_t index);

}  // namespace limner
