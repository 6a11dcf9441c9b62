// Squarified treemaps, by Bruls, Huizing and van Wijk (2000).

/**
 * Divides a box among weights, which are positive and descend: one rectangle each, in the same order.
 * A row along the shorter side takes weights for as long as that makes its worst rectangle squarer.
 */
export function squarify(weights, box) {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const scale = sum > 0 ? (box.width * box.height) / sum : 0;
  const areas = weights.map((weight) => weight * scale);
  const placed = [];
  let { x, y, width, height } = box;
  let at = 0;
  while (at < areas.length) {
    const side = Math.min(width, height);
    let end = at + 1;
    let row = areas[at];
    while (end < areas.length && worst(areas[at], areas[end], row + areas[end], side) <= worst(areas[at], areas[end - 1], row, side)) {
      row += areas[end];
      end += 1;
    }
    const depth = side > 0 ? row / side : 0;
    let along = 0;
    for (; at < end; at += 1) {
      const length = depth > 0 ? areas[at] / depth : 0;
      placed.push(
        width >= height
          ? { x, y: y + along, width: depth, height: length }
          : { x: x + along, y, width: length, height: depth },
      );
      along += length;
    }
    if (width >= height) [x, width] = [x + depth, width - depth];
    else [y, height] = [y + depth, height - depth];
  }
  return placed;
}

/** The worst ratio of sides in a row of this area along `side`: that of its largest or smallest. */
const worst = (largest, smallest, row, side) =>
  Math.max((side * side * largest) / (row * row), (row * row) / (side * side * smallest));
