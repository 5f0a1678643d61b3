/**
 * @fileoverview Colours of classes that can be seen on any paper. Some colours
 * of the legend are too pale for thin lines on white; they are darkened (or on
 * dark paper lightened) in their own hue. Contrast is that of WCAG 2.2.
 */

/** Least contrast of a line with the paper (WCAG 1.4.11). */
export const LINE_CONTRAST = 3;

/**
 * @param {string} hex "#rrggbb"
 * @return {!Array<number>} 0 to 255.
 */
export function parseHex(hex) {
  const match = /^#([0-9a-f]{6})$/i.exec(hex);
  if (!match) throw new Error(`not a colour: ${hex}`);
  const value = parseInt(match[1], 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * @param {!Array<number>} rgb
 * @return {string}
 */
export function toHex(rgb) {
  return '#' +
      rgb.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('');
}

/**
 * @param {!Array<number>} rgb 0 to 255.
 * @return {number} Relative luminance, 0 to 1.
 */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {!Array<number>} a
 * @param {!Array<number>} b
 * @return {number} 1 to 21.
 */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/**
 * The colour itself where it can be seen on the paper, otherwise the nearest
 * shade of it that can.
 * @param {string} colour
 * @param {string} paper
 * @param {number=} least
 * @return {string}
 */
export function visibleOn(colour, paper, least = LINE_CONTRAST) {
  const rgb = parseHex(colour);
  const ground = parseHex(paper);
  if (contrast(rgb, ground) >= least) return colour;
  const darker = luminance(ground) > 0.18;
  // Scaling keeps hue and saturation on the way to black; on the way to white
  // there is only mixing.
  const shade = (t) => rgb.map((v) => darker ? v * (1 - t) : v + t * (255 - v));
  let low = 0;
  let high = 1;
  for (let i = 0; i < 24; ++i) {
    const middle = (low + high) / 2;
    if (contrast(shade(middle).map(Math.round), ground) >= least) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return toHex(shade(high));
}
