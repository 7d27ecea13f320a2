/**
 * This module finds out where the invocations of a workgroup load, read and write, and where they wait for each other. It
 * translates our programs from WGSL to JavaScript without their arithmetic: all floats and vectors are NaN. Integers keep
 * their values, since places in memory and the control flow follow from them, so invocations can run one after the other.
 */
import type { FakeDispatch } from "../../../fakeGpu.ts";

const READ = 0;
export const WRITE = 1;
export const BARRIER = 2;
const LOAD = 3;

/** A trace lists what one invocation does, in order; its columns are equally long. */
export interface Trace {
  kinds: number[];
  /** A place is an element of the workgroup's memory or the index that a buffer is loaded by; it is -1 for a barrier. */
  places: number[];
  /** A site is a place in the code, which `lineOf` reads. */
  sites: number[];
}

/** A trace has either the accesses of workgroup memory and the barriers, or the loads of vectors from buffers. */
type Traced = "workgroup memory" | "loads";

export interface TracedProgram {
  /** Workgroup memory has so many elements, which are numbers or vectors. */
  size: number;
  /** These are the sites of all barriers, in their order. */
  barriers: readonly number[];
  /** Gives the trace of each invocation. */
  traceGroup(group: number): Trace[];
  /** Gives the line of the code that has the site. */
  lineOf(site: number): string;
}

/** An array in workgroup memory has a start and one length for each of its dimensions, the outermost first. */
interface Memory {
  start: number;
  lengths: number[];
}

/** The translated code is given these. */
interface Runtime {
  trace: Trace;
  uniforms: Record<string, number>;
  tables: Record<string, Int32Array>;
  memories: Record<string, Memory>;
}

/** Translates the program that a dispatch runs. */
export function tracedProgram({ code, contents }: FakeDispatch, traced: Traced): TracedProgram {
  const translation = new Translation(code, traced);
  const { script, bindings, fields, memories, size, barriers } = translation;
  const { workgroupSize, sharesMemory } = translation;
  const integersOf = (name: string) =>
    new Int32Array(contents[bindings.indexOf(name)] ?? new ArrayBuffer(0));
  const values = integersOf("uniforms");
  const uniforms = Object.fromEntries(fields.map((field, i) => [field, values[i] as number]));
  const tables = Object.fromEntries(bindings.map((name) => [name, integersOf(name)]));
  const make = new Function("runtime", `${HELPERS}\n${script}\nreturn main;`);
  return {
    size,
    barriers,
    traceGroup: (group) =>
      Array.from({ length: workgroupSize }, (_, local) => {
        const trace: Trace = { kinds: [], places: [], sites: [] };
        const main = make({ trace, uniforms, tables, memories } satisfies Runtime);
        if (sharesMemory) main(group, local);
        else main(group * workgroupSize + local);
        return trace;
      }),
    lineOf: (site) => translation.lineOf(site),
  };
}

/** JavaScript lacks these functions and operators of WGSL. Where an operand is not known, neither is the result. */
const HELPERS = `
const { trace, uniforms, tables, memories } = runtime;
const divide = (a, b) => Math.trunc(a / b);
const compare = (a, b, isTrue) => (a !== a || b !== b ? NaN : isTrue(a, b));
const not = (a) => (a !== a ? NaN : !a);
const select = (a, b, condition) => (condition !== condition ? NaN : condition ? b : a);
const { min, max, abs } = Math;
const i32 = Math.trunc, u32 = Math.trunc;
function decided(condition) {
  if (condition !== condition) throw new Error("It branches by what is computed.");
  return condition;
}
function note(kind, place, site) {
  if (!Number.isInteger(place)) throw new Error("A place follows from what is computed.");
  trace.kinds.push(kind);
  trace.places.push(place);
  trace.sites.push(site);
  return NaN;
}
function access(kind, memory, indices, site) {
  const { start, lengths } = memories[memory];
  let place = 0;
  for (let i = 0; i < lengths.length; i++) {
    // A kernel may read beyond the end where the select around the read takes another value.
    place = place * lengths[i] + min(max(indices[i], 0), lengths[i] - 1);
  }
  return note(kind, start + place, site);
}`;

interface Token {
  text: string;
  kind: "number" | "name" | "sign" | "end";
  line: number;
}

const TOKEN =
  /(\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(\d[\w.]*(?:(?<=e)-\d+)?)|([A-Za-z_]\w*)|(->|\+\+|--|&&|\|\||[-+*/%=!<>]=|[-+*/%&|^~!<>=(){}[\],;:.@])/y;

/** Binary operators bind more closely from row to row. */
const PRECEDENCE = [
  ["||"],
  ["&&"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

/** An expression is written in JavaScript; where it is a place, a value can be assigned to it. */
interface Expression {
  js: string;
  /** Gives the JavaScript that assigns a value. */
  assign?: (value: string) => string;
}

/** It translates the part of WGSL that our programs are written in, and throws an error for all else. */
class Translation {
  /** The script has the program's functions in JavaScript. */
  readonly script: string;
  /** Buffers are named here in the order of their bindings. */
  readonly bindings: string[] = [];
  /** The uniforms have these names, in their order. */
  readonly fields: string[] = [];
  readonly memories: Record<string, Memory> = {};
  readonly barriers: number[] = [];
  size = 0;
  workgroupSize = 0;
  /** It tells whether `main` is given its workgroup and its place there, and not its index alone. */
  sharesMemory = false;
  readonly #lines: string[];
  readonly #traced: Traced;
  readonly #tokens: Token[];
  #at = 0;
  /** These buffers have integers, which are kept. */
  readonly #tables = new Set<string>();
  /** These buffers have vectors, and are only read. */
  readonly #vectors = new Set<string>();
  readonly #functions: Set<string>;

  constructor(code: string, traced: Traced) {
    this.#traced = traced;
    this.#lines = code.split("\n");
    this.#tokens = tokensOf(code);
    this.#functions = new Set(
      Array.from(code.matchAll(/\bfn (\w+)/g), ([, name]) => name as string),
    );
    const parts: string[] = [];
    while (this.#next.kind !== "end") parts.push(this.#declaration());
    this.script = parts.join("\n");
  }

  lineOf(site: number): string {
    return this.#lines[this.#tokens[site]?.line ?? -1]?.trim() ?? "";
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #take(expected?: string): string {
    const { text, line } = this.#next;
    if (expected !== undefined && text !== expected) {
      throw new Error(`Expected ${expected} in line ${line}, got ${text}.`);
    }
    this.#at++;
    return text;
  }

  #takes(text: string): boolean {
    if (this.#next.text !== text) return false;
    this.#at++;
    return true;
  }

  /** Gives the tokens between two brackets. */
  #skipped(open: string, close: string): string[] {
    this.#take(open);
    const inside: string[] = [];
    for (let depth = 1; ; ) {
      const text = this.#take();
      depth += Number(text === open) - Number(text === close);
      if (depth === 0) return inside;
      inside.push(text);
    }
  }

  #declaration(): string {
    while (this.#takes("@")) {
      const attribute = this.#take();
      const values = this.#next.text === "(" ? this.#skipped("(", ")") : [];
      if (attribute === "workgroup_size") this.workgroupSize = Number(values[0]);
    }
    switch (this.#take()) {
      case "enable":
        this.#take();
        this.#take(";");
        return "";
      case "struct": {
        this.#take();
        const inside = this.#skipped("{", "}");
        this.fields.push(...inside.filter((_, i) => inside[i + 1] === ":"));
        return "";
      }
      case "const": {
        const name = this.#take();
        this.#take("=");
        const { js } = this.#expression();
        this.#take(";");
        return `const ${name} = ${js};`;
      }
      case "var":
        this.#variable();
        return "";
      case "fn":
        return this.#function();
    }
    throw new Error(`Line ${this.#next.line} declares what is not known.`);
  }

  #variable(): void {
    const [space, , access] = this.#skipped("<", ">");
    const name = this.#take();
    this.#take(":");
    const type: string[] = [];
    while (this.#next.text !== ";") type.push(this.#take());
    this.#take(";");
    if (space === "workgroup") {
      if (type.some((word) => /^[iu]32$/.test(word)) && type[0] !== "atomic") {
        throw new Error(`${name} is of integers, which are not kept.`);
      }
      // In array<array<vec4<f32>, 7>, 48> the innermost length comes first.
      const lengths = type
        .filter((_, i) => type[i - 1] === ",")
        .map(Number)
        .reverse();
      this.memories[name] = { start: this.size, lengths };
      this.size += lengths.reduce((product, length) => product * length, 1);
      return;
    }
    this.bindings.push(name);
    const written = type.join("");
    if (/^array<[iu]32>$/.test(written)) this.#tables.add(name);
    if (written.startsWith("array<vec4<") && access === "read") this.#vectors.add(name);
  }

  #function(): string {
    const name = this.#take();
    const parameters = this.#skipped("(", ")");
    const names = parameters.filter((_, i) => parameters[i + 1] === ":");
    while (this.#next.text !== "{") this.#take();
    if (name === "main") this.sharesMemory = names.length > 1;
    // The entry point only counts invocations, in subgroups too: `main` is what it calls.
    if (name === "start") {
      this.#skipped("{", "}");
      return "";
    }
    return `function ${name}(${names}) ${this.#block()}`;
  }

  #block(): string {
    this.#take("{");
    const statements: string[] = [];
    while (!this.#takes("}")) statements.push(this.#statement());
    return `{ ${statements.join("\n")} }`;
  }

  #statement(): string {
    const site = this.#at;
    const { text } = this.#next;
    switch (text) {
      case "{":
        return this.#block();
      case "if": {
        this.#take();
        const condition = this.#decided();
        const branch = this.#block();
        return `if (${condition}) ${branch} ${this.#takes("else") ? `else ${this.#statement()}` : ""}`;
      }
      case "while":
        this.#take();
        return `while (${this.#decided()}) ${this.#block()}`;
      case "for": {
        this.#take();
        this.#take("(");
        const first = this.#simple();
        this.#take(";");
        const condition = this.#decided();
        this.#take(";");
        const next = this.#simple();
        this.#take(")");
        return `for (${first}; ${condition}; ${next}) ${this.#block()}`;
      }
      case "switch":
        return this.#switch();
      case "return": {
        this.#take();
        const value = this.#next.text === ";" ? "" : this.#expression().js;
        this.#take(";");
        return `return ${value};`;
      }
      case "workgroupBarrier":
        for (const part of ["workgroupBarrier", "(", ")", ";"]) this.#take(part);
        this.barriers.push(site);
        return this.#traced === "loads" ? "" : `note(${BARRIER}, -1, ${site});`;
    }
    const statement = this.#simple();
    this.#take(";");
    return `${statement};`;
  }

  #decided(): string {
    return `decided(${this.#expression().js})`;
  }

  #switch(): string {
    this.#take("switch");
    const value = this.#expression().js;
    this.#take("{");
    const cases: string[] = [];
    while (!this.#takes("}")) {
      const label = this.#take("default" === this.#next.text ? "default" : "case");
      const choice = label === "case" ? ` ${this.#expression().js}` : "";
      this.#take(":");
      cases.push(`${label}${choice}: ${this.#block()} break;`);
    }
    return `switch (${value}) { ${cases.join("\n")} }`;
  }

  /** Translates a declaration, an assignment, a call, `continue` or `break`, without the sign that ends it. */
  #simple(): string {
    const { text } = this.#next;
    if (text === "continue" || text === "break") return this.#take();
    if (text === "let" || text === "var") {
      this.#take();
      const name = this.#take();
      if (this.#takes(":")) while (!/^[=;]$/.test(this.#next.text)) this.#take();
      return `let ${name} = ${this.#takes("=") ? this.#expression().js : "NaN"}`;
    }
    const target = this.#postfix();
    const sign = this.#next.text;
    if (!/^(\+\+|--|[-+*/%]?=)$/.test(sign)) return target.js;
    this.#take();
    const operand = sign === "++" || sign === "--" ? "1" : this.#expression().js;
    const value = sign === "=" ? operand : binary(sign[0] as string, target.js, operand);
    if (!target.assign) throw new Error(`Nothing can be assigned to ${target.js}.`);
    return target.assign(value);
  }

  #expression(level = 0): Expression {
    const signs = PRECEDENCE[level];
    if (!signs) return this.#unary();
    let left = this.#expression(level + 1);
    while (this.#next.kind === "sign" && signs.includes(this.#next.text)) {
      const sign = this.#take();
      left = { js: binary(sign, left.js, this.#expression(level + 1).js) };
    }
    return left;
  }

  #unary(): Expression {
    if (this.#takes("-")) return { js: `(-${this.#unary().js})` };
    if (this.#takes("!")) return { js: `not(${this.#unary().js})` };
    return this.#postfix();
  }

  /** Translates a number, a name, a call, or a part of one of these. */
  #postfix(): Expression {
    const { kind, text, line } = this.#next;
    const site = this.#at;
    if (this.#takes("(")) {
      const inside = this.#expression();
      this.#take(")");
      return this.#within({ js: `(${inside.js})` });
    }
    this.#take();
    if (kind === "number") return { js: /^\d+u?$/.test(text) ? text.replace("u", "") : "NaN" };
    if (kind !== "name") throw new Error(`Line ${line} has ${text} where a value is expected.`);
    if (text === "true" || text === "false") return { js: text };
    if (/^(vec[234]|array)$/.test(text) && this.#next.text === "<") this.#skipped("<", ">");
    if (this.#next.text === "(") return this.#within({ js: this.#call(text) });
    if (text === "uniforms") {
      this.#take(".");
      return { js: `uniforms.${this.#take()}` };
    }
    if (this.memories[text]) {
      const indices = this.#indices().join(", ");
      const accessed = (kind: number) =>
        this.#traced === "loads"
          ? `(${indices}, NaN)`
          : `access(${kind}, "${text}", [${indices}], ${site})`;
      return { js: accessed(READ), assign: (value) => `(${value}, ${accessed(WRITE)})` };
    }
    if (this.#tables.has(text)) return { js: `tables.${text}[${this.#indices()}]` };
    if (this.#vectors.has(text) && this.#traced === "loads") {
      const [index, ...parts] = this.#indices();
      return { js: `(${[`note(${LOAD}, ${index}, ${site})`, ...parts, "NaN"]})` };
    }
    if (this.bindings.includes(text)) return this.#within({ js: "NaN" });
    return this.#within({ js: text, assign: (value) => `${text} = ${value}` });
  }

  #call(name: string): string {
    this.#take("(");
    const values: string[] = [];
    while (!this.#takes(")")) {
      values.push(this.#expression().js);
      this.#takes(",");
    }
    const isKnown = this.#functions.has(name) || KNOWN.has(name);
    return isKnown ? `${name}(${values})` : `(${[...values, "NaN"]})`;
  }

  #indices(): string[] {
    const indices: string[] = [];
    while (this.#next.text === "[" || this.#next.text === ".") {
      if (this.#take() === ".") this.#take();
      else {
        indices.push(this.#expression().js);
        this.#take("]");
      }
    }
    return indices;
  }

  /** Nothing is known of a part of a vector or a buffer, but its indices may read what is noted. */
  #within(whole: Expression): Expression {
    const isPart = this.#next.text === "[" || this.#next.text === ".";
    if (!isPart) return whole;
    const indices = this.#indices();
    const js = `(${[...(whole.assign ? [] : [whole.js]), ...indices, "NaN"]})`;
    return { js, assign: (value) => `(${[...indices, value]})` };
  }
}

/** These functions of WGSL are also used on integers. */
const KNOWN = new Set(["select", "min", "max", "abs", "i32", "u32"]);

function binary(sign: string, a: string, b: string): string {
  if (sign === "/") return `divide(${a}, ${b})`;
  if (/^([<>]=?|[!=]=)$/.test(sign)) return `compare(${a}, ${b}, (a, b) => a ${sign} b)`;
  return `(${a} ${sign} ${b})`;
}

function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  let line = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < code.length) {
    const match = TOKEN.exec(code);
    if (!match) throw new Error(`Line ${line} has a sign that is not known.`);
    const [text, space, number, name] = match;
    if (space === undefined) {
      tokens.push({ text, kind: number ? "number" : name ? "name" : "sign", line });
    }
    line += text.split("\n").length - 1;
  }
  tokens.push({ text: "", kind: "end", line });
  return tokens;
}
