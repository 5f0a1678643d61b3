/**
 * @fileoverview The legend: parts of the face that are drawn, how many lines
 * each has and how sure limner is; hides and selects them.
 */

import {visibleOn} from './colour.js';
import {byId, icon, make} from './dom.js';
import {themeColour} from './palette.js';
import {piecesOf} from './pieces.js';
import {classesOf, drawingOf} from './state.js';

/**
 * How many strokes of each class there are; one with pieces of several classes
 * counts for each of them.
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @return {!Map<number, {lines: number, doubtful: number}>}
 */
export function countParts(strokes, labels) {
  const counts = new Map();
  for (const stroke of strokes) {
    const found = new Map();  // class to whether it is doubtful
    for (const piece of piecesOf(stroke, labels)) {
      found.set(piece.class, found.get(piece.class) || piece.doubtful);
    }
    for (const [id, doubtful] of found) {
      const count = counts.get(id) ?? {lines: 0, doubtful: 0};
      ++count.lines;
      if (doubtful) ++count.doubtful;
      counts.set(id, count);
    }
  }
  return counts;
}

/** Fewer lines need not look like a face. */
const LINES_OF_A_FACE = 4;

function hintFor({models, looksLikeFace}, lines, selected) {
  if (selected === 1) return '1 line is selected.';
  if (selected) return `${selected} lines are selected.`;
  if (!lines) return 'Parts appear here as you draw them.';
  if (models && !models.labeler) {
    return 'This limner has no labeler: select lines and say what they are.';
  }
  if (!looksLikeFace && lines >= LINES_OF_A_FACE) {
    return 'limner makes out no face yet. Draw on, or say what lines are.';
  }
  return 'Click a part to select its lines, then say what they are.';
}

export class PartsPanel {
  /**
   * @param {!Object} store
   * @param {!Object} actions
   * @param {!Object} bar Where one says what selected lines are.
   */
  constructor(store, actions, bar) {
    this.store_ = store;
    this.actions_ = actions;
    this.list_ = byId('parts');
    this.rest_ = byId('other-parts');
    byId('doubt').addEventListener('click', () => actions.selectDoubtful());
    byId('let-limner').addEventListener('click', () => actions.setClass(0));
    byId('say-what').addEventListener(
        'click', ({currentTarget}) => bar.choose(currentTarget));
    store.on(
        ['history', 'draft', 'labels', 'hidden', 'selection', 'models',
          'looksLikeFace', 'pen'],
        () => this.plan_());
    this.planned_ = false;
    // A button that is replaced while it is pressed would lose its click.
    this.pressed_ = false;
    byId('parts-panel').addEventListener('pointerdown', () => {
      this.pressed_ = true;
    });
    for (const end of ['pointerup', 'pointercancel']) {
      addEventListener(end, () => {
        if (!this.pressed_) return;
        this.pressed_ = false;
        this.plan_();
      });
    }
    /** Colours of the chips by class, and the classes that they are of. */
    this.chips_ = {classes: null, colours: new Map()};
    this.show();
  }

  /** Colours are read anew, such as after a change of theme. */
  recolour() {
    this.chips_.classes = null;
    this.show();
  }

  colours_() {
    const classes = classesOf(this.store_.get());
    if (this.chips_.classes !== classes) {
      const panel = themeColour('panel');
      this.chips_ = {
        classes,
        colours: new Map(
            classes.map(({id, colour}) => [id, visibleOn(colour, panel)])),
      };
    }
    return this.chips_.colours;
  }

  plan_() {
    // While a line is drawn the panel keeps still, and the pen has the time.
    if (this.planned_ || this.store_.get().pen.length) return;
    this.planned_ = true;
    requestAnimationFrame(() => {
      this.planned_ = false;
      if (!this.pressed_) this.show();
    });
  }

  show() {
    const state = this.store_.get();
    const {labels, selection} = state;
    const {strokes} = drawingOf(state);
    const counts = countParts(strokes, labels);
    const selected = strokes.filter(({id}) => selection.has(id));
    const doubtful = strokes.filter((stroke) => piecesOf(stroke, labels)
        .some((piece) => piece.doubtful)).length;

    // For those who wait until every line has a class.
    Object.assign(byId('parts-panel').dataset, {
      lines: strokes.length,
      known: strokes.filter((stroke) => piecesOf(stroke, labels)
          .every((piece) => piece.class)).length,
    });
    byId('say-what').hidden = !selected.length;
    byId('parts-hint').textContent =
        hintFor(state, strokes.length, selected.length);
    byId('let-limner').hidden = !selected.some(({fixed}) => fixed);
    const doubt = byId('doubt');
    doubt.hidden = doubtful === 0;
    doubt.textContent = doubtful === 1 ?
        '1 line is doubtful' : `${doubtful} lines are doubtful`;

    const used = classesOf(state).filter(({id}) => counts.has(id));
    const unused = classesOf(state).filter(({id}) => !counts.has(id));
    this.fill_(this.list_, used, counts, selected);
    this.fill_(this.rest_, unused, counts, selected);
    byId('other-parts-box').hidden = !unused.length;
    byId('other-parts-title').textContent =
        used.length ? 'Other parts' : `The ${unused.length} parts`;
  }

  fill_(list, classes, counts, selected) {
    const {labels, hidden} = this.store_.get();
    const chosen = new Set(selected.flatMap((stroke) =>
      piecesOf(stroke, labels).map((piece) => piece.class)));
    const focused = list.contains(document.activeElement) ?
        document.activeElement.dataset.key : null;
    const colours = this.colours_();
    list.replaceChildren(...classes.map(({id, name}) => {
      const count = counts.get(id);
      const chip = make('span', {class: 'chip', 'aria-hidden': 'true'});
      chip.style.setProperty('--chip', colours.get(id));
      // Spoken words stand between those that are seen.
      const spoken = (text) => make('span', {class: 'unseen'}, text);
      const button = make('button', {
        'type': 'button',
        'class': 'part',
        'data-key': `part-${id}`,
        'data-class': id,
        'aria-pressed': String(chosen.has(id)),
        'disabled': !count,
        'onclick': () => this.actions_.selectClass(id),
      }, chip, spoken('Select '), make('span', {class: 'part-name'}, name));
      if (count) {
        button.append(make('span', {class: 'count'},
            spoken(' '), String(count.lines),
            spoken(count.lines === 1 ? ' line' : ' lines'),
            ...(count.doubtful ?
                [`, ${count.doubtful}?`, spoken(' doubtful')] : [])));
      }
      const row = make('li', {}, button);
      if (count) row.append(this.eye_(id, name, hidden.has(id)));
      row.classList.toggle('hidden-part', hidden.has(id));
      return row;
    }));
    if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  eye_(id, name, isHidden) {
    return make('button', {
      'type': 'button',
      'class': 'plain',
      'data-key': `eye-${id}`,
      'aria-pressed': String(isHidden),
      'aria-label': `Hide ${name}`,
      'title': isHidden ? `Show ${name}` :
          `Hide ${name}, and leave it out of the face`,
      'onclick': () => this.actions_.toggleHidden(id),
    }, icon(isHidden ? 'eye-off' : 'eye'));
  }
}
