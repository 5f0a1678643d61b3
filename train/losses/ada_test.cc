#include "train/losses/ada.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace limner::train {
namespace {

TEST(Ada, LeavesPicturesAloneUntilTheDiscriminatorIsTooSure) {
  Ada ada({});
  const torch::Tensor pictures = torch::rand({3, 3, 8, 8});
  EXPECT_TRUE(torch::equal(ada.apply(pictures, 1, 0, 1), pictures));
  ada.adapt(0.9, 1000);
  EXPECT_DOUBLE_EQ(ada.p(), 0.01);
  ada.adapt(0.1, 1000);
  ada.adapt(0.1, 1000);
  EXPECT_DOUBLE_EQ(ada.p(), 0.0);
  ada.adapt(0.9, 10000000);
  EXPECT_DOUBLE_EQ(ada.p(), AdaOptions().max);
}

TEST(Ada, APictureChangesByItsNumberAlone) {
  Ada ada({});
  ada.set_p(0.8);
  const torch::Tensor pictures = torch::rand({4, 3, 16, 16});
  const torch::Tensor all = ada.apply(pictures, 7, 0, 1);
  EXPECT_FALSE(torch::allclose(all, pictures));
  EXPECT_TRUE(torch::equal(ada.apply(pictures, 7, 0, 1), all));
  // Pictures 1 and 3, as the second of two processes has them.
  const torch::Tensor part = pictures.slice(0, 1, torch::nullopt, 2);
  EXPECT_TRUE(torch::allclose(ada.apply(part, 7, 1, 2),
                              all.slice(0, 1, torch::nullopt, 2), 1e-5, 1e-6));
}

TEST(Ada, GradientsPass) {
  Ada ada({});
  ada.set_p(0.8);
  const torch::Tensor pictures = torch::rand({8, 3, 16, 16}).requires_grad_();
  ada.apply(pictures, 3, 0, 1).sum().backward();
  EXPECT_GT(pictures.grad().abs().sum().item<double>(), 1.0);
}

}  // namespace
}  // namespace limner::train
