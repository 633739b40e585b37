// Streams, events and graphs of the emulated device: what must wait waits, what need not does not.

#include "kernels/cuda/emulator/work_queue.hpp"

#include <gmock/gmock.h>

namespace braid::cuda::emulator {
namespace {

using testing::ElementsAre;

/// A device that writes down what it does.
struct Log {
  explicit Log(WorkOrder order) : queue(order) {}

  void add(WorkStream& stream, int piece) {
    queue.add(stream, [this, piece] { done.push_back(piece); });
  }

  WorkQueue queue;
  std::vector<int> done;
};

TEST(WorkQueueTest, KeepsTheOrderOfAStream) {
  for (const WorkOrder order : {WorkOrder::Issued, WorkOrder::Reversed, WorkOrder::Shuffled}) {
    Log log(order);
    WorkStream stream;
    for (const int piece : {1, 2, 3})
      log.add(stream, piece);
    EXPECT_THAT(log.done, ElementsAre());
    log.queue.finish(stream.now);
    EXPECT_THAT(log.done, ElementsAre(1, 2, 3));
  }
}

TEST(WorkQueueTest, DoesWhatWaitsForNothingInAnyOrder) {
  Log log(WorkOrder::Reversed);
  WorkStream a;
  WorkStream b;
  log.add(a, 1);
  log.add(b, 2);
  const WorkPoint event = a.now;
  log.queue.wait_for(b, event);
  log.add(b, 3);
  log.queue.finish(b.now);
  EXPECT_THAT(log.done, ElementsAre(2, 1, 3));
}

TEST(WorkQueueTest, ReplaysBranchesOfAGraph) {
  Log log(WorkOrder::Reversed);
  WorkStream main;
  WorkStream side;
  log.add(main, 0);
  log.queue.begin_capture(main);
  log.add(main, 1);
  log.queue.wait_for(side, main.now);
  log.add(main, 2);
  log.add(side, 3);
  log.queue.wait_for(main, side.now);
  log.add(main, 4);
  const WorkGraph graph = log.queue.end_capture(main);
  log.queue.finish(main.now);
  EXPECT_THAT(log.done, ElementsAre(0));
  log.queue.replay(main, graph);
  log.queue.replay(main, graph);
  log.add(main, 5);
  log.queue.finish(main.now);
  EXPECT_THAT(log.done, ElementsAre(0, 1, 3, 2, 4, 1, 3, 2, 4, 5));
}

TEST(WorkQueueTest, RefusesWhatADeviceRefuses) {
  Log log(WorkOrder::Issued);
  WorkStream main;
  WorkStream side;
  log.add(side, 1);
  const WorkPoint outside = side.now;
  log.queue.begin_capture(main);
  EXPECT_THROW(log.queue.begin_capture(main), StreamMisuse);
  EXPECT_THROW(log.queue.wait_for(main, outside), StreamMisuse);
  EXPECT_THROW(log.queue.finish(main.now), StreamMisuse);
  log.add(main, 2);
  log.queue.wait_for(side, main.now);
  log.add(side, 3);
  EXPECT_THROW(log.queue.end_capture(main), StreamMisuse) << "the side stream has not joined";
  log.queue.finish(side.now);
  EXPECT_THAT(log.done, ElementsAre(1));
}

}  // namespace
}  // namespace braid::cuda::emulator
