// Exceptions in the engine with threads, where clang 14 compiles it.
//
// Of WebAssembly's exceptions a landing pad learns which catch clause is meant
// by __wasm_lpad_context: it writes its index and table there, calls
// _Unwind_CallPersonality(), and reads the selector
// (the exception handling scheme of WebAssembly's tool conventions). clang 14
// takes that variable for one of the program, the unwinding library that comes
// with Debian 12's emscripten defines one for each thread, and what is linked
// of the two catches nothing. Here it is one of the program, and threads take
// turns: what a thread has thrown is caught before another one throws.
//
// Linked with --wrap=__cxa_begin_catch, in the place of the library's.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unwind.h>

struct LandingPad {
  uintptr_t index;
  uintptr_t table;
  uintptr_t selector;
};

// The name that compiled code uses.
struct LandingPad __wasm_lpad_context;

_Unwind_Reason_Code __gxx_personality_wasm0(int version, _Unwind_Action actions,
                                            _Unwind_Exception_Class kind,
                                            struct _Unwind_Exception* exception,
                                            struct _Unwind_Context* context);

// The thread whose exceptions are on their way (0: none), and how many: one may
// be thrown and caught in a destructor that another one calls.
static _Atomic(uintptr_t) owner;
static int on_their_way;

_Unwind_Reason_Code _Unwind_RaiseException(
    struct _Unwind_Exception* exception) {
  const uintptr_t self = (uintptr_t)pthread_self();
  if (atomic_load(&owner) != self) {
    uintptr_t nobody = 0;
    while (!atomic_compare_exchange_weak(&owner, &nobody, self)) {
      nobody = 0;
      sched_yield();
    }
  }
  ++on_their_way;
  __builtin_wasm_throw(0, exception);  // 0: the tag of C++
}

void* __real___cxa_begin_catch(void* exception);

void* __wrap___cxa_begin_catch(void* exception) {
  if (atomic_load(&owner) == (uintptr_t)pthread_self() && --on_their_way == 0) {
    atomic_store(&owner, 0);
  }
  return __real___cxa_begin_catch(exception);
}

_Unwind_Reason_Code _Unwind_CallPersonality(void* thrown) {
  struct _Unwind_Exception* exception = thrown;
  __wasm_lpad_context.selector = 0;
  return __gxx_personality_wasm0(1, _UA_CLEANUP_PHASE,
                                 exception->exception_class, exception,
                                 (struct _Unwind_Context*)&__wasm_lpad_context);
}

void _Unwind_DeleteException(struct _Unwind_Exception* exception) {
  if (exception->exception_cleanup != 0) {
    exception->exception_cleanup(_URC_FOREIGN_EXCEPTION_CAUGHT, exception);
  }
}

// What the personality asks of a "context". Registers: 1 is the selector.
void _Unwind_SetGR(struct _Unwind_Context* context, int index,
                   _Unwind_Word value) {
  if (index == 1) ((struct LandingPad*)context)->selector = value;
}

// It takes an address after the call, and counts from 1.
_Unwind_Word _Unwind_GetIP(struct _Unwind_Context* context) {
  return ((struct LandingPad*)context)->index + 2;
}

void* _Unwind_GetLanguageSpecificData(struct _Unwind_Context* context) {
  return (void*)((struct LandingPad*)context)->table;
}

// Without a meaning here.
void _Unwind_SetIP(struct _Unwind_Context* context, _Unwind_Word value) {
  (void)context;
  (void)value;
}

_Unwind_Ptr _Unwind_GetRegionStart(struct _Unwind_Context* context) {
  (void)context;
  return 0;
}
