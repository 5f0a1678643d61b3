/**
 * @fileoverview limner inside of the page, asked as a server is: requests go to
 * a worker (engine_worker.js), one at a time, and come back as Responses.
 */

/** How it goes with the engine, for the page to show. */
export class EngineState extends Event {
  /**
   * @param {string} stage 'fetching', 'starting', 'ready' or 'failed'.
   * @param {!Object=} about loaded, total (bytes); threads; message.
   */
  constructor(stage, about = {}) {
    super('state');
    this.stage = stage;
    Object.assign(this, about);
  }
}

export class Engine extends EventTarget {
  /**
   * @param {string} address Of the engine's description (engine.json).
   * @param {function(): !Worker=} makeWorker
   */
  constructor(address, makeWorker = startWorker) {
    super();
    this.address_ = address;
    this.makeWorker_ = makeWorker;
    this.worker_ = null;
    /**
     * What waits, the oldest first: {id, message, body, signal, resolve,
     * reject}.
     */
    this.queue_ = [];
    this.running_ = null;
    this.ready_ = false;
    this.lastId_ = 0;
    /** Why it does not work; '' while it does. */
    this.failure_ = '';
    /** What was told last. */
    this.state = new EngineState('starting');
  }

  tell_(state) {
    this.state = state;
    this.dispatchEvent(state);
  }

  /** Whether requests are answered, now or when it has started. */
  get well() {
    return !this.failure_;
  }

  /** Starts the worker, unless it runs. */
  start() {
    if (this.worker_) return;
    this.failure_ = '';
    this.ready_ = false;
    this.worker_ = this.makeWorker_();
    this.worker_.onmessage = ({data}) => this.heard_(data);
    this.worker_.onerror = (event) => {
      event.preventDefault?.();
      this.failed_(event.message || 'The engine ended.');
    };
    const name = new URL(this.address_, location.href);
    this.worker_.postMessage(
        {kind: 'open', base: new URL('.', name).href, name: name.href});
    this.tell_(new EngineState('starting'));
  }

  /**
   * As fetch(), of the HTTP API.
   * @param {string} target Path and query.
   * @param {!Object=} options method, headers, body, signal.
   * @return {!Promise<!Response>} Rejects with an AbortError, and with a
   *     TypeError where the engine does not work.
   */
  async fetch(target, {method = 'GET', headers = {}, body, signal} = {}) {
    signal?.throwIfAborted();
    if (this.failure_) throw new TypeError(this.failure_);
    this.start();
    const worker = this.worker_;
    const answer = await this.ask_(
        {kind: 'ask', method, target, type: headers['Content-Type']},
        body ?? null, signal);
    if (answer.stream) {
      answer.body = this.pieces_(worker, answer.stream, signal);
    }
    return responseOf(answer);
  }

  /** A body that the worker makes piece by piece, as it is read. */
  pieces_(worker, stream, signal) {
    const enough = () => {
      if (this.worker_ === worker) {
        worker.postMessage({kind: 'enough', stream});
      }
    };
    return new ReadableStream({
      start: (pieces) => {
        signal?.addEventListener('abort', () => {
          enough();
          pieces.error(signal.reason);
        }, {once: true});
      },
      pull: async (pieces) => {
        // Another worker's streams are others.
        if (this.worker_ !== worker) throw new TypeError('The engine ended.');
        const {body, end, problem} =
            await this.ask_({kind: 'more', stream}, null, signal);
        if (problem) throw new TypeError(problem);
        if (end) {
          pieces.close();
        } else {
          pieces.enqueue(new Uint8Array(body));
        }
      },
      cancel: enough,
    }, {highWaterMark: 0});
  }

  /** Lets a message wait for its turn. @return {!Promise<!Object>} */
  ask_(message, body, signal) {
    return new Promise((resolve, reject) => {
      const job = {id: ++this.lastId_, resolve, reject, message, body, signal};
      this.queue_.push(job);
      signal?.addEventListener('abort', () => {
        // What runs goes on to its end; nobody waits for it.
        this.queue_ = this.queue_.filter((other) => other !== job);
        reject(signal.reason);
      }, {once: true});
      this.next_();
    });
  }

  async next_() {
    if (!this.ready_ || this.running_) return;
    const job = this.queue_.shift();
    if (!job) return;
    this.running_ = job;
    let body = null;
    try {
      // Not before its turn: buffers of what is given up would wait for the
      // collection of garbage.
      if (job.body !== null) body = await bytesOf(job.body);
    } catch (error) {
      // A file that is gone from the disk.
      if (this.running_ === job) this.running_ = null;
      job.reject(error);
      this.next_();
      return;
    }
    if (this.running_ !== job) return;  // the engine broke down meanwhile
    job.body = null;
    this.worker_.postMessage(
        {...job.message, id: job.id, body}, body ? [body] : []);
  }

  heard_(data) {
    switch (data.kind) {
      case 'progress':
        this.tell_(new EngineState('fetching', data));
        break;
      case 'ready':
        this.ready_ = true;
        this.tell_(new EngineState('ready', data));
        this.next_();
        break;
      case 'answer': {
        const job = this.running_;
        this.running_ = null;
        if (data.stream && job.signal?.aborted) {
          this.worker_.postMessage({kind: 'enough', stream: data.stream});
        }
        job.resolve(data);
        this.next_();
        break;
      }
      case 'failed':
        this.failed_(data.message);
    }
  }

  /** The worker is of no use any more; restart() makes another. */
  failed_(message) {
    this.worker_?.terminate();
    this.worker_ = null;
    this.ready_ = false;
    this.failure_ = message;
    const waiting = this.queue_;
    if (this.running_) waiting.unshift(this.running_);
    this.queue_ = [];
    this.running_ = null;
    for (const job of waiting) job.reject(new TypeError(message));
    this.tell_(new EngineState('failed', {message}));
  }

  /** @return {!Promise<boolean>} Whether it works (again). */
  async restart() {
    if (this.well) return true;
    this.start();
    return new Promise((resolve) => {
      const heard = ({stage}) => {
        if (stage !== 'ready' && stage !== 'failed') return;
        this.removeEventListener('state', heard);
        resolve(stage === 'ready');
      };
      this.addEventListener('state', heard);
    });
  }
}

/**
 * @param {string|!Blob} body
 * @return {!ArrayBuffer|!Promise<!ArrayBuffer>} Its own buffer.
 */
const bytesOf = (body) => typeof body === 'string' ?
  new TextEncoder().encode(body).buffer : body.arrayBuffer();

function startWorker() {
  return new Worker(new URL('./engine_worker.js', import.meta.url));
}

/** @param {!Object} answer Of the worker. */
export function responseOf({status, type, headers, body}) {
  const all = new Headers({'Content-Type': type});
  for (const line of headers.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) all.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const empty = status === 204 || status === 304;
  const response = new Response(empty ? null : body, {status, headers: all});
  // It has a copy; the buffer would wait for the collection of garbage.
  if (body instanceof ArrayBuffer) body.transfer?.(0);
  return response;
}
