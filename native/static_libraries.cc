// What it takes to link libbpf.a and libelf.a into a shared object.
//
// Distributions build these archives for programs (-fPIE), not for shared objects (-fPIC). Two spots do not link: libelf
// keeps its last error in a thread-local variable, and libbpf's default logger refers to stderr as if it lay in the same
// image. The linker only takes from an archive what nothing else defines, so defining those names here, hidden, is
// enough, and the addon needs neither library at run time.
#include <dlfcn.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern "C" {

HIDDEN void* stderr = *static_cast<void**>(dlsym(RTLD_DEFAULT, "stderr"));

static thread_local int last_error = 0;

HIDDEN void __libelf_seterrno(int error) { last_error = error; }

HIDDEN int elf_errno(void) {
  const int error = last_error;
  last_error = 0;
  return error;
}

HIDDEN const char* elf_errmsg(int error) {
  return error == 0 && last_error == 0 ? nullptr : "malformed or unsupported ELF file";
}
}
