/** Reads WGSL, as far as compute programs need it, into a tree. */

export type Expression = { line: number; isIndex?: boolean } & (
  | { kind: "number"; text: string }
  | { kind: "boolean"; value: boolean }
  | { kind: "name"; name: string }
  | { kind: "unary"; operator: string; operand: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "index"; base: Expression; index: Expression }
  | { kind: "member"; base: Expression; name: string }
  /** A function, or the type of what is constructed or converted to. */
  | { kind: "call"; name: string; type: TypeName | null; args: Expression[] }
);

/** A type as it is written; an array's length is an expression. */
export interface TypeName {
  name: string;
  of: TypeName | null;
  length: Expression | null;
}

export type Statement = { line: number } & (
  | { kind: "block"; body: Statement[] }
  | {
      kind: "declare";
      keyword: string;
      name: string;
      type: TypeName | null;
      value: Expression | null;
    }
  | { kind: "assign"; target: Expression; operator: string; value: Expression }
  | { kind: "evaluate"; value: Expression }
  | { kind: "if"; condition: Expression; body: Statement; otherwise: Statement | null }
  | {
      kind: "loop";
      first: Statement | null;
      condition: Expression | null;
      next: Statement | null;
      body: Statement;
    }
  /** A case without values is the default. */
  | { kind: "switch"; value: Expression; cases: { values: Expression[]; body: Statement }[] }
  | { kind: "return"; value: Expression | null }
  | { kind: "break" }
  | { kind: "continue" }
);

interface Field {
  name: string;
  type: TypeName;
  /** The attributes by their names, with what is in their brackets. */
  attributes: Record<string, Expression[]>;
}

interface Variable extends Field {
  space: string;
  isWritable: boolean;
  value: Expression | null;
}

export interface Func {
  name: string;
  parameters: Field[];
  returns: TypeName | null;
  body: Statement;
  attributes: Field["attributes"];
}

export interface Module {
  enables: string[];
  structs: Map<string, Field[]>;
  variables: Variable[];
  constants: (Statement & { kind: "declare" })[];
  functions: Map<string, Func>;
}

interface Token {
  text: string;
  kind: "number" | "name" | "sign" | "end";
  line: number;
}

const TOKEN =
  /(\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(0[xX][\da-fA-F]+[iu]?|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[fiu]?)|([A-Za-z_]\w*)|(->|\+\+|--|&&|\|\||<<=|>>=|<<|>>|[-+*/%=!<>&|^]=|[-+*/%&|^~!<>=(){}[\],;:.@])/y;

/** Binary operators bind more closely from row to row. */
const PRECEDENCE = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
/** A length within `<` and `>` has none of the operators that bind less than these. */
const LENGTH_LEVEL = 8;

const TEMPLATES = /^(vec[234]|array|atomic|bitcast)$/;

/** @throws Error that says what was expected in which line */
export function parse(code: string): Module {
  return new Parser(code).module();
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(code: string) {
    this.#tokens = tokensOf(code);
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #is(text: string): boolean {
    return this.#next.text === text;
  }

  #take(expected?: string): string {
    const { text, line } = this.#next;
    if (expected !== undefined && text !== expected) {
      throw new Error(`Expected ${expected} in line ${line}, got ${text || "the end"}.`);
    }
    this.#at++;
    return text;
  }

  #takes(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  /** Reads items up to the closing sign, with or without a sign in between and after the last. */
  #list<T>(close: string, item: () => T, separator = ","): T[] {
    const items: T[] = [];
    while (!this.#takes(close)) {
      items.push(item());
      this.#takes(separator);
    }
    return items;
  }

  module(): Module {
    const module: Module = {
      enables: [],
      structs: new Map(),
      variables: [],
      constants: [],
      functions: new Map(),
    };
    while (this.#next.kind !== "end") this.#declaration(module);
    return module;
  }

  #declaration(module: Module): void {
    if (this.#takes(";")) return;
    const attributes = this.#attributes();
    switch (this.#next.text) {
      case "enable":
        this.#take();
        module.enables.push(this.#take());
        return;
      case "struct": {
        this.#take();
        const name = this.#take();
        this.#take("{");
        module.structs.set(
          name,
          this.#list("}", () => this.#field()),
        );
        return;
      }
      case "const": {
        const constant = this.#simple();
        if (constant.kind === "declare") module.constants.push(constant);
        return;
      }
      case "var": {
        this.#take();
        const [space = "private", access] = this.#takes("<")
          ? this.#list(">", () => this.#take())
          : [];
        const name = this.#take();
        this.#take(":");
        const type = this.#type();
        const value = this.#takes("=") ? this.#expression() : null;
        const isWritable = space === "workgroup" || access === "read_write";
        module.variables.push({ name, type, attributes, space, isWritable, value });
        return;
      }
      case "fn": {
        this.#take();
        const name = this.#take();
        this.#take("(");
        const parameters = this.#list(")", () => this.#field());
        const returns = this.#takes("->") ? this.#type() : null;
        const body = this.#block();
        module.functions.set(name, { name, parameters, returns, body, attributes });
        return;
      }
    }
    throw new Error(`Line ${this.#next.line} declares what is not known: ${this.#next.text}.`);
  }

  #attributes(): Field["attributes"] {
    const attributes: Field["attributes"] = {};
    while (this.#takes("@")) {
      const name = this.#take();
      attributes[name] = this.#takes("(") ? this.#list(")", () => this.#expression()) : [];
    }
    return attributes;
  }

  #field(): Field {
    const attributes = this.#attributes();
    const name = this.#take();
    this.#take(":");
    return { name, type: this.#type(), attributes };
  }

  #type(): TypeName {
    const name = this.#take();
    if (!TEMPLATES.test(name) || !this.#takes("<")) return { name, of: null, length: null };
    const of = this.#type();
    const length = this.#takes(",") && !this.#is(">") ? this.#expression(LENGTH_LEVEL) : null;
    // Two templates may be closed by what looks like a shift to the right.
    if (this.#is(">>")) this.#tokens[this.#at] = { ...this.#next, text: ">" };
    else this.#take(">");
    return { name, of, length };
  }

  #block(): Statement {
    const { line } = this.#next;
    this.#take("{");
    const body: Statement[] = [];
    while (!this.#takes("}")) if (!this.#takes(";")) body.push(this.#statement());
    return { kind: "block", body, line };
  }

  #statement(): Statement {
    const { line, text } = this.#next;
    switch (text) {
      case "{":
        return this.#block();
      case "if": {
        this.#take();
        const condition = this.#expression();
        const body = this.#block();
        const otherwise = this.#takes("else") ? this.#statement() : null;
        return { kind: "if", condition, body, otherwise, line };
      }
      case "while": {
        this.#take();
        const condition = this.#expression();
        return { kind: "loop", first: null, condition, next: null, body: this.#block(), line };
      }
      case "for": {
        this.#take();
        this.#take("(");
        const first = this.#is(";") ? null : this.#simple();
        this.#take(";");
        const condition = this.#is(";") ? null : this.#expression();
        this.#take(";");
        const next = this.#is(")") ? null : this.#simple();
        this.#take(")");
        return { kind: "loop", first, condition, next, body: this.#block(), line };
      }
      case "switch":
        return this.#switch();
      case "return": {
        this.#take();
        const value = this.#is(";") ? null : this.#expression();
        this.#take(";");
        return { kind: "return", value, line };
      }
      case "break":
      case "continue":
        this.#take();
        this.#take(";");
        return { kind: text, line };
    }
    const statement = this.#simple();
    this.#take(";");
    return statement;
  }

  #switch(): Statement {
    const { line } = this.#next;
    this.#take("switch");
    const value = this.#expression();
    this.#take("{");
    const cases = this.#list(
      "}",
      () => {
        const isDefault = this.#take() === "default";
        const values = isDefault ? [] : [this.#expression()];
        while (this.#takes(",")) values.push(this.#expression());
        this.#takes(":");
        return { values, body: this.#block() };
      },
      ";",
    );
    return { kind: "switch", value, cases, line };
  }

  /** Reads a declaration, an assignment or a call, without the sign that ends it. */
  #simple(): Statement {
    const { line, text } = this.#next;
    if (text === "let" || text === "var" || text === "const") {
      const keyword = this.#take();
      const name = this.#take();
      const type = this.#takes(":") ? this.#type() : null;
      const value = this.#takes("=") ? this.#expression() : null;
      return { kind: "declare", keyword, name, type, value, line };
    }
    const target = this.#unary();
    const sign = this.#next.text;
    if (!/^(\+\+|--|(<<|>>|[-+*/%&|^])?=)$/.test(sign))
      return { kind: "evaluate", value: target, line };
    this.#take();
    const isStep = sign === "++" || sign === "--";
    const value: Expression = isStep ? { kind: "number", text: "1", line } : this.#expression();
    const operator = isStep ? (sign[0] as string) : sign.slice(0, -1);
    return { kind: "assign", target, operator, value, line };
  }

  #expression(level = 0): Expression {
    const signs = PRECEDENCE[level];
    if (!signs) return this.#unary();
    let left = this.#expression(level + 1);
    while (this.#next.kind === "sign" && signs.includes(this.#next.text)) {
      const { line } = this.#next;
      const operator = this.#take();
      left = { kind: "binary", operator, left, right: this.#expression(level + 1), line };
    }
    return left;
  }

  #unary(): Expression {
    const { line, text } = this.#next;
    if (!/^[-!~&]$/.test(text)) return this.#postfix();
    this.#take();
    return { kind: "unary", operator: text, operand: this.#unary(), line };
  }

  #postfix(): Expression {
    let value = this.#primary();
    for (;;) {
      const { line } = this.#next;
      if (this.#takes("[")) {
        value = { kind: "index", base: value, index: this.#expression(), line };
        this.#take("]");
      } else if (this.#takes(".")) {
        value = { kind: "member", base: value, name: this.#take(), line };
      } else {
        return value;
      }
    }
  }

  #primary(): Expression {
    const { line, text, kind } = this.#next;
    if (this.#takes("(")) {
      const inside = this.#expression();
      this.#take(")");
      return inside;
    }
    if (kind === "number") return { kind: "number", text: this.#take(), line };
    if (kind !== "name") {
      throw new Error(`Line ${line} has ${text || "its end"} where a value is expected.`);
    }
    if (text === "true" || text === "false") {
      return { kind: "boolean", value: this.#take() === "true", line };
    }
    const hasTemplate = TEMPLATES.test(text) && this.#tokens[this.#at + 1]?.text === "<";
    const type = hasTemplate ? this.#type() : null;
    if (!type) this.#take();
    if (!this.#takes("(")) return { kind: "name", name: text, line };
    return {
      kind: "call",
      name: text,
      type,
      args: this.#list(")", () => this.#expression()),
      line,
    };
  }
}

function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < code.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(code);
    if (!match) throw new Error(`Line ${line} cannot be read: ${code.slice(at, at + 20)}.`);
    const [text, space, number, name] = match;
    if (space === undefined) {
      tokens.push({ text, kind: number ? "number" : name ? "name" : "sign", line });
    }
    line += text.split("\n").length - 1;
  }
  tokens.push({ text: "", kind: "end", line });
  return tokens;
}
