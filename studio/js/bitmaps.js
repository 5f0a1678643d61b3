/**
 * @fileoverview Pictures of faces give back their memory when nothing shows them
 * any more. The collector of garbage sees only the small objects that stand for
 * them, and would let hundreds wait.
 */

/** @return {!Set<!ImageBitmap>} Those that a state shows or may show. */
const bitmapsOf = ({face, still, other, results}) => new Set(
    [face, still, other, ...results].map((one) => one?.bitmap)
        .filter(Boolean));

/** @param {!Object} store */
export function closeUnusedBitmaps(store) {
  store.on(['face', 'still', 'other', 'results'], (now, before) => {
    const used = bitmapsOf(now);
    for (const bitmap of bitmapsOf(before)) {
      if (!used.has(bitmap)) bitmap.close();
    }
  });
}
