#!/usr/bin/env node
// A module with every kind of code in it. Its references are numbered; every import('./no.js') is text.
import './1.js';
import def, * as everything from "./2.js";
import { a as b, 'string name' as c, default as d } from './3.js' with { type: 'json' };
export * as whole from './4.js';
export { e, f as g } from './5.js';

/* import('./no.js') '
   ` */
const template = `a ${b ? `nested ${import('./6.js').then(({ default: g }) => g / 2)}` : { c }.c} import('./no.js')`;
const worker = new Worker(new URL(/* where? */ './7.js', import.meta.url), { type: 'module' });

class Shape extends (class { static name = /[/'"]\/import('.\/no.js')/u }) {
  #private = 1 / 2 / 3;
  import = async () => { await import(`./8.js`) }
  static { if (this.name) /import\('.\/no.js'\)/.test(this.name); }
  get export() { return this.#private / 4 / +"import('./no.js')".length; }
  async *import_(value = {}) { for await (const part of /'/[Symbol.split](value)) yield /`/g; }
  ['computed']() { return this.import?.('./no.js'), this.#private in this; }
}

label: for (let i = 0, j = 1.; i < 0x10n && j --> .5; i++ / 2) {
  switch (i) {
    case 'a' ? 1 : 2: { continue label; }
    default: do j--; while (j) /'/.exec(j);
  }
}

function generator() { return function () {} / 2 /import("./9.js")/ 1; }
if (d) /"/.test(d); else var o = { if: /`/, return() { }, get get() { }, import: c => import("./10.js", { with: {} }) };
const caf\u00e9 = o?.import('./no.js') ?? o ?.5 : 1, naïve = `${`${`}`}`}`;
let { import: p = () => import(// why
  './11.js',
) } = o;
export default { p } / import('./\x312.js');
