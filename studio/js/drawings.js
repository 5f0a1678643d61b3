/**
 * @fileoverview The sheet of drawings that this browser keeps: names, opening,
 * deleting, and beginning a new one.
 */

import {small, tieDialog} from './dialogs.js';
import {byId, make} from './dom.js';
import {emptyDrawing} from './drawing.js';
import {step} from './history.js';

export class Drawings {
  /** @param {!Object} studio */
  constructor({store, status, autosave}) {
    this.store_ = store;
    this.status_ = status;
    this.autosave_ = autosave;
    this.dialog_ = byId('drawings');
    this.name_ = byId('drawing-name');
    tieDialog(this.dialog_);
    byId('open-drawings').addEventListener('click', () => this.show());
    byId('clear').addEventListener('click', () => this.begin());
    byId('new-drawing').addEventListener('click', () => {
      this.dialog_.close();
      this.begin();
    });
    this.name_.addEventListener('change', () => {
      const name = this.name_.value.trim();
      if (name) store.set({name});
      this.name_.value = store.get().name;
    });
    this.name_.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      // Or the key would press the button that has the focus then.
      event.preventDefault();
      this.name_.blur();
      this.dialog_.close();
    });
    const title = () => {
      const {name} = store.get();
      document.title = name ? `${name} – limner studio` : 'limner studio';
    };
    store.on(['name'], title);
    title();
  }

  /** Begins a drawing of its own. Undo brings the lines of this one back. */
  async begin() {
    const state = this.store_.get();
    const {history, labels, looks} = state;
    if (!history.present.strokes.length) {
      this.status_.say('This sheet is empty already.');
      return;
    }
    const {name} = state;
    const change = step(state, {
      drawing: {...emptyDrawing(), nextId: history.present.nextId},
      hidden: new Set(),
    });
    await this.autosave_.begin({
      history: change.history, labels, looks, faithful: state.faithful,
    }, true);
    byId('sheet').focus();
    this.status_.say(
        `A new sheet. ${name || 'The drawing'} is under Drawings; undo ` +
        'brings its lines back.');
  }

  async show() {
    this.autosave_.keepNow();
    this.name_.value = this.store_.get().name;
    this.dialog_.showModal();
    await this.fill_();
  }

  async fill_() {
    const {id: current} = this.store_.get();
    const kept = this.autosave_.list();
    const elsewhere = await this.autosave_.shelf.heldElsewhere(current);
    byId('drawings-note').textContent = kept.length ?
        'They are kept in this browser. Save as .limner to take one along.' :
        'Drawings appear here once there is a line.';
    byId('drawing-list').replaceChildren(...kept.map((entry) =>
      this.item_(entry, entry.id === current, elsewhere.has(entry.id))));
  }

  item_({id, name, changed, drawing}, isCurrent, isElsewhere) {
    const about = isCurrent ? 'open here' :
        isElsewhere ? 'open in another tab' :
        new Date(changed).toLocaleDateString();
    const row = make('li', {class: 'kept'},
        make('button', {
          'type': 'button',
          'class': 'template',
          'data-id': id,
          'aria-current': isCurrent ? 'true' : null,
          'onclick': () => this.open_(id),
        }, small(drawing), make('span', {}, name || 'Drawing'),
        make('small', {}, about)));
    if (isCurrent || isElsewhere) return row;
    const remove = make('button', {
      'type': 'button', 'class': 'link',
      'onclick': () => this.remove_(id, name, remove),
    }, 'Delete', make('span', {class: 'unseen'}, ` ${name}`));
    row.append(remove);
    return row;
  }

  async open_(id) {
    this.dialog_.close();
    byId('sheet').focus();
    if (id === this.store_.get().id) return;
    if (await this.autosave_.open(id)) {
      this.status_.say(`${this.store_.get().name || 'The drawing'} is open.`);
    } else {
      this.status_.say('That drawing is open in another tab.');
    }
  }

  /** There is no way back, so it takes two clicks. */
  remove_(id, name, button) {
    if (!button.dataset.sure) {
      button.dataset.sure = 'asked';
      button.firstChild.textContent = 'Delete for good?';
      return;
    }
    this.autosave_.shelf.remove(id);
    byId('drawings-note').textContent = `${name} is deleted.`;
    button.closest('li').remove();
    this.dialog_.querySelector('.close').focus();
  }
}
