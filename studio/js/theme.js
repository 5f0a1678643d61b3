/**
 * @fileoverview Light or dark: as the system has it until a person chooses.
 */

const system = window.matchMedia('(prefers-color-scheme: dark)');

/**
 * @param {!Object} store
 * @param {!Array<!HTMLElement>} buttons
 * @param {function()} changed Called when colours are others.
 */
export function startTheme(store, buttons, changed) {
  const dark = () =>
    store.get().theme ? store.get().theme === 'dark' : system.matches;
  const show = () => {
    document.documentElement.dataset.theme = dark() ? 'dark' : 'light';
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(dark()));
    }
    changed();
  };
  const turn = () => {
    const next = dark() ? 'light' : 'dark';
    // Back to what the system says is back to following it.
    const followed = (next === 'dark') === system.matches;
    store.set({theme: followed ? '' : next});
  };
  for (const button of buttons) button.addEventListener('click', turn);
  store.on(['theme'], show);
  system.addEventListener('change', show);
  show();
}
