#include "waiter.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "errors.h"

namespace spectral {
namespace {

// Between two calls. Whoever fills a ring pays for waking its reader, but only when the reader had caught up; under load a
// pause means that it has not, and saves the writers most wake-ups.
constexpr std::chrono::milliseconds kPause{1};

void CloseAtExit(void* waiter) { static_cast<Waiter*>(waiter)->Close(); }

}  // namespace

Waiter::Waiter(Napi::Env env, Napi::Function callback, const std::vector<int>& fds, std::function<bool()> check)
    : env_(env), check_(std::move(check)) {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  stop_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  bool ok = epoll_fd_ >= 0 && stop_fd_ >= 0;
  for (size_t i = 0; ok && i <= fds.size(); i++) {
    int fd = i < fds.size() ? fds[i] : stop_fd_;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ok = epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0;
  }
  if (!ok) {
    int error = errno;
    if (epoll_fd_ >= 0) close(epoll_fd_);
    if (stop_fd_ >= 0) close(stop_fd_);
    throw SystemError(env, "waiting for kernel events", error);
  }
  callback_ = Napi::ThreadSafeFunction::New(env, callback, "spectral", 1, 1);
  napi_add_env_cleanup_hook(env_, CloseAtExit, this);
  thread_ = std::thread(&Waiter::Run, this);
}

Waiter::~Waiter() { Close(); }

void Waiter::Rearm() {
  std::lock_guard<std::mutex> lock(mutex_);
  armed_ = true;
  changed_.notify_one();
}

void Waiter::Close() {
  if (closed_) return;
  closed_ = true;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  uint64_t one = 1;
  if (write(stop_fd_, &one, sizeof one) < 0) { /* an eventfd at its maximum is readable as well */
  }
  thread_.join();
  close(epoll_fd_);
  close(stop_fd_);
  callback_.Abort();
  napi_remove_env_cleanup_hook(env_, CloseAtExit, this);
}

void Waiter::Run() {
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return armed_ || stopping_; });
      changed_.wait_for(lock, kPause, [this] { return stopping_; });
      if (stopping_) return;
    }
    epoll_event event;
    int ready = epoll_wait(epoll_fd_, &event, 1, -1);
    if (ready < 0 && errno != EINTR) return;
    if (ready <= 0) continue;
    if (event.data.fd == stop_fd_) return;
    if (check_ && !check_()) continue;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      armed_ = false;
    }
    if (callback_.NonBlockingCall() != napi_ok) {
      // Only a closing environment refuses (the queue holds one call, and none is pending while armed).
      return;
    }
  }
}

}  // namespace spectral
