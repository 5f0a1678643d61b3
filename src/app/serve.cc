// limner serve: faces over HTTP, and the studio in a browser.
#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "image/codec.h"
#include "pipeline/labeling.h"
#include "server/http_server.h"
#include "server/service.h"
#include "sketch/drawing_limits.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

struct Settings {
  Common common;
  std::filesystem::path labeler, parser, shapes;
  std::string host = "127.0.0.1";
  int64_t port = 8080;
  int64_t max_body = 16;  // MiB
  int64_t max_strokes = 2000;
  int64_t max_points = 100'000;
  int64_t max_pixels = int64_t{1} << 25;
  int64_t max_queue = 32;
  int64_t max_wait = 60;
  int64_t max_read = 60;
  int64_t max_connections = 256;
  int64_t cache = 256;  // MiB
  bool trust_proxy = false;
};

constexpr size_t kMebibyte = size_t{1} << 20;

server::ServiceOptions service_options(const Settings& settings) {
  server::ServiceOptions options;
  options.model = settings.common.model;
  if (options.model.empty()) {
    throw UsageError("no model given: name its file, or set LIMNER_MODEL");
  }
  options.labeler = settings.labeler;
  options.parser = settings.parser;
  options.shapes = settings.shapes;
  options.precision = precision_of(settings.common);
  server::Limits& limits = options.limits;
  limits.body_bytes = kMebibyte * static_cast<size_t>(settings.max_body);
  limits.strokes = settings.max_strokes;
  limits.points = settings.max_points;
  limits.pixels = settings.max_pixels;
  limits.queue = static_cast<size_t>(settings.max_queue);
  limits.wait_seconds = static_cast<double>(settings.max_wait);
  limits.cache_bytes = kMebibyte * static_cast<size_t>(settings.cache);
  return options;
}

// "0.0.0.0,limner.example.org": where to listen, then names to be asked by.
std::vector<std::string> hosts_of(const Settings& settings) {
  std::vector<std::string> hosts;
  std::istringstream list(settings.host);
  for (std::string host; std::getline(list, host, ',');) hosts.push_back(host);
  if (hosts.empty()) throw UsageError("--host names no address");
  return hosts;
}

server::HttpOptions http_options(const Settings& settings) {
  server::HttpOptions options;
  options.names = hosts_of(settings);
  options.host = options.names.front();
  options.port = static_cast<int>(settings.port);
  options.body_bytes = kMebibyte * static_cast<size_t>(settings.max_body);
  // Room for a queue of ordinary requests, not for one of the largest.
  constexpr size_t kAtOnce = 8;
  options.all_body_bytes = kAtOnce * options.body_bytes;
  options.connections = static_cast<size_t>(settings.max_connections);
  options.read_seconds = static_cast<double>(settings.max_read);
  options.trust_proxy = settings.trust_proxy;
  return options;
}

// The address as it stands in a URL.
std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// SIGINT and SIGTERM wait for wait_for_signal(), also in threads that are
// started later.
sigset_t block_ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for_signal(const sigset_t& signals) {
  int got = 0;
  while (sigwait(&signals, &got) != 0) {
  }
  // A second one ends at once.
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

int serve(const Settings& settings) {
  const server::ServiceOptions options = service_options(settings);
  set_threads(static_cast<int>(settings.common.threads));
  set_most_pixels(settings.max_pixels);
  // Many threads come and go: few pools of memory keep what they free usable.
  mallopt(M_ARENA_MAX, 4);
  const sigset_t signals = block_ending_signals();
  server::Service service(options);
  server::HttpServer http(
      http_options(settings),
      {[&](const server::Request& head) { return service.refuse(head); },
       [&](const server::Request& request) { return service.handle(request); },
       [&](int status) { service.count_other(status); }});
  service.count_connections([&] { return http.connections(); });

  std::string problem;
  std::thread network([&] {
    try {
      http.run();
    } catch (const std::exception& error) {
      problem = error.what();
      kill(getpid(), SIGTERM);
    }
  });
  say("http://{}:{}/\n", url_host(hosts_of(settings).front()), http.port());
  finish_output();
  if (!settings.common.quiet) {
    say("{}{}{}; Ctrl-C ends it\n", shown(options.model.filename()),
        options.labeler.empty() ? ", no stroke labeler" : "",
        options.parser.empty() ? ", no face parser" : "");
    finish_output();
  }
  wait_for_signal(signals);
  http.stop();
  service.stop();
  network.join();
  if (!problem.empty()) fail("the network failed: {}", problem);
  return 0;
}

}  // namespace

Command serve_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "serve";
  command.summary = "Serves the studio and faces over HTTP";
  command.details = {
      "Prints the address to open in a browser. The API that the studio uses "
      "is described at /openapi.json and in docs/serving.md. Clients on other "
      "machines are served only with another --host, such as 0.0.0.0; there is "
      "no encryption and no password, so put a proxy in front of it that has.",
      "Ctrl-C or SIGTERM ends it: what is being computed is finished first.",
      "  limner serve",
      "  limner serve --port 0 --max-queue 8",
  };
  command.options = {
      model_option("-m,--model", &s->common),
      text("--host", "ADDRESS[,NAME...]", &s->host,
           "address to listen on; 0.0.0.0 is all of this machine's. Requests "
           "are answered when they are for an address in numbers, localhost, "
           "or one of these names"),
      whole("--port", "N", &s->port, 0, 65535,
            "port to listen on; 0: any that is free, which is printed"),
      labeler_option(&s->labeler),
      parser_option(&s->parser),
      shapes_option(&s->shapes),
      whole("--max-body", "MIB", &s->max_body, 1, 1024,
            "largest body of a request, in MiB"),
      whole("--max-strokes", "N", &s->max_strokes, 1, kMaxLabelledStrokes,
            "most strokes of a drawing"),
      whole("--max-points", "N", &s->max_points, 1, kMaxDrawingPoints,
            "most points of a drawing"),
      whole("--max-pixels", "N", &s->max_pixels, 1, kMaxImagePixels,
            "most pixels of a photo or picture"),
      whole("--max-queue", "N", &s->max_queue, 1, 10'000,
            "requests that may wait for their turn; others are told to come "
            "back later"),
      whole("--max-wait", "SECONDS", &s->max_wait, 1, 3600,
            "longest that a request waits for its turn"),
      whole("--max-read", "SECONDS", &s->max_read, 1, 3600,
            "longest that a request may take to arrive"),
      whole("--max-connections", "N", &s->max_connections, 2, 10'000,
            "connections at a time; the longest silent one makes room"),
      whole("--cache", "MIB", &s->cache, 0, 65536,
            "memory for faces that were made, in MiB; photos get a quarter "
            "of it besides"),
      flag("--trust-proxy", &s->trust_proxy,
           "tell clients apart by X-Forwarded-For, which a proxy of yours "
           "must set"),
  };
  add_common(command, &s->common);
  command.run = [settings] { return serve(*settings); };
  return command;
}

}  // namespace limner::app
