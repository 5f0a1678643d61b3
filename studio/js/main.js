/**
 * @fileoverview limner studio: puts the parts together.
 */

import {Actions} from './actions.js';
import {Autosave} from './autosave.js';
import {closeUnusedBitmaps} from './bitmaps.js';
import {CanvasView} from './canvas_view.js';
import {ClassList} from './class_list.js';
import {startClipboard} from './clipboard.js';
import {startControls} from './controls.js';
import {startHelp, startTemplates} from './dialogs.js';
import {byId} from './dom.js';
import {DrawAsButton} from './draw_as_button.js';
import {Drawings} from './drawings.js';
import {startEngineView} from './engine_view.js';
import {startFaceView} from './face_view.js';
import {startFaithful} from './faithful.js';
import {Files} from './files.js';
import {Live} from './live.js';
import {LooksPanel} from './looks_panel.js';
import {PartsPanel} from './parts_panel.js';
import {forced} from './palette.js';
import {PhotoEditor} from './photo_editor.js';
import {Pointer} from './pointer.js';
import {Projects} from './projects.js';
import {Results} from './results.js';
import {SelectionBar} from './selection_bar.js';
import {startShortcuts} from './shortcuts.js';
import {initialState} from './state.js';
import {Status} from './status.js';
import {Store} from './store.js';
import {Suggest} from './suggest.js';
import {startTheme} from './theme.js';
import {Traits} from './traits.js';
import {Variations} from './variations.js';

/** Builds the studio on the page. */
async function start() {
  const store = new Store(initialState());
  const status = new Status();
  const studio = {store, status};
  closeUnusedBitmaps(store);
  startEngineView(status);
  studio.actions = new Actions(store, status);
  studio.view = new CanvasView(
      store, byId('sheet-box'), byId('sheet-base'), byId('sheet-pen'),
      byId('sheet'));
  studio.photoEditor = new PhotoEditor(studio);
  studio.looks = new LooksPanel(studio);
  studio.live =
      new Live(store, status, (look) => studio.looks.renew(look));
  studio.penUp = (at) => studio.live.penUp(at);
  studio.autosave = new Autosave(store, status);
  studio.projects = new Projects(studio);
  studio.files = new Files(studio);
  studio.pointer = new Pointer(studio, byId('sheet'), byId('under'));
  studio.showHelp = startHelp(store);

  studio.suggest = new Suggest(studio);
  studio.classList = new ClassList();
  studio.bar = new SelectionBar(studio);
  studio.drawAs = new DrawAsButton(studio);
  const parts = new PartsPanel(store, studio.actions, studio.bar);
  new Drawings(studio);
  new Results(studio);
  new Traits(studio);
  studio.variations = new Variations(studio);
  startClipboard(studio);
  startFaceView(store);
  startFaithful(studio);
  startTemplates(studio);
  startControls(studio);
  startShortcuts(studio);
  const recolour = () => {
    studio.view.recolour();
    parts.recolour();
  };
  startTheme(store, [byId('theme'), byId('theme-too')], recolour);
  forced.addEventListener('change', recolour);
  const returning = await studio.autosave.start();
  const linked = await studio.projects.begin();
  if (!returning) await studio.looks.begin(linked);
  await studio.live.start();
  document.body.dataset.ready = '';
}

start();
