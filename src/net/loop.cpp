#include <algorithm>
#include <cstring>

#include "net/loop_impl.hpp"
#include "net/transport.hpp"

namespace zegocall::net_detail {
namespace {

// libwebsockets logs through one function of the whole process; each thread's lines go to the loop that it serves.
thread_local const LogSink* this_threads_log = nullptr;

void take_lws_line(int level, const char* line) {
  if (!this_threads_log || !*this_threads_log) return;
  std::string_view text(line);
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  (*this_threads_log)(level & LLL_ERR ? LogLevel::error : LogLevel::warning, "lws: " + std::string(text));
}

class LogHere {
 public:
  explicit LogHere(const LogSink& sink) : before_(this_threads_log) { this_threads_log = &sink; }
  ~LogHere() { this_threads_log = before_; }
  LogHere(const LogHere&) = delete;
  LogHere& operator=(const LogHere&) = delete;

 private:
  const LogSink* before_;
};

// Contexts are made and unmade one at a time: libwebsockets has statics of its own (its plug-in, its log level).
std::mutex& context_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Loops that nobody has at present. libwebsockets 4.1 on a foreign loop closes its event pipe twice when a context is
/// destroyed, and the second time the number may be another thread's file: so no context is destroyed that has once
/// worked, it waits for the next Loop. There are never more than there were Loops at one time.
struct SpareLoops {
  std::mutex mutex;
  std::vector<std::unique_ptr<Loop::Impl>> loops;
};
SpareLoops& spare_loops() {
  static SpareLoops* const all = new SpareLoops;  // never destroyed, for the same reason
  return *all;
}

Loop::Impl& impl_of(const uv_handle_t* handle) { return *static_cast<Loop::Impl*>(handle->data); }
template <class H>
uv_handle_t* base(H& handle) {
  return reinterpret_cast<uv_handle_t*>(&handle);
}

constexpr std::size_t receive_buffer_bytes = std::size_t{64} * 1024;  // one per loop, not per connection

}  // namespace

Result<void> Loop::Impl::open() {
  if (const int bad = uv_loop_init(&uv)) return fail(ErrorCode::io_error, std::string("event loop: ") + uv_strerror(bad));
  uv_open = true;
  for (uv_handle_t* handle : {base(wake), base(before_poll), base(after_poll), base(timer)}) handle->data = this;
  uv_async_init(&uv, &wake, [](uv_async_t* h) noexcept { impl_of(base(*h)).run_inbox(); });
  uv_prepare_init(&uv, &before_poll);
  uv_prepare_start(&before_poll, [](uv_prepare_t* h) noexcept { impl_of(base(*h)).end_turn(); });
  uv_check_init(&uv, &after_poll);
  uv_check_start(&after_poll, [](uv_check_t* h) noexcept { impl_of(base(*h)).end_turn(); });
  uv_timer_init(&uv, &timer);
  for (uv_handle_t* handle : {base(wake), base(before_poll), base(after_poll), base(timer)}) handle->data = this;

  static std::once_flag log_once;
  std::call_once(log_once, [] { lws_set_log_level(LLL_ERR | LLL_WARN, take_lws_line); });
  const LogHere here(log);
  const std::scoped_lock lock(context_mutex());
  void* loops[1] = {&uv};
  lws_context_creation_info info;
  std::memset(&info, 0, sizeof info);
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = Transport::protocols();
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  info.foreign_loops = loops;
  info.pt_serv_buf_size = receive_buffer_bytes;
  info.gid = -1;
  info.uid = -1;
  lws = lws_create_context(&info);
  if (!lws)
    return fail(ErrorCode::io_error, "libwebsockets does not start; is its libuv plug-in (libwebsockets-evlib-uv) installed?");
  info.vhost_name = "zegocall";
  vhost = lws_create_vhost(lws, &info);
  if (!vhost) return fail(ErrorCode::io_error, "libwebsockets does not start");
  return {};
}

Loop::Impl::~Impl() {
  if (!uv_open) return;
  const LogHere here(log);
  for (uv_handle_t* handle : {base(wake), base(before_poll), base(after_poll), base(timer)}) uv_close(handle, nullptr);
  // On a foreign loop the first call closes the handles, the loop's turns finish that, and the second call frees.
  const auto turns = [this] {
    for (int turn = 0; turn < 1000 && uv_run(&uv, UV_RUN_NOWAIT) != 0; ++turn) {
    }
  };
  const std::scoped_lock lock(context_mutex());
  if (lws) {
    lws_context_destroy(lws);
    turns();
    lws_context_destroy(lws);
  }
  turns();
  ZC_ASSERT(uv_loop_close(&uv) == 0);
}

/// Nothing of its last owner stays: not a task, not a timer, not a connection that is about to be closed.
void Loop::Impl::clear() {
  const LogHere here(log);
  ZC_ASSERT(owners.empty());
  close_inbox();
  timers.clear();
  timer_times.clear();
  uv_timer_stop(&timer);
  for (int turn = 0; turn < 3; ++turn) uv_run(&uv, UV_RUN_NOWAIT);
  dirty.clear();
  doomed.clear();
  std::vector<std::string>().swap(spare_buffers);
  log = {};
  const std::scoped_lock lock(inbox_mutex);
  inbox_closed = false;
}

void Loop::Impl::close_inbox() {
  std::vector<std::function<void()>> unrun;  // destroyed without the lock: what a task holds may post
  const std::scoped_lock lock(inbox_mutex);
  inbox_closed = true;
  unrun.swap(inbox);
}

void Loop::Impl::post(std::function<void()> task) {
  bool first = false;
  {
    const std::scoped_lock lock(inbox_mutex);
    if (inbox_closed) return;
    first = inbox.empty();
    inbox.push_back(std::move(task));
  }
  if (first) uv_async_send(&wake);
}

void Loop::Impl::run_inbox() {
  {
    const std::scoped_lock lock(inbox_mutex);
    running_tasks.swap(inbox);
  }
  for (auto& task : running_tasks) {
    task();
    task = nullptr;  // what it holds goes now, not when the whole batch is done
  }
  running_tasks.clear();
}

void Loop::Impl::arm_timer() {
  if (timers.empty()) {
    uv_timer_stop(&timer);
    return;
  }
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(timers.begin()->first.first.time_since_epoch()).count();
  const auto at = static_cast<std::uint64_t>(std::max<std::int64_t>(due, 0));
  const std::uint64_t loop_now = uv_now(&uv);
  // libuv runs a timer that is due when it is started in the same turn, so that one which rearms itself would never
  // let go: at least one millisecond.
  const std::uint64_t delay = at > loop_now ? at - loop_now : 1;
  uv_timer_start(
      &timer, [](uv_timer_t* h) noexcept { impl_of(base(*h)).run_timers(); }, delay, 0);
}

void Loop::Impl::run_timers() {
  const SteadyTime now = system_now().steady;
  std::vector<std::pair<SteadyTime, TimerId>> due;
  for (const auto& [key, task] : timers) {
    if (key.first > now) break;
    due.push_back(key);
  }
  for (const auto& key : due) {
    auto found = timers.extract(key);
    if (found.empty()) continue;  // cancelled by one before it
    timer_times.erase(key.second);
    found.mapped()();
  }
  arm_timer();
}

void Loop::Impl::mark_dirty(Transport& transport) {
  if (std::exchange(transport.dirty_, true)) return;
  dirty.push_back(&transport);
}

void Loop::Impl::mark_doomed(Transport& transport) {
  if (std::exchange(transport.doomed_, true)) return;
  doomed.push_back(&transport);
}

void Loop::Impl::forget(Transport& transport) {
  if (transport.dirty_) std::replace(dirty.begin(), dirty.end(), &transport, static_cast<Transport*>(nullptr));
  if (transport.doomed_) std::replace(doomed.begin(), doomed.end(), &transport, static_cast<Transport*>(nullptr));
}

void Loop::Impl::end_turn() {
  bool more = true;
  while (more) {
    more = false;
    for (std::size_t i = 0; i < owners.size(); ++i) more = owners[i]->on_turn_end() || more;
    for (std::size_t i = 0; i < dirty.size(); ++i) {
      if (!dirty[i]) continue;
      dirty[i]->dirty_ = false;
      std::exchange(dirty[i], nullptr)->flush();
    }
    dirty.clear();
    for (std::size_t i = 0; i < doomed.size(); ++i)
      if (doomed[i]) more = true, std::exchange(doomed[i], nullptr)->kill();
    doomed.clear();
  }
}

Loop::Loop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Loop::~Loop() {
  ZC_ASSERT(impl_->runner.load() == std::thread::id{});
  impl_->clear();
  SpareLoops& spare = spare_loops();
  const std::scoped_lock lock(spare.mutex);
  spare.loops.push_back(std::move(impl_));
}

Result<std::unique_ptr<Loop>> Loop::open(LogSink log) {
  {
    SpareLoops& spare = spare_loops();
    const std::scoped_lock lock(spare.mutex);
    if (!spare.loops.empty()) {
      auto again = std::move(spare.loops.back());
      spare.loops.pop_back();
      again->log = std::move(log);
      return std::unique_ptr<Loop>(new Loop(std::move(again)));
    }
  }
  auto impl = std::make_unique<Impl>(std::move(log));
  if (auto opened = impl->open(); !opened) return unexpected(std::move(opened).error());
  return std::unique_ptr<Loop>(new Loop(std::move(impl)));
}

void Loop::run() {
  const LogHere here(impl_->log);
  impl_->runner.store(std::this_thread::get_id());
  uv_run(&impl_->uv, UV_RUN_DEFAULT);
  impl_->runner.store({});
}

void Loop::stop() {
  impl_->post([impl = impl_.get()] { uv_stop(&impl->uv); });
}

void Loop::close_inbox() { impl_->close_inbox(); }

void Loop::post(std::function<void()> task) { impl_->post(std::move(task)); }

TimerId Loop::at(SteadyTime when, std::function<void()> task) {
  const TimerId id = ++impl_->last_timer;
  const auto entry = impl_->timers.emplace(std::pair(when, id), std::move(task)).first;
  impl_->timer_times.emplace(id, when);
  if (entry == impl_->timers.begin()) impl_->arm_timer();
  return id;
}

void Loop::cancel(TimerId timer) {
  const auto found = impl_->timer_times.find(timer);
  if (found == impl_->timer_times.end()) return;
  impl_->timers.erase({found->second, timer});
  impl_->timer_times.erase(found);  // the uv timer may fire once for nothing; arming again each time would cost more
}

Now Loop::now() const { return system_now(); }

bool Loop::on_loop_thread() const {
  const auto runner = impl_->runner.load();
  return runner == std::thread::id{} || runner == std::this_thread::get_id();
}

}  // namespace zegocall::net_detail
