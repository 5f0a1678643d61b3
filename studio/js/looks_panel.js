/**
 * @fileoverview The panel of looks: one or two of them, the mix, those used
 * before, random ones and photos.
 */

import * as api from './api.js';
import {byId, make} from './dom.js';
import {SIDE} from './drawing.js';
import {step} from './history.js';
import * as looks from './looks.js';
import {
  atFrame,
  covering,
  paintPlaced,
  placeFrom,
  WHOLE,
} from './photo_place.js';
import {
  addressOf,
  blobOf,
  photoToSend,
  shrunk,
  thumbnail,
  withPicture,
} from './pictures.js';

/** Side of the small picture of a look. */
const THUMB = 96;
/** Photos of fewer bytes are kept as they are. */
const SMALL_PHOTO = 100000;
/** Longest side of the photo that is kept, so that another part can be used. */
const LONGEST_WHOLE = 768;
/** Side of the part that is used, as the photo encoder reads it. */
const PART = 512;
/** Every so manieth of the bundled photos is an example. */
const EXAMPLES_APART = 3;

export class LooksPanel {
  /** @param {{store: !Object, status: !Object, photoEditor: !Object}} studio */
  constructor({store, status, photoEditor}) {
    this.store_ = store;
    this.status_ = status;
    this.photoEditor_ = photoEditor;
    byId('look-part').addEventListener('click', () => this.part());
    byId('look-random').addEventListener('click', () => this.random());
    byId('look-photo').addEventListener(
        'click', () => byId('look-file').click());
    byId('look-file').addEventListener('change', ({target}) => {
      if (target.files[0]) this.photo(target.files[0]);
      target.value = '';
    });
    byId('look-remove').addEventListener('click', () => {
      this.set_(looks.withoutSecond(this.looks_));
      byId('look-b').focus();
    });
    for (const target of ['a', 'b']) {
      byId(`look-${target}`).addEventListener('click', () => this.aim(target));
    }
    // All that the slider does until it is let go is one step.
    byId('look-mix').addEventListener('input', ({target}) => {
      this.set_({...this.looks_, mix: Number(target.value) / 100}, 'mix');
    });
    byId('look-mix').addEventListener('change', () => {
      store.set({history: {...store.get().history, open: ''}});
    });
    store.on(['looks'], () => this.show_());
    this.show_();
  }

  /**
   * On a first visit: the looks of a few of the bundled photos. Without them
   * the face has random looks.
   * @param {boolean} chosen Whether the looks in use stay, such as a link's.
   */
  async begin(chosen) {
    try {
      const photos = (await api.templates()).map(({photo}) => photo)
          .filter((photo, i) => photo && i % EXAMPLES_APART === 0).reverse();
      const examples = [];
      for (const photo of photos) {
        const name = `Example ${examples.length + 1}`;
        examples.push(await this.lookOf_(await api.file(photo), name));
      }
      const next = looks.withExamples(this.looks_, examples);
      this.store_.set(
          {looks: chosen ? {...next, a: this.looks_.a} : next});
    } catch {
      // Nothing is lost: whatever the trouble is, it shows when one draws.
    }
  }

  get looks_() {
    return this.store_.get().looks;
  }

  /** Takes over looks; what the face shows of them is a step of undo. */
  set_(next, open = '') {
    this.store_.set(step(this.store_.get(), {looks: next}, open));
  }

  /** Draws new looks at random. */
  random() {
    const look = looks.randomLook(looks.newSeed());
    this.set_(looks.useLook(this.looks_, look));
    const which = this.looks_.b ?
        `, the ${this.looks_.target === 'a' ? 'first' : 'second'} look` : '';
    this.status_.say(`${look.name}${which}.`);
  }

  /**
   * Says which of the two looks the next choice is for.
   * @param {string} target
   */
  aim(target) {
    const next = {...this.looks_, target};
    if (target === 'b' && !next.b) {
      this.set_(looks.useLook(next, looks.randomLook(looks.newSeed())));
      this.status_.say('A second look. The slider mixes the two.');
    } else {
      this.set_(next);
    }
  }

  /**
   * Takes the looks of a photo.
   * @param {!File|!Blob} file
   */
  async photo(file) {
    this.status_.say('Looking at the photo.');
    try {
      const {models} = this.store_.get();
      const look = await this.lookOf_(
          await photoToSend(file, models?.limits), nameOf(file));
      this.set_(looks.useLook(this.looks_, look));
      this.status_.say(look.aligned === false ?
          'The photo is used as it is: no face was cut out.' :
          'The face has the looks of the photo.');
      this.status_.clearTrouble();
    } catch (error) {
      this.status_.say('');
      this.status_.trouble(error.message);
    }
  }

  /** Opens the sheet on which the used part of the photo is chosen. */
  async part() {
    const look = this.aimed_;
    try {
      const photo =
          await createImageBitmap(blobOf(look.whole ?? look.photo));
      const place = look.whole ? placeFrom(look.place) : WHOLE;
      this.photoEditor_.show({
        title: 'Photo of the looks', photo, place, crops: false,
        done: (chosen) => this.usePart_(look, photo, chosen),
      });
    } catch (error) {
      this.status_.trouble(error.message);
    }
  }

  /** Looks of what lies on the paper, as it lies there. */
  async usePart_(look, photo, place) {
    this.status_.say('Looking at the photo.');
    try {
      const canvas = make('canvas', {width: PART, height: PART});
      const context = canvas.getContext('2d');
      context.scale(PART / SIDE, PART / SIDE);
      paintPlaced(context, photo, place);
      const address = canvas.toDataURL('image/jpeg', 0.92);
      const {id} = await api.addAppearance(blobOf(address), false);
      const cut = {
        ...looks.photoLook(id, look.name, address),
        thumb: thumbnail(canvas, THUMB), aligned: true, cut: true, place,
        whole: look.whole ?? look.photo,
      };
      this.set_(looks.exchangeLook(this.looks_, look, cut));
      this.status_.say('The face has the looks of this part of the photo.');
    } catch (error) {
      this.status_.say('');
      this.status_.trouble(error.message);
    }
  }

  /** The look that choices are for. */
  get aimed_() {
    const {a, b, target} = this.looks_;
    return target === 'b' && b ? b : a;
  }

  /**
   * The look of a photo. What is kept of it is exactly what limner was sent,
   * so that it gives the same face anywhere: small photos as they are, of
   * others the face that was cut out.
   */
  async lookOf_(blob, name) {
    let {id, aligned, frame} = await api.addAppearance(blob);
    const face = await api.appearance(id);
    const {width, height, whole} = await withPicture(blob, (bitmap) => ({
      width: bitmap.width, height: bitmap.height,
      whole: shrunk(bitmap, LONGEST_WHOLE),
    }));
    const kept = blob.size <= SMALL_PHOTO ? blob : face;
    if (kept === face) ({id} = await api.addAppearance(face));
    const thumb =
        await withPicture(face, (bitmap) => thumbnail(bitmap, THUMB));
    return {
      ...looks.photoLook(id, name, await addressOf(kept)), thumb, aligned,
      whole,
      place: frame ? atFrame(frame, width, height) : covering(width, height),
    };
  }

  /**
   * Sends a photo again that the server has forgotten.
   * @param {!Object} look
   * @return {!Promise<void>}
   */
  async renew(look) {
    if (!look.photo) {
      throw new Error(`limner has forgotten the photo ${look.name}: ` +
          'choose it once more.');
    }
    const {id} = await api.addAppearance(blobOf(look.photo), !look.cut);
    this.set_(looks.changeLook(this.looks_, look, {id}));
  }

  show_() {
    const {a, b, mix, target, recent} = this.looks_;
    this.showSlot_('a', a, target);
    this.showSlot_('b', b, target);
    byId('look-mixer').hidden = !b;
    byId('look-remove').hidden = !b;
    byId('look-part').hidden = !(this.aimed_.whole ?? this.aimed_.photo);
    const slider = byId('look-mix');
    slider.value = String(Math.round(100 * mix));
    slider.setAttribute(
        'aria-valuetext', `${Math.round(100 * (1 - mix))} % first, ` +
        `${Math.round(100 * mix)} % second`);
    this.showRecent_(recent, {a, b}[target]);
  }

  showSlot_(name, look, target) {
    const slot = byId(`look-${name}`);
    slot.setAttribute('aria-pressed', String(name === target));
    slot.classList.toggle('empty', !look);
    slot.querySelector('.look-name').textContent =
        look ? look.name : 'Add a second';
    slot.setAttribute(
        'aria-label', `${name === 'a' ? 'First' : 'Second'} look: ` +
        `${look ? look.name : 'none. Add a second'}`);
    slot.querySelector('.look-thumb').replaceChildren(
        ...(look ? [picture(look)] : []));
  }

  showRecent_(recent, current) {
    const list = byId('look-recent');
    const focused = list.contains(document.activeElement) ?
        [...list.querySelectorAll('button')].indexOf(document.activeElement) :
        -1;
    list.replaceChildren(...recent.map((look) => make(
        'li', {},
        make('button', {
          'type': 'button',
          'class': 'recent-look',
          'aria-label': look.name,
          'title': look.name,
          'aria-pressed': String(looks.sameLook(look, current)),
          'onclick': () => {
            this.set_(looks.useLook(this.looks_, look));
            this.status_.say(`${look.name}.`);
          },
        }, picture(look)))));
    list.querySelectorAll('button')[focused]?.focus();
  }
}

/** A small picture of a look, or its number. */
function picture(look) {
  if (look.thumb) return make('img', {'src': look.thumb, 'alt': ''});
  return make(
      'span', {'class': 'seed', 'aria-hidden': 'true'},
      look.kind === 'seed' ? String(look.seed) : '?');
}

function nameOf(file) {
  return (file.name ?? '').replace(/\.[^.]+$/, '').slice(0, 40) || 'Photo';
}
