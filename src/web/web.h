// limner inside of a web page: a C interface, compiled to WebAssembly
// (scripts/build_web). The studio's worker (studio/js/engine_worker.js) calls
// it with the requests of the HTTP API (server/openapi.json), which
// server/service.h answers here as it does behind a network.
//
// One thread calls, and what was returned by pointer is valid until the next
// call. No call throws.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// Memory for arguments, to be written by the page; null when there is no more.
void* limner_allocate(size_t bytes);
void limner_free(void* memory);

// Opens a model's file with all networks in it (see
// pipeline/face_maker.h, all_networks_of()), in the place of one that was open.
// threads: that layers use, 0 for all. Returns 1, or 0: limner_problem() says
// why.
int limner_open(const char* model, int threads);
const char* limner_problem(void);
void limner_close(void);

// Answers a request, and returns its status: 200, 400, ..., as over HTTP; 500
// when nothing is open or memory ran out. target: path and query,
// "/api/convert?to=svg". type: of the body, "" for none. The body is read, not
// kept.
int limner_ask(const char* method, const char* target, const char* type,
               const uint8_t* body, size_t size);

// The last answer. Headers: lines of "Name: value\n".
const char* limner_answer_type(void);
const char* limner_answer_headers(void);
const uint8_t* limner_answer_body(void);
size_t limner_answer_size(void);
// A number above 0 where the body is made piece by piece (faces one after the
// other): limner_more() gives it then, and other requests may come between. 0
// where the body is whole. Of such bodies the four newest are kept.
int limner_answer_stream(void);
// Makes the next piece, the body of the last answer then. Returns 1; 0 at the
// end; -1 where it broke off (limner_problem() says why). The stream is gone
// after 0 and -1.
int limner_more(int stream);
// Nothing more of a stream is wanted.
void limner_enough(int stream);
// Lets go of the answer's memory.
void limner_answer_done(void);

}  // extern "C"
