#include "train/parallel/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

Place place_of(const std::map<std::string, std::string>& variables) {
  return find_place([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string problem_of(const std::map<std::string, std::string>& variables) {
  return error_of([&] { place_of(variables); });
}

TEST(Environment, NothingMeansAlone) {
  EXPECT_EQ(place_of({}).world, 1);
  EXPECT_EQ(place_of({{"RANK", "0"}}).world, 1);
  EXPECT_EQ(place_of({{"WORLD_SIZE", "1"}}).world, 1);
}

TEST(Environment, Torchrun) {
  const Place place = place_of({{"RANK", "5"},
                                {"WORLD_SIZE", "8"},
                                {"LOCAL_RANK", "1"},
                                {"MASTER_ADDR", "node7"},
                                {"MASTER_PORT", "4711"},
                                {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(place.rank, 5);
  EXPECT_EQ(place.world, 8);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.address, "node7");
  EXPECT_EQ(place.port, 4711);
  EXPECT_TRUE(place.hosted);
  EXPECT_EQ(place.prefix, "/worker/attempt_2");
}

TEST(Environment, Srun) {
  const std::map<std::string, std::string> variables = {
      {"SLURM_PROCID", "3"},
      {"SLURM_STEP_NUM_TASKS", "4"},
      {"SLURM_LOCALID", "1"},
      {"SLURM_STEP_NODELIST", "gpu[07-08]"},
      {"SLURM_JOB_ID", "60001"}};
  const Place place = place_of(variables);
  EXPECT_EQ(place.rank, 3);
  EXPECT_EQ(place.world, 4);
  EXPECT_EQ(place.address, "gpu07");
  EXPECT_EQ(place.port, 20001);
  EXPECT_FALSE(place.hosted);
  // A batch script, which srun did not start.
  EXPECT_EQ(place_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).world, 1);
}

TEST(Environment, Mpirun) {
  const Place one = place_of({{"OMPI_COMM_WORLD_RANK", "1"},
                              {"OMPI_COMM_WORLD_SIZE", "2"},
                              {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                              {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  EXPECT_EQ(one.rank, 1);
  EXPECT_EQ(one.address, "127.0.0.1");
  EXPECT_EQ(one.port, 29500);
  const Place other = place_of({{"PMI_RANK", "2"},
                                {"PMI_SIZE", "3"},
                                {"MPI_LOCALRANKID", "0"},
                                {"MASTER_ADDR", "10.0.0.1"}});
  EXPECT_EQ(other.rank, 2);
  EXPECT_EQ(other.address, "10.0.0.1");
}

TEST(Environment, SaysWhatIsMissing) {
  EXPECT_THAT(problem_of({{"WORLD_SIZE", "2"}}), HasSubstr("RANK is not"));
  EXPECT_THAT(problem_of({{"WORLD_SIZE", "2"}, {"RANK", "0"}}),
              HasSubstr("LOCAL_RANK is not"));
  EXPECT_THAT(
      problem_of({{"WORLD_SIZE", "2"}, {"RANK", "0"}, {"LOCAL_RANK", "0"}}),
      HasSubstr("MASTER_ADDR is not set"));
  EXPECT_THAT(problem_of({{"WORLD_SIZE", "two"}, {"RANK", "0"}}),
              HasSubstr("WORLD_SIZE is \"two\""));
  EXPECT_THAT(problem_of({{"WORLD_SIZE", "2"}, {"RANK", "2"}}),
              HasSubstr("RANK is \"2\", expected a number 0 to 1"));
  EXPECT_THAT(problem_of({{"WORLD_SIZE", "2"},
                          {"RANK", "1"},
                          {"LOCAL_RANK", "0"},
                          {"MASTER_ADDR", "a"},
                          {"MASTER_PORT", "99999"}}),
              HasSubstr("MASTER_PORT"));
}

TEST(Environment, FirstHost) {
  EXPECT_EQ(first_host("a"), "a");
  EXPECT_EQ(first_host("a,b"), "a");
  EXPECT_EQ(first_host("node[01-04,7],other"), "node01");
  EXPECT_EQ(first_host("n[3,5]-ib"), "n3-ib");
  EXPECT_EQ(first_host("n[3]-ib,m"), "n3-ib");
  EXPECT_EQ(first_host("x,n[1-2]"), "x");
  EXPECT_THAT(error_of([] { first_host("n[3"); }), HasSubstr("MASTER_ADDR"));
}

}  // namespace
}  // namespace limner::train
