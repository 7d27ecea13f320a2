/**
 * Translates a compute program from WGSL to JavaScript. A vector becomes as many numbers, so that nothing is allocated
 * while the program runs. Floats are rounded to 32 bits after every operation. Each access of memory, each index and each
 * operation on integers is a call of the runtime, which looks for mistakes; it is given a site, an index into `sites`.
 *
 * Functions with barriers or with operations of subgroups are generators, which yield there.
 */
import {
  type Expression,
  type Func,
  type Module,
  parse,
  type Statement,
  type TypeName,
} from "./parse.ts";

type ScalarKind = "f32" | "i32" | "u32" | "bool" | "abstract int" | "abstract float" | "void";
interface Scalar {
  kind: ScalarKind;
}
interface Vector {
  kind: "vector";
  size: number;
  of: Scalar;
}
interface ArrayType {
  kind: "array";
  /** Null where it is as long as the buffer. */
  length: number | null;
  of: Type;
}
interface Struct {
  kind: "struct";
  fields: { name: string; type: Type; offset: number }[];
  words: number;
  align: number;
}
interface Atomic {
  kind: "atomic";
  of: Scalar;
}
type Type = Scalar | Vector | ArrayType | Struct | Atomic;

const F32: Scalar = { kind: "f32" };
const I32: Scalar = { kind: "i32" };
const U32: Scalar = { kind: "u32" };
const BOOL: Scalar = { kind: "bool" };
const VOID: Scalar = { kind: "void" };
const INT: Scalar = { kind: "abstract int" };
const FLOAT: Scalar = { kind: "abstract float" };
const FREXP: Struct = {
  kind: "struct",
  fields: [
    { name: "fract", type: F32, offset: 0 },
    { name: "exp", type: I32, offset: 1 },
  ],
  words: 2,
  align: 1,
};

/** A buffer or a variable in workgroup memory. */
export interface Memory {
  name: string;
  space: "storage" | "uniform" | "workgroup";
  isWritable: boolean;
  binding: number;
  /** In words of 4 bytes: in workgroup memory where it begins and how long it is. */
  start: number;
  words: number;
  /** Elements of a buffer as long as this follow each other; a vector is accessed as one. */
  stride: number;
  isAtomic: boolean;
}

interface Site {
  line: number;
  /** The function that has a barrier there. */
  barrierIn: string | null;
}

export interface Translation {
  enables: readonly string[];
  workgroupSize: [number, number, number];
  /** The parameters of the entry point. */
  builtins: string[];
  memories: Memory[];
  workgroupWords: number;
  sites: Site[];
  /** Whether invocations wait for each other, so that the entry point is a generator. */
  waits: boolean;
  /** JavaScript that makes the program of the runtime. */
  script: string;
}

/** A value in JavaScript, a part for each number. A value that is known here is a constant. */
interface Value {
  type: Type;
  parts: string[];
  constant?: number | undefined;
}

/** Where a value is: in JavaScript's variables, in an array there, in a program's memory, or a component chosen at run time. */
type Place =
  | { kind: "parts"; type: Type; parts: string[] }
  | { kind: "array"; type: Type; name: string; offset: string }
  | { kind: "memory"; type: Type; memory: Memory; index: number; address: string; unit: string }
  | { kind: "component"; type: Type; parts: string[]; component: string };

type Entry =
  | { kind: "value"; value: Value }
  | { kind: "array"; type: ArrayType; name: string }
  | { kind: "memory"; type: Type; index: number };

/** Names of a block, and those around it. */
class Scope {
  readonly #names = new Map<string, Entry>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  find(name: string): Entry | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  add(name: string, entry: Entry): void {
    this.#names.set(name, entry);
  }
}

/** Functions of one argument for each component, as JavaScript has them. */
const OF_EACH: Record<string, (x: string) => string> = {
  exp: (x) => `fround(Math.exp(${x}))`,
  exp2: (x) => `fround(2 ** ${x})`,
  log: (x) => `fround(Math.log(${x}))`,
  log2: (x) => `fround(Math.log2(${x}))`,
  sqrt: (x) => `fround(Math.sqrt(${x}))`,
  inverseSqrt: (x) => `fround(1 / Math.sqrt(${x}))`,
  floor: (x) => `Math.floor(${x})`,
  ceil: (x) => `Math.ceil(${x})`,
  trunc: (x) => `Math.trunc(${x})`,
  round: (x) => `roundToEven(${x})`,
  fract: (x) => `fractOf(${x})`,
  abs: (x) => `Math.abs(${x})`,
  sign: (x) => `Math.sign(${x})`,
  ...Object.fromEntries(
    ["sin", "cos", "tan", "tanh", "sinh", "cosh", "asin", "acos", "atan"].map((name) => [
      name,
      (x: string) => `fround(Math.${name}(${x}))`,
    ]),
  ),
};

/** Functions of several arguments for each component. */
const OF_SEVERAL: Record<string, (...xs: string[]) => string> = {
  min: (a, b) => `Math.min(${a}, ${b})`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  clamp: (x, low, high) => `Math.min(Math.max(${x}, ${low}), ${high})`,
  pow: (a, b) => `fround(${a} ** ${b})`,
  step: (edge, x) => `(${x} >= ${edge} ? 1 : 0)`,
  fma: (a, b, c) => `fround(${a} * ${b} + ${c})`,
  atan2: (y, x) => `fround(Math.atan2(${y}, ${x}))`,
  mix: (a, b, t) => `fround(fround(${a} * fround(1 - ${t})) + fround(${b} * ${t}))`,
};

const COMPONENTS: Record<string, number> = { x: 0, y: 1, z: 2, w: 3, r: 0, g: 1, b: 2, a: 3 };

export interface TranslationOptions {
  /** Whether loads of vectors from buffers that are only read are reported to the runtime. */
  tracesLoads?: boolean;
}

export function translate(code: string, options: TranslationOptions = {}): Translation {
  return new Translator(parse(code), options).translation();
}

class Translator {
  readonly #module: Module;
  readonly #options: TranslationOptions;
  readonly #globals = new Scope(null);
  readonly #memories: Memory[] = [];
  readonly #sites: Site[] = [{ line: 0, barrierIn: null }];
  /** Functions that wait. */
  readonly #waiting = new Set<string>();
  /** Statements of the block that is being translated. */
  #out: string[] = [];
  #numNames = 0;
  #workgroupWords = 0;
  /** Labels of the loops and switches around, the innermost last. */
  #labels: { name: string; isLoop: boolean }[] = [];
  /** The function that is being translated. */
  #functionName = "";
  #returns: Type = VOID;

  constructor(module: Module, options: TranslationOptions) {
    this.#module = module;
    this.#options = options;
  }

  translation(): Translation {
    const { functions, variables, constants, enables } = this.#module;
    const entry = [...functions.values()].find(({ attributes }) => "compute" in attributes);
    if (!entry) throw new Error("The program has no entry point.");
    for (const name of functions.keys()) if (this.#findsWaiting(name)) this.#waiting.add(name);
    for (const constant of constants) this.#statement(constant, this.#globals);
    const fields = variables.flatMap((variable) => this.#declareVariable(variable));
    const texts = [...functions.values()].map((of) => this.#function(of));
    const size = (entry.attributes.workgroup_size ?? []).map((of) => this.#number(of));
    const [x = 1, y = 1, z = 1] = size;
    return {
      enables,
      workgroupSize: [x, y, z],
      builtins: entry.parameters.map(({ attributes }) => {
        const [name] = attributes.builtin ?? [];
        if (name?.kind !== "name") throw new Error("A parameter is not built in.");
        return name.name;
      }),
      memories: this.#memories,
      workgroupWords: this.#workgroupWords,
      sites: this.#sites,
      waits: this.#waiting.has(entry.name),
      script: this.#script(entry, texts, fields),
    };
  }

  #script(entry: Func, texts: readonly string[], fields: readonly string[]): string {
    const views = this.#memories.map((_, i) => `F${i}, I${i}, U${i}, N${i}`);
    return `
${this.#out.join("\n")}
let X = null;
let ${views.join(", ")};
${texts.join("\n")}
return {
  bind(views) { [${views.join(", ")}] = views; },
  enter(variables) { X = variables; },
  makeVariables: () => ({ ${fields.join(", ")} }),
  entry: f_${entry.name},
};`;
  }

  /** Whether a function waits for other invocations, itself or in those that it calls. */
  #findsWaiting(name: string): boolean {
    const func = this.#module.functions.get(name);
    const calls = func ? callsIn(func.body) : [];
    return calls.some(
      (called) =>
        /^(workgroupBarrier|storageBarrier|subgroup\w+)$/.test(called) ||
        this.#findsWaiting(called),
    );
  }

  /** @returns JavaScript of a private variable's start */
  #declareVariable(variable: Module["variables"][number]): string[] {
    const { name, space, isWritable, attributes, value } = variable;
    const type = this.#typeOf(variable.type);
    if (space === "private") {
      const start = value ? this.#converted(this.#value(value, this.#globals), type) : null;
      const given = start?.parts ?? zerosOf(type);
      const parts = given.map((_, i) => `X.${name}_${i}`);
      this.#globals.add(name, { kind: "value", value: { type, parts } });
      return given.map((of, i) => `${name}_${i}: ${of}`);
    }
    if (space !== "storage" && space !== "uniform" && space !== "workgroup") {
      throw new Error(`${name} is in the unknown space ${space}.`);
    }
    const [binding] = attributes.binding ?? [];
    const words = space === "workgroup" ? wordsOf(type) : 0;
    this.#globals.add(name, { kind: "memory", type, index: this.#memories.length });
    const align = alignOf(type);
    const start = Math.ceil(this.#workgroupWords / align) * align;
    this.#memories.push({
      name,
      space,
      isWritable,
      binding: binding ? this.#number(binding) : -1,
      start,
      words,
      stride: type.kind === "array" ? strideOf(type) : wordsOf(type),
      isAtomic: elementOf(type).kind === "atomic",
    });
    if (space === "workgroup") this.#workgroupWords = start + words;
    return [];
  }

  #typeOf({ name, of, length }: TypeName): Type {
    const struct = this.#module.structs.get(name);
    if (struct) {
      let words = 0;
      let most = 1;
      const fields = struct.map((field) => {
        const type = this.#typeOf(field.type);
        const [given] = field.attributes.align ?? [];
        const align = Math.max(alignOf(type), given ? this.#number(given) / 4 : 0);
        most = Math.max(most, align);
        const offset = Math.ceil(words / align) * align;
        words = offset + wordsOf(type);
        return { name: field.name, type, offset };
      });
      return { kind: "struct", fields, words: Math.ceil(words / most) * most, align: most };
    }
    if (name === "array") {
      const count = length ? this.#number(length) : null;
      return { kind: "array", length: count, of: this.#typeOf(of as TypeName) };
    }
    if (name === "atomic") return { kind: "atomic", of: this.#typeOf(of as TypeName) as Scalar };
    const vector = /^vec([234])([fiu]?)$/.exec(name);
    if (vector) {
      const [, size, letter] = vector;
      const short = { f: F32, i: I32, u: U32 }[letter as "f" | "i" | "u"];
      const scalar = of ? (this.#typeOf(of) as Scalar) : short;
      if (!scalar) throw new Error(`The components of ${name} have no type.`);
      return { kind: "vector", size: Number(size), of: scalar };
    }
    const scalar = [F32, I32, U32, BOOL].find(({ kind }) => kind === name);
    if (!scalar) throw new Error(`The type ${name} is not known.`);
    return scalar;
  }

  /** The number that an expression is known to be. */
  #number(expression: Expression): number {
    const { constant } = this.#value(expression, this.#globals);
    if (constant === undefined) throw new Error(`Line ${expression.line} has no constant.`);
    return constant;
  }

  #site(line: number, barrierIn: string | null = null): number {
    return this.#sites.push({ line, barrierIn }) - 1;
  }

  #name(of: string): string {
    return `${of}_${this.#numNames++}`;
  }

  /** A constant of JavaScript with the value, which is thereby computed now. */
  #kept(js: string): string {
    if (/^-?[\w.]+$/.test(js) && !/^X\./.test(js)) return js;
    const name = this.#name("t");
    this.#out.push(`const ${name} = ${js};`);
    return name;
  }

  #keptParts(value: Value): Value {
    return { ...value, parts: value.parts.map((part) => this.#kept(part)) };
  }

  /** Gives the statements that an act adds. */
  #statementsOf(act: () => void): string[] {
    const before = this.#out;
    const added: string[] = [];
    this.#out = added;
    act();
    this.#out = before;
    return added;
  }

  #function(func: Func): string {
    markIndices(func);
    this.#functionName = func.name;
    const scope = new Scope(this.#globals);
    const parameters = func.parameters.flatMap(({ name, type: written }) => {
      const type = this.#typeOf(written);
      const parts = zerosOf(type).map((_, i) => `p_${name}_${i}`);
      scope.add(name, { kind: "value", value: { type, parts } });
      return parts;
    });
    this.#returns = func.returns ? this.#typeOf(func.returns) : VOID;
    const body = this.#statementsOf(() => this.#statement(func.body, scope));
    const star = this.#waiting.has(func.name) ? "*" : "";
    return `function${star} f_${func.name}(${parameters}) {\n${body.join("\n")}\n}`;
  }

  #block(statement: Statement, scope: Scope): void {
    this.#out.push("{");
    this.#statement(statement, scope);
    this.#out.push("}");
  }

  #statement(statement: Statement, scope: Scope): void {
    const { line } = statement;
    switch (statement.kind) {
      case "block": {
        const inner = new Scope(scope);
        this.#out.push("{");
        for (const each of statement.body) this.#statement(each, inner);
        this.#out.push("}");
        return;
      }
      case "declare":
        this.#declare(statement, scope);
        return;
      case "assign": {
        const { target, operator } = statement;
        const place = this.#place(target, scope);
        if (!place) throw new Error(`Line ${line} assigns to what is no place.`);
        const value = this.#value(statement.value, scope);
        const combined = operator
          ? this.#binary(operator, this.#load(place, line), value, statement)
          : value;
        this.#store(place, this.#converted(combined, place.type), line);
        return;
      }
      case "evaluate":
        for (const part of this.#value(statement.value, scope).parts) this.#out.push(`${part};`);
        return;
      case "if": {
        const [condition] = this.#value(statement.condition, scope).parts;
        this.#out.push(`if (${condition})`);
        this.#block(statement.body, scope);
        if (!statement.otherwise) return;
        this.#out.push("else");
        this.#block(statement.otherwise, scope);
        return;
      }
      case "loop":
        this.#loop(statement, scope);
        return;
      case "switch": {
        const label = this.#name("S");
        const [value] = this.#converted(this.#value(statement.value, scope)).parts;
        this.#labels.push({ name: label, isLoop: false });
        this.#out.push(`${label}: switch (${value}) {`);
        for (const { values, body } of statement.cases) {
          for (const each of values) this.#out.push(`case ${this.#number(each)}:`);
          if (values.length === 0) this.#out.push("default:");
          this.#block(body, scope);
          this.#out.push(`break ${label};`);
        }
        this.#out.push("}");
        this.#labels.pop();
        return;
      }
      case "return": {
        if (!statement.value) {
          this.#out.push("return;");
          return;
        }
        const { parts } = this.#converted(this.#value(statement.value, scope), this.#returns);
        // Several numbers are returned in the array R.
        if (parts.length === 1) this.#out.push(`return ${parts[0]};`);
        else
          this.#out.push(
            `{ ${this.#all(parts, (kept) => kept.map((part, i) => `R[${i}] = ${part};`))} return; }`,
          );
        return;
      }
      case "break":
        this.#out.push(`break ${this.#labels.at(-1)?.name};`);
        return;
      case "continue": {
        const loop = this.#labels.findLast(({ isLoop }) => isLoop);
        this.#out.push(`break B${loop?.name};`);
        return;
      }
    }
  }

  /** Uses all parts after all of them have been computed. */
  #all(parts: readonly string[], use: (kept: string[]) => string[]): string {
    const names = parts.map(() => this.#name("t"));
    return [...names.map((name, i) => `const ${name} = ${parts[i]};`), ...use(names)].join(" ");
  }

  #declare(
    { keyword, name, type: written, value, line }: Statement & { kind: "declare" },
    scope: Scope,
  ): void {
    const type = written ? this.#typeOf(written) : undefined;
    const given = value ? this.#value(value, scope) : null;
    if (keyword === "const" && given?.constant !== undefined) {
      const constant = type ? this.#converted(given, type) : given;
      scope.add(name, { kind: "value", value: constant });
      return;
    }
    const start = given ? this.#converted(given, type) : null;
    const of = start?.type ?? type;
    if (!of) throw new Error(`In line ${line}, ${name} has no type.`);
    const js = this.#name(name);
    if (of.kind === "array") {
      const parts = start?.parts ?? zerosOf(of);
      this.#out.push(`const ${js} = [${parts.join(", ")}];`);
      scope.add(name, { kind: "array", type: of, name: js });
      return;
    }
    const parts = (start?.parts ?? zerosOf(of)).map((part, i) => {
      this.#out.push(`${keyword === "var" ? "let" : "const"} ${js}_${i} = ${part};`);
      return `${js}_${i}`;
    });
    scope.add(name, { kind: "value", value: { type: of, parts } });
  }

  #loop({ first, condition, next, body }: Statement & { kind: "loop" }, scope: Scope): void {
    const inner = new Scope(scope);
    const label = this.#name("L");
    this.#out.push("{");
    if (first) this.#statement(first, inner);
    this.#out.push(`${label}: for (;;) {`);
    if (condition) {
      const [goesOn] = this.#value(condition, inner).parts;
      this.#out.push(`if (!(${goesOn})) break ${label};`);
    }
    this.#labels.push({ name: label, isLoop: true });
    this.#out.push(`B${label}:`);
    this.#statement(body, inner);
    this.#labels.pop();
    if (next) this.#block(next, inner);
    this.#out.push("}}");
  }

  /** The place of an expression, or null where it only has a value. */
  #place(expression: Expression, scope: Scope): Place | null {
    const { line } = expression;
    switch (expression.kind) {
      case "name": {
        const entry = scope.find(expression.name);
        if (!entry) throw new Error(`Line ${line} has the unknown name ${expression.name}.`);
        if (entry.kind === "value") return { ...entry.value, kind: "parts" };
        if (entry.kind === "array") return { ...entry, offset: "0" };
        const memory = this.#memories[entry.index] as Memory;
        const address = String(memory.start);
        return {
          kind: "memory",
          type: entry.type,
          memory,
          index: entry.index,
          address,
          unit: address,
        };
      }
      case "index":
        return this.#indexed(expression, scope);
      case "member": {
        const base = this.#place(expression.base, scope);
        return base && this.#member(base, expression.name);
      }
    }
    return null;
  }

  #indexed(expression: Expression & { kind: "index" }, scope: Scope): Place | null {
    const { line } = expression;
    const base = this.#place(expression.base, scope);
    if (!base) return null;
    const index = this.#converted(this.#value(expression.index, scope));
    const at = this.#kept(index.parts[0] as string);
    const { type } = base;
    if (type.kind === "vector") {
      if (base.kind === "memory") {
        return { ...base, type: type.of, address: `(${base.address} + ${at})` };
      }
      if (base.kind !== "parts") throw new Error(`Line ${line} has an array of vectors.`);
      if (index.constant === undefined) {
        const component = this.#kept(`within(${at}, ${type.size}, -1, ${this.#site(line)})`);
        return { kind: "component", type: type.of, parts: base.parts, component };
      }
      return { kind: "parts", type: type.of, parts: [base.parts[index.constant] as string] };
    }
    if (type.kind !== "array") throw new Error(`Line ${line} has an index of no array.`);
    const memory = base.kind === "memory" ? base.index : -1;
    const length = type.length ?? `N${memory}`;
    const place = this.#kept(`within(${at}, ${length}, ${memory}, ${this.#site(line)})`);
    if (base.kind === "memory") {
      const address = this.#kept(`${base.address} + ${strideOf(type)} * ${place}`);
      return { ...base, type: type.of, address, unit: address };
    }
    if (base.kind !== "array") throw new Error(`Line ${line} has an index of no array.`);
    const offset = this.#kept(`${base.offset} + ${zerosOf(type.of).length} * ${place}`);
    return { ...base, type: type.of, offset };
  }

  /** A field, or one or several components; null for several of what is in memory. */
  #member(base: Place, name: string): Place | null {
    const { type } = base;
    if (type.kind === "struct") {
      const index = type.fields.findIndex((field) => field.name === name);
      const field = type.fields[index];
      if (!field) throw new Error(`A structure has no ${name}.`);
      if (base.kind === "memory") {
        const address = `(${base.address} + ${field.offset})`;
        return { ...base, type: field.type, address, unit: address };
      }
      if (base.kind !== "parts") throw new Error("A structure is in an array.");
      const before = type.fields.slice(0, index).flatMap((other) => zerosOf(other.type)).length;
      const count = zerosOf(field.type).length;
      return { kind: "parts", type: field.type, parts: base.parts.slice(before, before + count) };
    }
    if (type.kind !== "vector") throw new Error(`There is no ${name} of a ${type.kind}.`);
    const components = [...name].map((letter) => COMPONENTS[letter] as number);
    const isOne = components.length === 1;
    if (base.kind === "memory" && isOne) {
      return { ...base, type: type.of, address: `(${base.address} + ${components[0]})` };
    }
    if (base.kind !== "parts") return null;
    const parts = components.map((component) => base.parts[component] as string);
    const size = parts.length;
    return { kind: "parts", type: isOne ? type.of : { ...type, size }, parts };
  }

  #load(place: Place, line: number): Value {
    const { type } = place;
    switch (place.kind) {
      case "parts":
        return { type, parts: place.parts };
      case "component":
        return { type, parts: [this.#kept(`[${place.parts}][${place.component}]`)] };
      case "array": {
        const parts = zerosOf(type).map((_, i) =>
          this.#kept(`${place.name}[${place.offset} + ${i}]`),
        );
        return { type, parts };
      }
    }
    const { memory, index, address, unit } = place;
    if (type.kind === "struct") {
      const fields = type.fields.map(({ name }) =>
        this.#load(this.#member(place, name) as Place, line),
      );
      return { type, parts: fields.flatMap(({ parts }) => parts) };
    }
    const { kind } = elementOf(type);
    const view = { f32: "F", i32: "I", u32: "U" }[kind as "f32" | "i32" | "u32"];
    if (type.kind === "array" || !view) throw new Error(`Line ${line} loads a whole ${type.kind}.`);
    const words = zerosOf(type).map((_, i) => (i === 0 ? address : `${address} + ${i}`));
    if (memory.space === "uniform") {
      return { type, parts: words.map((word) => this.#kept(`${view}${index}[${word}]`)) };
    }
    const site = this.#site(line);
    if (memory.space === "workgroup") this.#out.push(`reads(${unit}, ${index}, ${site});`);
    else if (memory.isWritable) this.#out.push(`readsBuffer(${unit}, ${index}, ${site});`);
    else if (this.#options.tracesLoads && memory.stride === 4)
      this.#out.push(`loads(${unit}, ${site});`);
    const parts = words.map((word) =>
      this.#kept(
        view === "F"
          ? `loadF(F${index}, I${index}, ${word}, ${index}, ${site})`
          : `loadI(${view}${index}, ${word}, ${index}, ${site})`,
      ),
    );
    return { type, parts };
  }

  #store(place: Place, value: Value, line: number): void {
    const { parts } = value;
    switch (place.kind) {
      case "parts":
        if (parts.length === 1) this.#out.push(`${place.parts[0]} = ${parts[0]};`);
        else {
          const stored = this.#all(parts, (kept) =>
            kept.map((part, i) => `${place.parts[i]} = ${part};`),
          );
          this.#out.push(`{ ${stored} }`);
        }
        return;
      case "component": {
        const kept = this.#kept(parts[0] as string);
        const cases = place.parts.map((part, i) => `case ${i}: ${part} = ${kept}; break;`);
        this.#out.push(`switch (${place.component}) { ${cases.join(" ")} }`);
        return;
      }
      case "array":
        for (const [i, part] of parts.entries()) {
          this.#out.push(`${place.name}[${place.offset} + ${i}] = ${part};`);
        }
        return;
    }
    const { memory, index, address, unit } = place;
    const { kind } = elementOf(place.type);
    const view = { f32: "F", i32: "I", u32: "U" }[kind as "f32" | "i32" | "u32"];
    const kept = parts.map((part) => this.#kept(part));
    const writes = memory.space === "workgroup" ? "writes" : "writesBuffer";
    this.#out.push(`${writes}(${unit}, ${index}, ${this.#site(line)});`);
    for (const [i, part] of kept.entries()) {
      this.#out.push(`${view}${index}[${address} + ${i}] = ${part};`);
    }
  }

  #value(expression: Expression, scope: Scope): Value {
    const { line } = expression;
    switch (expression.kind) {
      case "number":
        return numberOf(expression.text);
      case "boolean":
        return { type: BOOL, parts: [String(expression.value)] };
      case "unary":
        return this.#unary(expression, scope);
      case "binary":
        return this.#operation(expression, scope);
      case "call":
        return this.#call(expression, scope);
    }
    const place = this.#place(expression, scope);
    if (place) {
      const value = this.#load(place, line);
      const entry = expression.kind === "name" ? scope.find(expression.name) : undefined;
      return entry?.kind === "value" ? { ...value, constant: entry.value.constant } : value;
    }
    // A part of what has no place.
    if (expression.kind === "name") throw new Error(`Line ${line} has no value.`);
    const base = this.#keptParts(this.#value(expression.base, scope));
    if (expression.kind === "member") {
      const member = this.#member({ ...base, kind: "parts" }, expression.name);
      return this.#load(member as Place, line);
    }
    const { constant } = this.#value(expression.index, scope);
    const { type, parts } = base;
    if (type.kind === "vector" && constant !== undefined) {
      return { type: type.of, parts: [parts[constant] as string] };
    }
    const at = this.#converted(this.#value(expression.index, scope)).parts[0];
    const of = type.kind === "vector" || type.kind === "array" ? type.of : type;
    const within = `within(${at}, ${parts.length}, -1, ${this.#site(line)})`;
    return { type: of, parts: [this.#kept(`[${parts}][${within}]`)] };
  }

  #unary({ operator, operand, line }: Expression & { kind: "unary" }, scope: Scope): Value {
    const value = this.#value(operand, scope);
    const { type, parts, constant } = value;
    const { kind } = elementOf(type);
    if (operator === "-" && constant !== undefined) {
      return { type, parts: [`(${-constant})`], constant: -constant };
    }
    const negated = (x: string) =>
      kind === "i32" ? `subtract(0, ${x}, ${this.#site(line)})` : `(-${x})`;
    const of = (x: string) => {
      if (operator === "-") return negated(x);
      if (operator === "!") return `(!${x})`;
      return kind === "u32" ? `(~${x} >>> 0)` : `(~${x})`;
    };
    return { type, parts: parts.map(of) };
  }

  #operation(expression: Expression & { kind: "binary" }, scope: Scope): Value {
    const { operator, left, right } = expression;
    const a = this.#value(left, scope);
    if (operator !== "&&" && operator !== "||") {
      return this.#binary(operator, a, this.#value(right, scope), expression);
    }
    let b: Value = a;
    const computesB = this.#statementsOf(() => {
      b = this.#value(right, scope);
    });
    const [x, y] = [a.parts[0], b.parts[0]];
    if (computesB.length === 0) return { type: BOOL, parts: [`(${x} ${operator} ${y})`] };
    // Nothing of the right side happens where the left one decides.
    const name = this.#name("t");
    const goesOn = operator === "&&" ? name : `!${name}`;
    this.#out.push(
      `let ${name} = ${x};`,
      `if (${goesOn}) { ${computesB.join(" ")} ${name} = ${y}; }`,
    );
    return { type: BOOL, parts: [name] };
  }

  #binary(
    operator: string,
    left: Value,
    right: Value,
    { line, isIndex }: { line: number; isIndex?: boolean },
  ): Value {
    const isShift = operator === "<<" || operator === ">>";
    const [a, b] = isShift
      ? [this.#converted(left), this.#converted(right, elementsAs(right.type, U32))]
      : this.#unified([left, right]);
    if (!a || !b) throw new Error(`Line ${line} lacks an operand.`);
    const kind = scalarOf(a.type);
    const isComparison = /^(==|!=|<|>|<=|>=)$/.test(operator);
    const constant =
      a.constant !== undefined && b.constant !== undefined && kind.startsWith("abstract")
        ? constantOf(operator, a.constant, b.constant, kind === "abstract int")
        : undefined;
    if (constant !== undefined) return { type: a.type, parts: [`${constant}`], constant };
    const [x, y] = this.#broadcast(a, b);
    const component = (p: string, q: string): string => {
      if (isComparison) return `(${p} ${operator.replace(/^[=!]=$/, "$&=")} ${q})`;
      return componentOf(operator, kind, p, q, () => this.#site(line), isIndex ?? false);
    };
    return {
      type: isComparison ? elementsAs(x.type, BOOL) : x.type,
      parts: x.parts.map((part, i) => component(part, y.parts[i] as string)),
    };
  }

  /** Both with as many components. */
  #broadcast(a: Value, b: Value): [Value, Value] {
    const count = Math.max(a.parts.length, b.parts.length);
    const filled = (value: Value): Value => {
      if (value.parts.length === count) return value;
      const part = this.#kept(value.parts[0] as string);
      const type: Vector = { kind: "vector", size: count, of: elementOf(value.type) as Scalar };
      return { type, parts: Array<string>(count).fill(part) };
    };
    return [filled(a), filled(b)];
  }

  /** All of one scalar type, that of those that have one. */
  #unified(values: readonly Value[]): Value[] {
    const kinds = values.map(({ type }) => elementOf(type));
    const concrete = kinds.find(({ kind }) => !kind.startsWith("abstract"));
    const abstract = kinds.some(({ kind }) => kind === "abstract float") ? FLOAT : INT;
    const of = concrete ?? abstract;
    return values.map((value) => this.#converted(value, elementsAs(value.type, of)));
  }

  /** An abstract number as one of the type, or as what WGSL makes of it by itself; others as they are. */
  #converted(value: Value, to?: Type): Value {
    const { kind } = elementOf(value.type);
    if (!kind.startsWith("abstract")) return value;
    const of = to ? elementOf(to) : kind === "abstract int" ? I32 : F32;
    const type = elementsAs(value.type, of);
    if (of.kind !== "f32") {
      const { constant } = value;
      if (kind === "abstract int" || constant === undefined) return { ...value, type };
      return { type, parts: [literal(Math.trunc(constant))], constant: Math.trunc(constant) };
    }
    const parts = value.parts.map((part) => {
      const number = Number(part.replace(/[()]/g, ""));
      return Number.isNaN(number) ? `fround(${part})` : literal(Math.fround(number));
    });
    return { type, parts };
  }

  #call(expression: Expression & { kind: "call" }, scope: Scope): Value {
    const { name, line, args: given } = expression;
    const func = this.#module.functions.get(name);
    if (func) {
      const args = func.parameters.flatMap(({ type }, i) => {
        const value = this.#value(given[i] as Expression, scope);
        return this.#converted(value, this.#typeOf(type)).parts;
      });
      return this.#callOf(func, args);
    }
    if (name === "workgroupBarrier" || name === "storageBarrier") {
      this.#out.push(`yield ${this.#site(line, this.#functionName)};`);
      return { type: VOID, parts: [] };
    }
    const pointed =
      given[0]?.kind === "unary" && given[0].operator === "&" ? given[0].operand : null;
    if (pointed) {
      const place = this.#place(pointed, scope);
      if (place?.kind !== "memory") throw new Error(`Line ${line} points to what is no memory.`);
      if (name === "arrayLength") return { type: U32, parts: [`N${place.index}`] };
      const value = given[1] && this.#converted(this.#value(given[1], scope), place.type);
      return this.#atomic(name, place, value);
    }
    const args = given.map((arg) => this.#value(arg, scope));
    if (
      expression.type ||
      this.#module.structs.has(name) ||
      /^(vec[234][fiu]?|[fiu]32|bool|array)$/.test(name)
    ) {
      return this.#constructed(expression, args);
    }
    if (name.startsWith("subgroup")) return this.#subgroup(name, args, line);
    return this.#builtIn(name, args, line);
  }

  #callOf({ name, returns }: Func, args: readonly string[]): Value {
    const type = returns ? this.#typeOf(returns) : VOID;
    const call = `${this.#waiting.has(name) ? "yield* " : ""}f_${name}(${args.join(", ")})`;
    const parts = zerosOf(type);
    if (parts.length === 1) return { type, parts: [this.#kept(`(${call})`)] };
    this.#out.push(`${call};`);
    const isBool = elementOf(type).kind === "bool";
    return {
      type,
      parts: parts.map((_, i) => this.#kept(isBool ? `(R[${i}] !== 0)` : `R[${i}] + 0`)),
    };
  }

  #atomic(name: string, place: Place & { kind: "memory" }, value: Value | undefined): Value {
    const { type, index, address } = place;
    const of = type.kind === "atomic" ? type.of : U32;
    const at = `${of.kind === "i32" ? "I" : "U"}${index}[${address}]`;
    const old = this.#name("t");
    this.#out.push(`const ${old} = ${at};`);
    const operand = value?.parts[0];
    if (name === "atomicAdd") this.#out.push(`${at} = ${old} + ${operand};`);
    else if (name === "atomicStore") this.#out.push(`${at} = ${operand};`);
    else if (name !== "atomicLoad") throw new Error(`${name} is not known.`);
    return { type: name === "atomicStore" ? VOID : of, parts: name === "atomicStore" ? [] : [old] };
  }

  /** The generator yields what the invocation brings, and is given what it gets. */
  #subgroup(name: string, args: readonly Value[], line: number): Value {
    const [value, other] = args.map((arg) => this.#converted(arg));
    const result = this.#name("t");
    const brought = `value: ${value?.parts[0] ?? 0}, other: ${other?.parts[0] ?? 0}`;
    this.#out.push(
      `const ${result} = yield { operation: "${name}", ${brought}, isFloat: ${value?.type.kind === "f32"}, site: ${this.#site(line)} };`,
    );
    return { type: value?.type ?? BOOL, parts: [result] };
  }

  #constructed({ name, type: written, line }: Expression & { kind: "call" }, args: Value[]): Value {
    if (name === "bitcast") {
      const type = this.#typeOf((written as TypeName).of as TypeName);
      const value = this.#converted(args[0] as Value);
      const [from, to] = [elementOf(value.type).kind, elementOf(type).kind];
      return { type, parts: value.parts.map((part) => `bitcast(${part}, "${from}", "${to}")`) };
    }
    const struct = this.#module.structs.has(name);
    const vector = /^vec([234])$/.exec(name);
    if (vector && !written?.of) {
      const all = this.#unified(args);
      const of = elementOf((all[0] as Value).type) as Scalar;
      return this.#asType({ kind: "vector", size: Number(vector[1]), of }, all);
    }
    if (name === "array" && !written) {
      const all = this.#unified(args.map((arg) => this.#converted(arg)));
      const type: ArrayType = { kind: "array", length: all.length, of: (all[0] as Value).type };
      return { type, parts: all.flatMap(({ parts }) => parts) };
    }
    const type = this.#typeOf(written ?? { name, of: null, length: null });
    if (struct && type.kind === "struct") {
      const fields = type.fields.map((field, i) => this.#converted(args[i] as Value, field.type));
      return { type, parts: fields.flatMap(({ parts }) => parts) };
    }
    if (args.length === 0) return { type, parts: zerosOf(type) };
    if (type.kind === "void") throw new Error(`Line ${line} constructs nothing.`);
    return this.#asType(type, args);
  }

  /** Values one after the other, converted to a type; one number fills a vector. */
  #asType(type: Type, args: readonly Value[]): Value {
    const to = elementOf(type);
    const parts = args.flatMap((arg) => {
      if (elementOf(arg.type).kind.startsWith("abstract")) return this.#converted(arg, to).parts;
      return arg.parts.map((part) => conversion(scalarOf(arg.type), scalarOf(to), part));
    });
    const count = zerosOf(type).length;
    if (parts.length === count) {
      const constant = to.kind.startsWith("abstract") ? args[0]?.constant : undefined;
      return { type, parts, constant: count === 1 ? constant : undefined };
    }
    return { type, parts: Array<string>(count).fill(this.#kept(parts[0] as string)) };
  }

  #builtIn(name: string, args: Value[], line: number): Value {
    switch (name) {
      case "select": {
        const [no, yes] = this.#unified(args.slice(0, 2)) as [Value, Value];
        const condition = this.#keptParts(args[2] as Value).parts;
        const [a, b] = this.#broadcast(this.#converted(no), this.#converted(yes));
        const parts = a.parts.map(
          (part, i) => `(${condition[i] ?? condition[0]} ? ${b.parts[i]} : ${part})`,
        );
        return { type: a.type, parts };
      }
      case "all":
      case "any":
        return {
          type: BOOL,
          parts: [`(${args[0]?.parts.join(name === "all" ? " && " : " || ")})`],
        };
      case "dot": {
        const [a, b] = this.#unified(args).map((arg) => this.#converted(arg)) as [Value, Value];
        const of = elementOf(a.type);
        const op = (sign: string, p: string, q: string) =>
          componentOf(sign, scalarOf(of), p, q, () => this.#site(line), false);
        const products = a.parts.map((part, i) => op("*", part, b.parts[i] as string));
        return { type: of, parts: [products.reduce((sum, each) => op("+", sum, each))] };
      }
      case "frexp": {
        const x = this.#kept((this.#converted(args[0] as Value, F32).parts[0] as string) ?? "");
        return { type: FREXP, parts: [`fractionOf(${x})`, `exponentOf(${x})`] };
      }
      case "pack2x16float": {
        const [x, y] = this.#converted(args[0] as Value).parts;
        return { type: U32, parts: [`pack(${x}, ${y}, ${this.#site(line)})`] };
      }
      case "unpack2x16float": {
        const word = this.#kept(args[0]?.parts[0] as string);
        const type: Vector = { kind: "vector", size: 2, of: F32 };
        return { type, parts: [`unpack(${word} & 65535)`, `unpack(${word} >>> 16)`] };
      }
    }
    const one = OF_EACH[name];
    const several = OF_SEVERAL[name];
    const longest = args.reduce((most, arg) => (arg.parts.length > most.parts.length ? arg : most));
    const all = this.#unified(args).map((arg) =>
      this.#keptParts(this.#broadcast(this.#converted(arg), longest)[0]),
    );
    const [first] = all as [Value];
    if (one) return { type: first.type, parts: first.parts.map(one) };
    if (!several) throw new Error(`Line ${line} calls ${name}, which is not known.`);
    const parts = first.parts.map((_, i) => several(...all.map((arg) => arg.parts[i] as string)));
    return { type: first.type, parts };
  }
}

/** JavaScript of an operation on two numbers of a kind. */
function componentOf(
  operator: string,
  kind: ScalarKind,
  a: string,
  b: string,
  site: () => number,
  isIndex: boolean,
): string {
  const names: Record<string, string> = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "remainder",
  };
  if (operator in names) {
    if (kind === "f32") {
      return operator === "/"
        ? `divideFloats(${a}, ${b}, ${site()})`
        : `fround(${a} ${operator} ${b})`;
    }
    if (kind === "i32") return `${names[operator]}(${a}, ${b}, ${site()})`;
    if (kind === "u32") {
      // What is no index may be meant to wrap around, as in random numbers.
      if (isIndex || operator === "/" || operator === "%") {
        return `${names[operator]}Unsigned(${a}, ${b}, ${site()})`;
      }
      return operator === "*" ? `(Math.imul(${a}, ${b}) >>> 0)` : `((${a} ${operator} ${b}) >>> 0)`;
    }
  }
  if (kind === "bool") return `!!(${a} ${operator} ${b})`;
  if (operator === ">>") return kind === "u32" ? `(${a} >>> ${b})` : `(${a} >> ${b})`;
  return kind === "u32" ? `((${a} ${operator} ${b}) >>> 0)` : `(${a} ${operator} ${b})`;
}

function constantOf(operator: string, a: number, b: number, isInt: boolean): number | undefined {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return isInt ? Math.trunc(a / b) : a / b;
    case "%":
      return a % b;
  }
  return undefined;
}

function conversion(from: ScalarKind, to: ScalarKind, part: string): string {
  if (from === to) return part;
  if (to === "bool") return `(${part} !== 0)`;
  if (from === "bool") return `(${part} ? 1 : 0)`;
  if (to === "f32") return `fround(${part})`;
  if (from === "f32") return to === "i32" ? `toInt(${part})` : `toUnsigned(${part})`;
  return to === "i32" ? `(${part} | 0)` : `(${part} >>> 0)`;
}

function numberOf(text: string): Value {
  const isHex = /^0[xX]/.test(text);
  const suffix = (isHex ? /[iu]$/ : /[fiu]$/).exec(text)?.[0];
  const constant = Number(suffix ? text.slice(0, -1) : text);
  const isFloat = !isHex && /[.eE]/.test(text);
  const byLetter = { f: F32, i: I32, u: U32 }[suffix as "f" | "i" | "u"];
  const type = byLetter ?? (isFloat ? FLOAT : INT);
  return { type, parts: [literal(suffix === "f" ? Math.fround(constant) : constant)], constant };
}

const literal = (number: number) => (number < 0 ? `(${number})` : String(number));

/** The kind of the numbers that a type has. */
function scalarOf(type: Type): ScalarKind {
  return (elementOf(type) as Scalar).kind;
}

function elementOf(type: Type): Scalar | Atomic | Struct {
  if (type.kind === "vector" || type.kind === "array") return elementOf(type.of);
  return type;
}

/** The same type of other scalars. */
function elementsAs(type: Type, of: Scalar | Atomic | Struct): Type {
  return type.kind === "vector" ? { ...type, of: of as Scalar } : of;
}

function zerosOf(type: Type): string[] {
  switch (type.kind) {
    case "vector":
      return Array<string>(type.size).fill(zerosOf(type.of)[0] as string);
    case "array":
      return Array.from({ length: type.length ?? 0 }, () => zerosOf(type.of)).flat();
    case "struct":
      return type.fields.flatMap((field) => zerosOf(field.type));
    case "void":
      return [];
    case "bool":
      return ["false"];
  }
  return ["0"];
}

/** In words of 4 bytes, as are the others. */
function alignOf(type: Type): number {
  if (type.kind === "vector") return type.size === 2 ? 2 : 4;
  if (type.kind === "array") return alignOf(type.of);
  return type.kind === "struct" ? type.align : 1;
}

function wordsOf(type: Type): number {
  if (type.kind === "vector") return type.size;
  if (type.kind === "array") return (type.length ?? 0) * strideOf(type);
  return type.kind === "struct" ? type.words : 1;
}

function strideOf({ of }: ArrayType): number {
  return Math.ceil(wordsOf(of) / alignOf(of)) * alignOf(of);
}

function eachExpression(node: unknown, use: (expression: Expression) => void): void {
  if (typeof node !== "object" || node === null) return;
  if ("line" in node && "kind" in node) use(node as Expression);
  for (const value of Object.values(node)) eachExpression(value, use);
}

function callsIn(node: Statement): string[] {
  const names: string[] = [];
  eachExpression(node, (each) => {
    if (each.kind === "call") names.push(each.name);
  });
  return names;
}

/** Marks what an index of memory follows from within a function, by way of its variables too. */
function markIndices({ body }: Func): void {
  const names = new Set<string>();
  const mark = (root: Expression) =>
    eachExpression(root, (each) => {
      each.isIndex = true;
      if (each.kind === "name") names.add(each.name);
    });
  eachExpression(body, (each) => {
    if (each.kind === "index") mark(each.index);
  });
  for (let before = -1; before < names.size; ) {
    before = names.size;
    eachExpression(body, (node) => {
      const each = node as Expression | Statement;
      if (each.kind === "declare" && each.value && names.has(each.name)) mark(each.value);
      if (each.kind !== "assign" || each.target.kind !== "name") return;
      if (!names.has(each.target.name)) return;
      mark(each.value);
      (each as { isIndex?: boolean }).isIndex = true;
    });
  }
}
