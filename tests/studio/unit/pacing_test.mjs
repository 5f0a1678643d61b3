import assert from 'node:assert/strict';
import test from 'node:test';

import {Pacer} from '../../../studio/js/pacing.js';

/** A clock that a test moves, and runs that it ends. */
class Stage {
  constructor(interval) {
    this.time = 0;
    this.timers = [];
    this.started = [];
    this.ends = [];
    this.pacer = new Pacer(() => {
      this.started.push(this.time);
      return new Promise((resolve) => this.ends.push(resolve));
    }, interval, {
      now: () => this.time,
      setTimer: (fn, ms) => {
        const timer = {at: this.time + ms, fn};
        this.timers.push(timer);
        return timer;
      },
      clearTimer: (timer) => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    });
  }

  go(to) {
    this.time = to;
    for (const timer of this.timers.filter(({at}) => at <= to)) {
      this.timers = this.timers.filter((other) => other !== timer);
      timer.fn();
    }
  }

  async end() {
    this.ends.shift()();
    for (let i = 0; i < 5; ++i) await null;
  }
}

test('a hundred wishes during a run are one more run', async () => {
  const stage = new Stage(100);
  stage.pacer.poke();
  for (let i = 0; i < 100; ++i) stage.pacer.poke();
  assert.deepEqual(stage.started, [0]);
  stage.go(500);
  assert.deepEqual(stage.started, [0], 'never two at a time');
  await stage.end();
  assert.deepEqual(stage.started, [0, 500]);
  await stage.end();
  assert.deepEqual(stage.started, [0, 500]);
  assert.ok(!stage.pacer.busy);
});

test('runs start no closer than the interval', async () => {
  const stage = new Stage(100);
  stage.pacer.poke();
  await stage.end();
  stage.go(10);
  stage.pacer.poke();
  assert.deepEqual(stage.started, [0]);
  stage.go(100);
  assert.deepEqual(stage.started, [0, 100]);
});

test('a pause holds back what waits', async () => {
  const stage = new Stage(10);
  stage.pacer.poke();
  stage.pacer.poke();
  stage.pacer.pause(2000);
  await stage.end();
  stage.go(1999);
  assert.deepEqual(stage.started, [0]);
  assert.ok(stage.pacer.busy);
  stage.go(2000);
  assert.deepEqual(stage.started, [0, 2000]);
});

test('held runs start when they are released, or late', async () => {
  const stage = new Stage(100);
  stage.pacer.hold(300);
  stage.pacer.poke();
  stage.go(50);
  assert.deepEqual(stage.started, []);
  stage.pacer.release();
  assert.deepEqual(stage.started, [50]);
  await stage.end();
  stage.pacer.poke();
  stage.go(60);
  assert.deepEqual(stage.started, [50], 'the interval counts');
  stage.pacer.release();
  assert.deepEqual(stage.started, [50, 60], 'until it is released');
  await stage.end();
  stage.pacer.pause(1000);
  stage.pacer.hold(300);
  stage.pacer.poke();
  stage.pacer.release();
  stage.go(370);
  assert.deepEqual(stage.started, [50, 60], 'release() ends no pause()');
  stage.go(1060);
  assert.deepEqual(stage.started, [50, 60, 1060]);
  await stage.end();
  stage.pacer.hold(300);
  stage.pacer.poke();
  stage.go(1360);
  assert.deepEqual(stage.started, [50, 60, 1060, 1360]);
});
