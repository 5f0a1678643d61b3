#include "nn/onednn.h"

namespace limner::onednn {
namespace {

using dnnl::prop_kind;

#if DNNL_VERSION_MAJOR >= 3

template <typename Forward>
typename Forward::primitive_desc describe(const Task& task,
                                          const dnnl::engine& on) {
  const auto kind = prop_kind::forward_inference;
  if (task.bias == nullptr) {
    return {on,
            kind,
            task.algorithm,
            task.source,
            task.weights,
            task.destination,
            task.strides,
            task.pads,
            task.pads,
            task.attributes};
  }
  return {on,           kind,       task.algorithm,   task.source,
          task.weights, *task.bias, task.destination, task.strides,
          task.pads,    task.pads,  task.attributes};
}

#else

template <typename Forward>
typename Forward::primitive_desc describe(const Task& task,
                                          const dnnl::engine& on) {
  using Desc = typename Forward::desc;
  const auto kind = prop_kind::forward_inference;
  const Desc desc =
      task.bias == nullptr
          ? Desc(kind, task.algorithm, task.source, task.weights,
                 task.destination, task.strides, task.pads, task.pads)
          : Desc(kind, task.algorithm, task.source, task.weights, *task.bias,
                 task.destination, task.strides, task.pads, task.pads);
  return typename Forward::primitive_desc(desc, task.attributes, on);
}

#endif

}  // namespace

dnnl::convolution_forward::primitive_desc convolution(const Task& task,
                                                      const dnnl::engine& on) {
  return describe<dnnl::convolution_forward>(task, on);
}

dnnl::deconvolution_forward::primitive_desc deconvolution(
    const Task& task, const dnnl::engine& on) {
  return describe<dnnl::deconvolution_forward>(task, on);
}

void append_leaky_relu(dnnl::post_ops& after, float slope) {
  const auto relu = dnnl::algorithm::eltwise_relu;
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(relu, slope, 0.0F);
#else
  after.append_eltwise(1.0F, relu, slope, 0.0F);
#endif
}

}  // namespace limner::onednn
