// Errors that JS sees: `code` (an errno name), `errno`, `detail` (what libbpf had to say, its last lines).
#pragma once
#include <napi.h>

#include <string>

namespace spectral {

// Routes libbpf's messages into a bounded per-thread buffer instead of stderr.
void InstallLibbpfLog();
// Takes and empties this thread's buffer.
std::string TakeLibbpfLog();
// An Error for a failed operation; `error` is a positive errno.
Napi::Error SystemError(Napi::Env env, const std::string& operation, int error);

}  // namespace spectral
