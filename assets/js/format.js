// Numbers for people.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1234567` as `1,234,567`. */
export const count = (number) => number.toLocaleString("en");

/** `1234567` as `1.23 MB`. */
export function bytes(number) {
  let unit = 0;
  while (number >= 999.5 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || number >= 100 ? 0 : number >= 10 ? 1 : 2;
  return `${number.toFixed(digits)} ${UNITS[unit]}`;
}

/** What `small` saves, rounded down so that the report never claims too much: `−72 %`. */
export const saving = (small, large) => {
  const percent = large > small ? Math.floor(((large - small) * 100) / large) : 0;
  return percent === 0 ? "0 %" : `−${percent} %`;
};

/** `1 asset`, `2 assets`. */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
