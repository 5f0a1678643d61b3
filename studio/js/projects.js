/**
 * @fileoverview .limner files and links: out of the studio, and into it as a
 * drawing of its own.
 */

import {addStrokes, emptyDrawing} from './drawing.js';
import {byId} from './dom.js';
import {otherName} from './autosave.js';
import {startHistory} from './history.js';
import {save, thumbnail} from './pictures.js';
import {
  fromFragment,
  fromProject,
  LONGEST_LINK,
  toFragment,
  toProject,
} from './project.js';

const THUMB = 160;
/** Names this tab's last link in its memory. */
const LINK = 'limner-link';

export class Projects {
  /** @param {!Object} studio */
  constructor({store, status, autosave}) {
    this.store_ = store;
    this.status_ = status;
    this.autosave_ = autosave;
    byId('save-project').addEventListener('click', () => this.save());
    byId('save-link').addEventListener('click', () => this.link());
    window.addEventListener('hashchange', () => this.fromAddress());
  }

  /** Saves all of it as a file. */
  save() {
    const state = this.store_.get();
    const picture = state.face ? thumbnail(state.face.bitmap, THUMB) : '';
    const name = `${fileName(state.name) || 'drawing'}.limner`;
    save(new Blob([JSON.stringify(toProject(state, picture)) + '\n'],
        {type: 'application/json'}), name);
    this.status_.say(`${name} is saved.`);
  }

  /** Puts a link that holds the drawing on the clipboard and in the address. */
  async link() {
    const state = this.store_.get();
    if (!state.history.present.strokes.length) {
      this.status_.trouble('There are no lines for a link yet.');
      return;
    }
    const fragment = await toFragment(state);
    const {origin, pathname} = window.location;
    const link = origin + pathname + fragment;
    if (link.length > LONGEST_LINK) {
      this.status_.trouble('The drawing is too large for a link: save it as ' +
          '.limner.');
      return;
    }
    // Not followed by the page itself: it shows this drawing already.
    window.history.replaceState(null, '', fragment);
    remember(fragment);
    const photos = [state.looks.a, state.looks.b].some(
        (look) => look?.kind === 'photo');
    const without = photos ?
        ' It has random looks: photos have no room in it.' : '';
    try {
      await navigator.clipboard.writeText(link);
      this.status_.say(`The link is on the clipboard.${without}`);
    } catch {
      this.status_.say(`The link is the address of this page.${without}`);
    }
  }

  /**
   * Opens the drawing of the address that the page was opened with. After a
   * reload a link that was made here is none to follow: the drawing is open,
   * and may have more lines by now.
   * @return {!Promise<boolean>} Whether there was one.
   */
  async begin() {
    const {hash, pathname} = window.location;
    if (hash && hash === remembered()) {
      window.history.replaceState(null, '', pathname);
      return false;
    }
    return this.fromAddress();
  }

  /**
   * Opens the drawing of the page's address, if it holds one.
   * @return {!Promise<boolean>}
   */
  async fromAddress() {
    try {
      const project = await fromFragment(window.location.hash);
      if (!project) return false;
      window.history.replaceState(null, '', window.location.pathname);
      await this.begin_(project);
      return true;
    } catch (error) {
      this.status_.trouble(error.message);
      return false;
    }
  }

  /**
   * Opens what a .limner file holds.
   * @param {!Object} json
   * @throws {Error}
   */
  async take(json) {
    await this.begin_(fromProject(json));
  }

  async begin_({name, drawing, looks, hidden, faithful, trace}) {
    // Ids go on: labels of other drawings must not fall on these strokes.
    const {nextId} = this.store_.get().history.present;
    const fresh = addStrokes(
        {...emptyDrawing(), nextId}, drawing.strokes.map(
            ({id, ...rest}) => rest));
    await this.autosave_.begin({
      ...(name ? {name: otherName(name, this.autosave_.names())} : {}),
      history: startHistory(fresh), looks, hidden, faithful,
    }, true);
    await this.autosave_.layTrace(trace);
    this.status_.say(`${this.store_.get().name} is open.`);
  }
}

function remember(fragment) {
  try {
    sessionStorage.setItem(LINK, fragment);
  } catch {
    // storage is switched off
  }
}

/** The link that was made here; it is forgotten. */
function remembered() {
  try {
    const fragment = sessionStorage.getItem(LINK);
    sessionStorage.removeItem(LINK);
    return fragment;
  } catch {
    return null;
  }
}

/** What of a name a file's name can hold. */
function fileName(name) {
  return name.replace(/[^\p{L}\p{N} _-]/gu, '').trim().slice(0, 40);
}
