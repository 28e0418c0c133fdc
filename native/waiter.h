// Waits for file descriptors on a thread of its own and calls JS when there is something to do.
//
//            readable & check()          call                               pause
//   armed ─────────────────────▶ told ──────▶ JS works … rearm() ─▶ resting ─────▶ armed
//
// One call at a time: while JS works, events gather where they are. Close() joins the thread; so does the end of the
// environment (a worker thread that is terminated).
#pragma once
#include <napi.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spectral {

class Waiter {
 public:
  // `check` runs on the waiter's thread after a wake-up; false means that JS need not be told.
  Waiter(Napi::Env env, Napi::Function callback, const std::vector<int>& fds, std::function<bool()> check = nullptr);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void Rearm();
  void Close();

 private:
  void Run();

  Napi::Env env_;
  Napi::ThreadSafeFunction callback_;
  std::function<bool()> check_;
  int epoll_fd_ = -1;
  int stop_fd_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool armed_ = true;
  bool stopping_ = false;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace spectral
