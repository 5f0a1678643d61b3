#include "server/fair_queue.h"

#include <gmock/gmock.h>

#include <vector>

namespace limner::server {
namespace {

using ::testing::ElementsAre;
using Queue = FairQueue<int>;

std::vector<int> all(Queue& queue) {
  std::vector<int> jobs;
  while (const auto job = queue.pop()) jobs.push_back(*job);
  EXPECT_EQ(queue.size(), 0U);
  return jobs;
}

TEST(FairQueue, OneClientIsServedInOrder) {
  Queue queue(10);
  for (int job = 1; job <= 4; ++job)
    EXPECT_TRUE(queue.push("a", "", job).added);
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_THAT(all(queue), ElementsAre(1, 2, 3, 4));
}

TEST(FairQueue, ClientsTakeTurns) {
  Queue queue(10);
  for (const int job : {1, 2, 3, 4}) queue.push("a", "", job);
  for (const int job : {11, 12}) queue.push("b", "", job);
  queue.push("c", "", 21);
  EXPECT_THAT(all(queue), ElementsAre(1, 11, 21, 2, 12, 3, 4));
}

TEST(FairQueue, ManyKeysBuyNothing) {
  Queue queue(10);
  for (const int job : {1, 2, 3}) {
    queue.push("a", "key" + std::to_string(job), job);
  }
  queue.push("b", "", 11);
  queue.push("b", "", 12);
  EXPECT_THAT(all(queue), ElementsAre(1, 11, 2, 12, 3));
}

TEST(FairQueue, DrawingsOfAClientTakeTurns) {
  Queue queue(10);
  for (const int job : {1, 2, 3}) queue.push("a", "", job);
  queue.push("a", "x", 9);
  EXPECT_THAT(all(queue), ElementsAre(1, 9, 2, 3));
}

TEST(FairQueue, ANewerJobOfADrawingTakesTheOldersPlace) {
  Queue queue(10);
  queue.push("a", "x", 1);
  queue.push("a", "y", 2);
  const auto pushed = queue.push("a", "x", 3);
  EXPECT_TRUE(pushed.added);
  EXPECT_EQ(pushed.replaced, 1);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_THAT(all(queue), ElementsAre(3, 2));
}

TEST(FairQueue, KeysOfOthersAreNotTouched) {
  Queue queue(10);
  queue.push("a", "x", 1);
  EXPECT_FALSE(queue.push("b", "x", 2).replaced);
  // Without a key nothing is replaced.
  queue.push("a", "", 3);
  EXPECT_FALSE(queue.push("a", "", 4).replaced);
  EXPECT_EQ(queue.size(), 4U);
}

TEST(FairQueue, AReplacementFitsAFullQueue) {
  Queue queue(1);
  queue.push("a", "x", 1);
  EXPECT_FALSE(queue.push("b", "y", 2).added);
  EXPECT_TRUE(queue.push("a", "x", 3).added);
  EXPECT_THAT(all(queue), ElementsAre(3));
}

TEST(FairQueue, AFullQueueMakesRoomForWhoHasLittle) {
  Queue queue(3);
  for (const int job : {1, 2, 3}) queue.push("a", "", job);
  EXPECT_FALSE(queue.push("a", "", 4).added);
  const auto pushed = queue.push("b", "", 11);
  EXPECT_TRUE(pushed.added);
  EXPECT_EQ(pushed.pushed_out, 3);
  // Two against one: the next gains nothing by going first.
  EXPECT_FALSE(queue.push("b", "", 12).added);
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_THAT(all(queue), ElementsAre(1, 11, 2));
}

TEST(FairQueue, JobsCanBeTakenOut) {
  Queue queue(10);
  for (const int job : {1, 2}) queue.push("a", "", job);
  queue.push("b", "x", 3);
  EXPECT_TRUE(queue.remove(1));
  EXPECT_FALSE(queue.remove(1));
  EXPECT_TRUE(queue.remove(3));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_THAT(all(queue), ElementsAre(2));
}

}  // namespace
}  // namespace limner::server
