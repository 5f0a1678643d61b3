// The published network in ONNX Runtime, as a second yardstick for limner.
//
//   node onnx_network.mjs NETWORK.onnx THREADS
//
// NETWORK.onnx: written by published_network.py --no-dead-work --export. Runs in
// the folder whose node_modules has onnxruntime-node. For each line N on
// standard input computes N pictures and prints their seconds and the peak of
// the resident memory as JSON, as published_network.py --on-request does.
import {createRequire} from 'node:module';
import path from 'node:path';
import {createInterface} from 'node:readline';
import fs from 'node:fs';

const ort = createRequire(path.join(process.cwd(), 'package.json'))(
    'onnxruntime-node');
const [, , file, threads] = process.argv;
const kWarmUp = 2;

// One stroke pixel in twenty; a photo of waves.
const sketch = new Float32Array(22 * 256 * 256);
for (let i = 0; i < 256 * 256; i += 20) sketch[(i % 22) * 65536 + i] = 1;
const photo = Float32Array.from({length: 3 * 512 * 512}, (_, i) => Math.sin(i));
const inputs = {
  sketch: new ort.Tensor('float32', sketch, [1, 22, 256, 256]),
  photo: new ort.Tensor('float32', photo, [1, 3, 512, 512]),
};

const session = await ort.InferenceSession.create(file, {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});

async function pictures(count) {
  const seconds = [];
  for (let i = 0; i < count; ++i) {
    const start = performance.now();
    const {picture} = await session.run(inputs);
    seconds.push((performance.now() - start) / 1e3);
    if (!picture.data.every(Number.isFinite)) {
      throw new Error('the picture has values that are not finite');
    }
  }
  return seconds;
}

function peakMegabytes() {
  const status = fs.readFileSync('/proc/self/status', 'ascii');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024 / 1e6);
}

await pictures(kWarmUp);
console.log(JSON.stringify({ready: true}));
for await (const line of createInterface({input: process.stdin})) {
  console.log(JSON.stringify(
      {seconds: await pictures(Number(line)), peak_rss_mb: peakMegabytes()}));
}
