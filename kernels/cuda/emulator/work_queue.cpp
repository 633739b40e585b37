#include "kernels/cuda/emulator/work_queue.hpp"

#include <algorithm>
#include <utility>

namespace braid::cuda::emulator {

/// A piece of work that has been issued.
struct Task {
  std::size_t number = 0;
  std::function<void()> work;
  std::size_t waits_for = 0;                     // so many that are not done
  std::vector<std::shared_ptr<Task>> followers;  // that wait for it
  bool is_done = false;
};

/// What a capture has recorded, in every stream that takes part.
struct Capture {
  WorkGraph graph;
  std::vector<WorkStream*> streams;  // the first one began it
};

namespace {

void add_new(std::vector<std::size_t>& to, const std::vector<std::size_t>& from) {
  for (const std::size_t each : from) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

std::vector<std::size_t> last_of(const WorkGraph& graph) {
  std::vector<bool> is_awaited(graph.nodes.size(), false);
  for (const WorkGraph::Node& node : graph.nodes) {
    for (const std::size_t before : node.after)
      is_awaited[before] = true;
  }
  std::vector<std::size_t> last;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!is_awaited[n]) last.push_back(n);
  }
  return last;
}

}  // namespace

// A point after all of `at` becomes one after the work. The mutex is held.
void WorkQueue::issue(WorkPoint& at, std::function<void()> work) {
  auto task = std::make_shared<Task>();
  task->number = issued_++;
  task->work = std::move(work);
  for (const auto& before : at.tasks) {
    if (before->is_done) continue;
    before->followers.push_back(task);
    ++task->waits_for;
  }
  if (task->waits_for == 0) ready_.push_back(task);
  at.tasks = {std::move(task)};
}

void WorkQueue::add(WorkStream& stream, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  WorkPoint& now = stream.now;
  if (!now.capture) return issue(now, std::move(work));
  std::vector<WorkGraph::Node>& nodes = now.capture->graph.nodes;
  nodes.push_back({std::move(work), now.nodes});
  now.nodes = {nodes.size() - 1};
}

void WorkQueue::wait_for(WorkStream& stream, const WorkPoint& event) {
  const std::lock_guard lock(mutex_);
  if (event.capture && !stream.now.capture) {
    event.capture->streams.push_back(&stream);
    stream.outside = std::exchange(stream.now, {{}, event.capture, {}});
  }
  if (event.capture != stream.now.capture)
    throw StreamMisuse("a stream that captures waits for work that is not captured with it");
  add_new(stream.now.nodes, event.nodes);
  stream.now.tasks.insert(stream.now.tasks.end(), event.tasks.begin(), event.tasks.end());
}

void WorkQueue::begin_capture(WorkStream& stream) {
  const std::lock_guard lock(mutex_);
  if (stream.now.capture) throw StreamMisuse("a stream captures one graph at a time");
  auto capture = std::make_shared<Capture>();
  capture->streams.push_back(&stream);
  stream.outside = std::exchange(stream.now, {{}, std::move(capture), {}});
}

WorkGraph WorkQueue::end_capture(WorkStream& stream) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Capture> capture = stream.now.capture;
  if (!capture || capture->streams.front() != &stream)
    throw StreamMisuse("a stream ends a capture that it has not begun");
  const std::vector<std::size_t> joined = stream.now.nodes;
  for (WorkStream* const each : capture->streams)
    each->now = std::exchange(each->outside, {});
  WorkGraph graph = std::move(capture->graph);
  graph.last = last_of(graph);
  for (const std::size_t node : graph.last) {
    if (std::find(joined.begin(), joined.end(), node) == joined.end())
      throw StreamMisuse("a capture ends before the work of another stream is joined");
  }
  return graph;
}

void WorkQueue::replay(WorkStream& stream, const WorkGraph& graph) {
  const std::lock_guard lock(mutex_);
  if (stream.now.capture) throw StreamMisuse("a graph is launched while a stream captures");
  std::vector<WorkPoint> done;  // by node
  for (const WorkGraph::Node& node : graph.nodes) {
    WorkPoint& at = done.emplace_back();
    if (node.after.empty()) at.tasks = stream.now.tasks;
    for (const std::size_t before : node.after)
      at.tasks.push_back(done[before].tasks.front());
    issue(at, node.work);
  }
  if (!graph.nodes.empty()) stream.now.tasks.clear();
  for (const std::size_t node : graph.last)
    stream.now.tasks.push_back(done[node].tasks.front());
}

std::shared_ptr<Task> WorkQueue::take_next() {
  auto next = ready_.begin();
  const auto by_number = [](const auto& a, const auto& b) { return a->number < b->number; };
  if (order_ == WorkOrder::Issued) next = std::min_element(next, ready_.end(), by_number);
  if (order_ == WorkOrder::Reversed) next = std::max_element(next, ready_.end(), by_number);
  if (order_ == WorkOrder::Shuffled) next += static_cast<std::ptrdiff_t>(random_() % ready_.size());
  std::shared_ptr<Task> task = std::move(*next);
  ready_.erase(next);
  return task;
}

void WorkQueue::finish(const WorkPoint& point) {
  const std::lock_guard lock(mutex_);
  if (point.capture) throw StreamMisuse("nobody waits for what is only captured");
  const auto is_over = [&] {
    return std::all_of(point.tasks.begin(), point.tasks.end(),
                       [](const auto& task) { return task->is_done; });
  };
  while (!is_over()) {
    const std::shared_ptr<Task> task = take_next();
    task->is_done = true;
    for (auto& follower : std::exchange(task->followers, {})) {
      if (--follower->waits_for == 0) ready_.push_back(std::move(follower));
    }
    std::exchange(task->work, {})();
  }
}

}  // namespace braid::cuda::emulator
