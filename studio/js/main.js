/**
 * @fileoverview limner studio: puts the parts together.
 */

import {Actions} from './actions.js';
import {startAutosave} from './autosave.js';
import {CanvasView} from './canvas_view.js';
import {startControls} from './controls.js';
import {startHelp, startTemplates} from './dialogs.js';
import {byId} from './dom.js';
import {startFaceView} from './face_view.js';
import {Files} from './files.js';
import {Live} from './live.js';
import {LooksPanel} from './looks_panel.js';
import {PartsPanel} from './parts_panel.js';
import {Pointer} from './pointer.js';
import {SelectionBar} from './selection_bar.js';
import {startShortcuts} from './shortcuts.js';
import {initialState} from './state.js';
import {Status} from './status.js';
import {Store} from './store.js';
import {startTheme} from './theme.js';

/** Builds the studio on the page. */
async function start() {
  const store = new Store(initialState());
  const status = new Status();
  const studio = {store, status};
  studio.actions = new Actions(store, status);
  studio.view = new CanvasView(
      store, byId('sheet-box'), byId('sheet-base'), byId('sheet'));
  studio.looks = new LooksPanel(store, status);
  studio.live =
      new Live(store, status, (look) => studio.looks.renew(look));
  studio.penUp = () => studio.live.penUp();
  studio.files = new Files(studio);
  studio.pointer = new Pointer(studio, byId('sheet'), byId('under'));
  studio.showHelp = startHelp(store);

  const parts = new PartsPanel(store, studio.actions);
  new SelectionBar(store, studio.view, studio.actions);
  startFaceView(store);
  startTemplates(studio);
  startControls(studio);
  startShortcuts(studio);
  startTheme(store, byId('theme'), () => {
    studio.view.recolour();
    parts.recolour();
  });
  const returning = await startAutosave(store, status);
  if (!returning) await studio.looks.begin();
  await studio.live.start();
  document.body.dataset.ready = '';
}

start();
