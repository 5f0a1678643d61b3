/**
 * @fileoverview Quick, Draw! lines say the class of every line, but not who
 * found it. The studio adds a list of those that a person said; other readers
 * pass it over.
 */

const KEY = 'said';

/**
 * @param {!Blob} blob A line of ndjson.
 * @param {!Object} drawing limner's JSON of the same strokes.
 * @return {!Promise<!Blob>}
 */
export async function withSaidLine(blob, drawing) {
  const line = JSON.parse(await blob.text());
  line[KEY] = drawing.strokes.map(({fixed}) => !!fixed);
  return new Blob([JSON.stringify(line) + '\n'], {type: blob.type});
}

/**
 * @param {!Blob} file
 * @return {!Promise<?Array<boolean>>} Null when it does not say.
 */
export async function saidIn(file) {
  const head = await file.slice(0, 64).text();
  if (!head.trimStart().startsWith('{')) return null;
  try {
    const [line] = (await file.text()).trim().split('\n', 1);
    const said = JSON.parse(line)[KEY];
    return Array.isArray(said) ? said : null;
  } catch {
    return null;
  }
}

/**
 * @param {!Object} json limner's JSON.
 * @param {?Array<boolean>} said
 * @return {!Object} The same, in which guesses are guesses.
 */
export function withSaid(json, said) {
  if (said?.length !== json.strokes.length) return json;
  return {
    ...json,
    strokes: json.strokes.map(
        (stroke, i) => ({...stroke, fixed: said[i] === true})),
  };
}
