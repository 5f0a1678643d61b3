#include "server/service.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>

#include "data/parts.h"
#include "image/codec.h"
#include "server/assets.h"
#include "server/drawings.h"
#include "server/faces.h"
#include "server/metrics.h"
#include "server/multipart.h"
#include "server/photos.h"
#include "server/requests.h"
#include "server/stages.h"
#include "sketch/classes.h"
#include "sketch/drawing_json.h"
#include "util/error.h"
#include "util/sha256.h"

namespace limner::server {
namespace {

using nlohmann::json;

// A side at which a face is made in a fraction of the time.
constexpr int kPreview = 256;

const char* media_type(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return "image/jpeg";
    case ImageFormat::kWebp:
      return "image/webp";
    case ImageFormat::kPng:
      break;
  }
  return "image/png";
}

Response picture_response(const std::vector<unsigned char>& file,
                          const std::string& content_type) {
  return text_response(std::string(file.begin(), file.end()), content_type);
}

void add_stages(Response& response, const Stages& stages) {
  if (stages.text().empty()) return;
  response.headers.emplace_back("Server-Timing", stages.text());
}

Response face_response(const Face& face, ImageFormat format) {
  Response response;
  response.content_type = media_type(format);
  response.body = face.picture;
  response.headers = {
      {"X-Limner-Milliseconds", std::to_string(face.milliseconds)},
      {"X-Limner-Doubtful", std::to_string(face.doubtful)},
      {"X-Limner-Faithful", fmt::format("{:.3f}", face.faithful)}};
  add_stages(response, face.stages);
  return response;
}

// A file of the studio. Browsers ask again each time, and get it only when it
// has changed.
Response file_response(const Request& request, const Asset& asset) {
  const std::string tag =
      "\"" + sha256_hex(bytes_of(asset.data)).substr(0, 32) + "\"";
  Response response;
  if (request.if_none_match.find(tag) != std::string::npos) {
    response.status = 304;
  } else {
    response =
        text_response(std::string(asset.data), content_type_of(asset.name));
  }
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

const std::array<const char*, 3> kPhotos = {"image/png", "image/jpeg",
                                            "image/webp"};

enum class Takes { kNothing, kJson, kPhoto, kDrawing };

bool suits(const std::string& type, Takes takes) {
  const bool photo = std::any_of(kPhotos.begin(), kPhotos.end(),
                                 [&](const char* t) { return type == t; });
  switch (takes) {
    case Takes::kNothing:
      return true;
    case Takes::kJson:
      return type == "application/json";
    case Takes::kPhoto:
      return photo;
    case Takes::kDrawing:
      break;
  }
  return photo || type == "application/json" || type == "image/svg+xml" ||
         type == "application/x-ndjson" || type == "application/octet-stream";
}

const char* expected(Takes takes) {
  switch (takes) {
    case Takes::kJson:
      return "application/json";
    case Takes::kPhoto:
      return "image/png, image/jpeg or image/webp";
    default:
      return "image/svg+xml, application/json, application/x-ndjson, "
             "image/png, image/jpeg, image/webp or application/octet-stream";
  }
}

FaceMaker maker_of(const ServiceOptions& options) {
  FaceMakerOptions networks;
  networks.model = options.model;
  networks.labeler = options.labeler;
  networks.parser = options.parser;
  networks.shapes = options.shapes;
  networks.engine.precision = options.precision;
  return FaceMaker(networks);
}

WorkLane::Asker asker_of(const Request& request, const std::string& key = "") {
  return {request.client, key, request.gone};
}

}  // namespace

struct ServiceParts {
  explicit ServiceParts(const ServiceOptions& options);
  ServiceParts(const ServiceOptions& options, FaceMaker maker);

  Response studio(const Request& request);
  Response openapi(const Request& request);
  Response healthz(const Request& request);
  Response models(const Request& request);
  Response metrics(const Request& request);
  Response templates(const Request& request);
  Response label(const Request& request);
  Response generate(const Request& request);
  Response variations(const Request& request);
  Response keep(const Request& request);
  Response kept(const Request& request);
  Response parse(const Request& request);
  Response sketch(const Request& request);
  Response convert(const Request& request);
  Response import(const Request& request);

  Limits limits;
  std::string model_name;
  DrawingReader drawings;
  PhotoReader photos;
  FaceLane faces;
  RequestCounts counts;
  std::function<size_t()> connections;
};

ServiceParts::ServiceParts(const ServiceOptions& options)
    : ServiceParts(options, maker_of(options)) {}

ServiceParts::ServiceParts(const ServiceOptions& options, FaceMaker maker)
    : limits(options.limits),
      model_name(options.model.filename().string()),
      drawings(maker.sharing(), options.limits),
      photos(maker.sharing(), options.limits),
      faces(std::move(maker), drawings, photos, options.limits) {}

Response ServiceParts::studio(const Request& request) {
  const std::string name = request.path == "/" || request.path == "/studio/"
                               ? "studio/index.html"
                               : request.path.substr(1);
  const Asset* asset = find_asset(name);
  if (asset == nullptr) throw HttpError(404, "there is no such file");
  return file_response(request, *asset);
}

Response ServiceParts::openapi(const Request&) {
  const Asset* asset = find_asset("src/server/openapi.json");
  if (asset == nullptr) throw std::logic_error("openapi.json is not embedded");
  return json_response(std::string(asset->data));
}

Response ServiceParts::healthz(const Request&) {
  return json_response("{\"status\":\"ok\"}\n");
}

Response ServiceParts::templates(const Request& request) {
  return json_response(drawings.templates(asker_of(request)));
}

Response ServiceParts::models(const Request&) {
  const ModelConfig& config = faces.config();
  json model = config.to_json();
  model["name"] = printable(model_name);
  json classes = json::array();
  for (int id = 1; id <= kStrokeClasses; ++id) {
    const StrokeClass& one = stroke_class(id);
    classes.push_back(
        {{"id", id},
         {"name", one.name},
         {"colour", fmt::format("#{:02x}{:02x}{:02x}", one.colour[0],
                                one.colour[1], one.colour[2])}});
  }
  json traits = json::array();
  for (const LookTrait& trait : faces.traits()) {
    traits.push_back({{"id", trait.id},
                      {"name", trait.name},
                      {"low", trait.low},
                      {"high", trait.high}});
  }
  const json out = {{"model", model},
                    {"labeler", drawings.has_labeler()},
                    {"parser", photos.has_parser()},
                    {"fit", drawings.has_shapes()},
                    {"classes", classes},
                    {"traits", traits},
                    {"limits",
                     {{"body_bytes", limits.body_bytes},
                      {"strokes", limits.strokes},
                      {"points", limits.points},
                      {"pixels", limits.pixels},
                      {"queue", limits.queue}}},
                    {"preview", std::min(kPreview, config.size)}};
  return json_response(
      out.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

Response ServiceParts::metrics(const Request&) {
  std::string out = counts.text();
  out += lanes_text({{"drawings", &drawings.lane()},
                     {"faces", &faces.lane()},
                     {"photos", &photos.lane()}});
  out += caches_text({{"appearances", photos.cache()},
                      {"faces", faces.faces()},
                      {"sketches", faces.sketches()}});
  out += value_text("limner_connections", "gauge", "Open connections.",
                    connections ? static_cast<double>(connections()) : 0);
  out += value_text("limner_resident_bytes", "gauge",
                    "Memory of the process that is resident.",
                    static_cast<double>(resident_bytes()));
  return text_response(std::move(out), "text/plain; version=0.0.4");
}

Response ServiceParts::label(const Request& request) {
  Stages stages;
  const DrawingRequest wanted = read_drawing_request(request.body, limits);
  stages.lap("read");
  Response response = json_response(
      drawings.label(wanted, asker_of(request, wanted.key), stages));
  add_stages(response, stages);
  return response;
}

Response ServiceParts::generate(const Request& request) {
  const GenerateRequest wanted = read_generate_request(request.body, limits);
  return face_response(faces.make(wanted, asker_of(request, wanted.key)),
                       wanted.format);
}

// The first face is made before anything is sent, so that most of what can go
// wrong is in the status.
Response ServiceParts::variations(const Request& request) {
  VariationsRequest wanted = read_variations_request(request.body, limits);
  const WorkLane::Asker asker = asker_of(request, wanted.each.key);
  const ImageFormat format = wanted.each.format;
  const size_t count = wanted.looks.size();
  const auto face = faces.variations(std::move(wanted), asker);
  return multipart_response(
      face_response(face(0), format), count,
      [face, format](size_t i) { return face_response(face(i), format); });
}

Response ServiceParts::keep(const Request& request) {
  const PhotoReader::Kept kept = photos.keep(
      request.body, query_flag(request, "align", true), asker_of(request));
  json answer = {{"id", kept.id}, {"aligned", kept.aligned}};
  if (kept.frame) {
    const FaceFrame& frame = *kept.frame;
    answer["frame"] = {{"x", frame.centre.x},
                       {"y", frame.centre.y},
                       {"side", frame.side},
                       {"turn", frame.angle}};
  }
  return json_response(answer.dump() + "\n");
}

Response ServiceParts::kept(const Request& request) {
  Response response;
  response.content_type = "image/jpeg";
  response.body =
      photos.find(request.path.substr(std::strlen("/api/appearance/")))->jpeg;
  return response;
}

Response ServiceParts::parse(const Request& request) {
  const Image mask = photos.parse(
      request.body, query_flag(request, "align", true), asker_of(request));
  Palette palette;
  for (int part = 0; part < kMaskLabels; ++part) {
    palette.push_back(part_colour(part));
  }
  return picture_response(encode_indices(mask, palette), "image/png");
}

Response ServiceParts::sketch(const Request& request) {
  const Drawing drawing = photos.sketch(
      request.body, query_flag(request, "align", true),
      query_number(request, "detail", 0, 1, 0.5), asker_of(request));
  return json_response("{\"drawing\":" + write_drawing_json(drawing) + "}\n");
}

Response ServiceParts::convert(const Request& request) {
  const auto to = request.query.find("to");
  if (to == request.query.end()) {
    throw HttpError(400, "to is missing: svg, json, ndjson or png");
  }
  DrawingReader::File file = drawings.convert(
      read_drawing_request(request.body, limits).drawing, to->second);
  Response response = text_response(std::move(file.data), file.content_type);
  response.headers.emplace_back(
      "Content-Disposition",
      fmt::format("attachment; filename=\"{}\"", file.name));
  return response;
}

Response ServiceParts::import(const Request& request) {
  return json_response(drawings.import(request.body, asker_of(request)));
}

namespace {

// A path that ends in "{...}" takes any end there.
struct Route {
  const char* method;
  const char* path;
  Takes takes;
  Response (ServiceParts::*answer)(const Request&);
};

constexpr Route kRoutes[] = {
    {"GET", "/", Takes::kNothing, &ServiceParts::studio},
    {"GET", "/studio/{file}", Takes::kNothing, &ServiceParts::studio},
    {"GET", "/examples/photos/{file}", Takes::kNothing, &ServiceParts::studio},
    {"GET", "/openapi.json", Takes::kNothing, &ServiceParts::openapi},
    {"GET", "/healthz", Takes::kNothing, &ServiceParts::healthz},
    {"GET", "/metrics", Takes::kNothing, &ServiceParts::metrics},
    {"GET", "/api/models", Takes::kNothing, &ServiceParts::models},
    {"GET", "/api/templates", Takes::kNothing, &ServiceParts::templates},
    {"POST", "/api/label", Takes::kJson, &ServiceParts::label},
    {"POST", "/api/generate", Takes::kJson, &ServiceParts::generate},
    {"POST", "/api/variations", Takes::kJson, &ServiceParts::variations},
    {"POST", "/api/appearance", Takes::kPhoto, &ServiceParts::keep},
    {"GET", "/api/appearance/{id}", Takes::kNothing, &ServiceParts::kept},
    {"POST", "/api/parse", Takes::kPhoto, &ServiceParts::parse},
    {"POST", "/api/sketch", Takes::kPhoto, &ServiceParts::sketch},
    {"POST", "/api/convert", Takes::kJson, &ServiceParts::convert},
    {"POST", "/api/import", Takes::kDrawing, &ServiceParts::import},
};

bool fits(const Route& route, const std::string& path) {
  const std::string_view pattern = route.path;
  const size_t open = pattern.find('{');
  if (open == pattern.npos) return path == pattern;
  return path.compare(0, open, pattern.substr(0, open)) == 0;
}

// The route of a path, for `method` where there is one.
const Route* find_route(const std::string& path, const std::string& method) {
  const Route* other = nullptr;
  for (const Route& route : kRoutes) {
    if (!fits(route, path)) continue;
    if (method == route.method) return &route;
    other = &route;
  }
  return other;
}

// Throws HttpError for what refuse() refuses.
void check_head(const Request& head, const Route* route) {
  if (route == nullptr) {
    throw HttpError(404, "there is no such path; /openapi.json lists all");
  }
  if (head.method != route->method) {
    throw HttpError(405, fmt::format("this path takes {} only", route->method));
  }
  if (head.method == "GET") return;
  // Bodies of these types need a browser's leave for other sites, which is not
  // given; this says so to browsers that ask for nothing.
  if (head.site == "cross-site") {
    throw HttpError(403, "requests from pages of other sites are refused");
  }
  if (!suits(head.content_type, route->takes)) {
    throw HttpError(
        415,
        fmt::format("the body's type (Content-Type) is \"{}\", "
                    "expected {}",
                    printable(head.content_type, 60), expected(route->takes)));
  }
}

// What goes with every response.
void add_headers(Response& response) {
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
      "base-uri 'none'; frame-ancestors 'none'");
  // Isolated pages may have threads of their own.
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Embedder-Policy", "require-corp");
  for (const auto& [name, value] : response.headers) {
    if (name == "Cache-Control") return;
  }
  response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace

Service::Service(const ServiceOptions& options)
    : parts_(std::make_unique<ServiceParts>(options)) {}
Service::~Service() = default;

std::optional<Response> Service::refuse(const Request& head) {
  const Route* route = find_route(head.path, head.method);
  try {
    check_head(head, route);
    return std::nullopt;
  } catch (const HttpError& error) {
    Response response = error_response(error);
    if (error.status == 405) {
      response.headers.emplace_back("Allow", route->method);
    }
    add_headers(response);
    parts_->counts.add(route == nullptr ? "other" : route->path, error.status);
    return response;
  }
}

Response Service::handle(const Request& request) {
  const Route* route = find_route(request.path, request.method);
  Response response;
  try {
    check_head(request, route);
    response = (parts_.get()->*route->answer)(request);
  } catch (const HttpError& error) {
    response = error_response(error);
  } catch (const std::bad_alloc&) {
    response = error_response({500, "out of memory"});
  } catch (const Error& error) {
    response = error_response({500, error.what()});
  } catch (const std::exception&) {
    // What other libraries say is of no use to clients.
    response = error_response({500, "a fault of the server"});
  }
  add_headers(response);
  parts_->counts.add(route == nullptr ? "other" : route->path, response.status);
  return response;
}

void Service::count_connections(std::function<size_t()> connections) {
  parts_->connections = std::move(connections);
}

void Service::count_other(int status) { parts_->counts.add("other", status); }

void Service::stop() {
  parts_->drawings.lane().stop();
  parts_->photos.lane().stop();
  parts_->faces.lane().stop();
}

}  // namespace limner::server
