// Requests to the engine inside of a page, made seen: the browser's own tools for
// requests (route(), on('request'), waitForRequest()) then work with it as with a
// server. What the page asks of its worker goes out as a request first; where no
// test answers that one, it comes back here and the worker is asked.

/** On the page, before its own scripts. */
function bridge() {
  const post = Worker.prototype.postMessage;
  const waiting = new Map();  // of ids: who gets the worker's answer
  let worker = null;
  let lastId = 0;

  globalThis.Worker = class extends Worker {
    constructor(...about) {
      super(...about);
      worker = this;
      // The first to hear: what was asked from here is not the studio's.
      this.addEventListener('message', (event) => {
        const answer = waiting.get(event.data.id);
        if (!answer) return;
        event.stopImmediatePropagation();
        waiting.delete(event.data.id);
        answer(event.data);
      });
    }

    postMessage(message, ...more) {
      if (message.kind === 'ask') {
        overTheNet(this, message);
      } else {
        post.call(this, message, ...more);
      }
    }
  };

  async function overTheNet(of, {id, method, target, type, body}) {
    let data;
    try {
      const response = await fetch(target, {
        method, body, headers: type ? {'Content-Type': type} : {},
      });
      data = {
        kind: 'answer', id, status: response.status,
        type: response.headers.get('Content-Type') ?? '',
        headers: [...response.headers].map((pair) => pair.join(': '))
            .join('\n'),
        body: await response.arrayBuffer(),
      };
    } catch (error) {
      data = {kind: 'failed', message: error.message};
    }
    of.dispatchEvent(new MessageEvent('message', {data}));
  }

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const text = (blob) => new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(',')[1] ?? '');
    reader.readAsDataURL(blob);
  });

  /** Asks the worker; bodies in base 64. */
  globalThis.askEngine = async ({body, ...wish}) => {
    const id = `bridge ${++lastId}`;
    const answered = new Promise((resolve) => waiting.set(id, resolve));
    post.call(worker, {
      kind: 'ask', id, ...wish, body: body ? bytes(body).buffer : null,
    });
    const answer = await answered;
    // A body that is made piece by piece goes over the net as a whole.
    const pieces = [answer.body];
    for (let end = !answer.stream; !end;) {
      const next = `bridge ${++lastId}`;
      const piece = new Promise((resolve) => waiting.set(next, resolve));
      post.call(worker, {kind: 'more', id: next, stream: answer.stream});
      const {body, ...about} = await piece;
      pieces.push(body);
      end = about.end || about.problem;
    }
    return {...answer, body: await text(new Blob(pieces))};
  };
}

/**
 * Lets the pages of a context be watched so.
 * @param {!Object} context Of the browser.
 */
export async function bridgeEngine(context) {
  await context.addInitScript(bridge);
  // The bundled examples are in the engine, too.
  const asked = ({pathname}) => /^\/(api|examples)\//.test(pathname);
  await context.route(asked, async (route) => {
    try {
      await route.fulfill(await engineAnswer(route));
    } catch {
      // The page is gone.
    }
  });
}

/** What the engine of a request's page answers, as route.fulfill() takes it. */
export async function engineAnswer(route) {
  const request = route.request();
  const {pathname, search} = new URL(request.url());
  const {status, type, headers, body} =
      await request.frame().page().evaluate(
          (wish) => globalThis.askEngine(wish), {
            method: request.method(),
            target: pathname + search,
            type: request.headers()['content-type'],
            body: request.postDataBuffer()?.toString('base64'),
          });
  const pairs = headers.split('\n').filter(Boolean).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return {
    status, headers: {...Object.fromEntries(pairs), 'Content-Type': type},
    body: Buffer.from(body, 'base64'),
  };
}
