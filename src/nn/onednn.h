// What oneDNN 2 and 3 say differently, said once. Only for conv.cc and isa.cc.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace limner::onednn {

// A convolution forward, of memory as it lies there.
struct Task {
  dnnl::algorithm algorithm;
  dnnl::memory::desc source, weights;
  const dnnl::memory::desc* bias;  // null: none
  dnnl::memory::desc destination;
  dnnl::memory::dims strides, pads;  // the same pads on both sides
  dnnl::primitive_attr attributes;
};

// How oneDNN would compute it. Throw dnnl::error where it cannot.
dnnl::convolution_forward::primitive_desc convolution(const Task& task,
                                                      const dnnl::engine& on);
dnnl::deconvolution_forward::primitive_desc deconvolution(
    const Task& task, const dnnl::engine& on);

// x, or slope * x where that is negative.
void append_leaky_relu(dnnl::post_ops& after, float slope);

}  // namespace limner::onednn
