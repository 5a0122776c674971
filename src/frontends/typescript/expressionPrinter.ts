/**
 * Expressions as JavaScript in which every operator, member access and call goes through the runtime.
 *
 * What is not supported is printed as a call that throws where it would be executed: code that a trace does not reach does no harm.
 */

import type {
  AnyNode,
  AssignmentExpression,
  CallExpression,
  Expression,
  Function as FunctionNode,
  Identifier,
  MemberExpression,
  ObjectExpression,
  Pattern,
  Property,
  SpreadElement,
  UpdateExpression,
} from "acorn";
import { FunctionPrinter, keyName, noGenerator } from "./functionPrinter.ts";
import { noClass, RUNTIME } from "./names.ts";
import { type TypedExpression, untyped } from "./syntax.ts";

/** References to imports in code that a bundler or a test runner has transformed. */
const bundledImport = /^(__vi\w*_import_\d+__|import_\w+|\w+_\d+)$/;

const arithmetic = new Set(["+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>"]);

/** Prints expressions; what prints statements completes it. */
export abstract class ExpressionPrinter extends FunctionPrinter {
  /** An expression as JavaScript that can stand as an operand or argument anywhere. */
  expression(given: Expression | TypedExpression): string {
    const node = untyped(given);
    switch (node.type) {
      case "Identifier":
        return this.reference(node);
      case "Literal":
        return this.literal(node);
      case "TemplateLiteral": {
        const parts = node.quasis.map(({ value }, index) => {
          const inner = node.expressions[index];
          return `${value.raw}${inner ? `\${${this.siteOf(inner, this.expression(inner))}}` : ""}`;
        });
        return `\`${parts.join("")}\``;
      }
      case "ArrayExpression": {
        const items = `[${node.elements.map((element) => (element ? this.argument(element) : "undefined")).join(", ")}]`;
        const spreads = node.elements.some((element) => element?.type === "SpreadElement");
        return spreads ? `${RUNTIME}.array(${this.site(node)}, ${items})` : items;
      }
      case "ObjectExpression":
        return this.object(node);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return this.functionExpression(node, "function");
      case "UnaryExpression":
        return this.unary(node);
      case "BinaryExpression":
        return this.binary(node);
      case "LogicalExpression":
        return node.operator === "??"
          ? `(${this.expression(node.left)} ?? ${this.expression(node.right)})`
          : `(${this.test(node.left)} ${node.operator} ${this.expression(node.right)})`;
      case "ConditionalExpression":
        return `(${this.test(node.test)} ? ${this.expression(node.consequent)} : ${this.expression(node.alternate)})`;
      case "AssignmentExpression":
        return this.assignment(node);
      case "UpdateExpression":
        return this.update(node);
      case "MemberExpression":
        return this.member(node);
      case "CallExpression":
        return this.call(node);
      case "NewExpression":
        return this.runtime(
          "construct",
          node,
          this.expression(node.callee),
          ...node.arguments.map((item) => this.argument(item)),
        );
      case "SequenceExpression":
        return `(${node.expressions.map((item) => this.expression(item)).join(", ")})`;
      case "ParenthesizedExpression":
        return this.expression(node.expression);
      case "ChainExpression":
        return `${RUNTIME}.chain(() => ${this.expression(node.expression)})`;
      case "ClassExpression":
        return this.unsupported(node, noClass);
      case "ThisExpression":
        return this.unsupported(node, "this is not supported: pass the values as parameters");
      case "AwaitExpression":
      case "YieldExpression":
        return this.unsupported(node, noGenerator);
      default:
        return this.unsupported(node, `${node.type} is not supported`);
    }
  }

  protected runtime(method: string, node: AnyNode, ...parameters: string[]): string {
    return `${RUNTIME}.${method}(${[String(this.site(node)), ...parameters].join(", ")})`;
  }

  protected test(node: Expression): string {
    return this.runtime("test", node, this.expression(node));
  }

  protected argument(node: Expression | SpreadElement): string {
    if (node.type !== "SpreadElement") return this.expression(node);
    return `...${this.siteOf(node.argument, this.expression(node.argument))}`;
  }

  protected literal(node: Extract<Expression, { type: "Literal" }>): string {
    const { value } = node;
    if (value === Infinity) return "1e999";
    if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
    if (typeof value === "string") return JSON.stringify(value);
    return this.unsupported(node, "big integers and regular expressions are not supported: write numbers");
  }

  protected object(node: ObjectExpression): string {
    const properties = node.properties.map((property) =>
      property.type === "SpreadElement" ? this.argument(property) : this.property(property),
    );
    return `({ ${properties.join(", ")} })`;
  }

  protected property({ key, value, kind, method, computed }: Property): string {
    const name = computed ? this.expression(key) : JSON.stringify(keyName(key));
    if (kind !== "init")
      return `[${name}]: ${this.unsupported(key, "getters and setters are not supported: write a function")}`;
    const code = method
      ? this.functionExpression(value as unknown as FunctionNode, "method")
      : this.expression(value);
    return `[${this.runtime("key", key, name)}]: ${code}`;
  }

  protected unary(node: Extract<Expression, { type: "UnaryExpression" }>): string {
    const { operator, argument } = node;
    switch (operator) {
      case "-":
        return this.runtime("negate", node, this.expression(argument));
      case "+":
        return this.runtime("plus", node, this.expression(argument));
      case "~":
        return this.runtime("invert", node, this.expression(argument));
      case "!":
        return `(!${this.test(argument)})`;
      case "void":
        return `(void ${this.expression(argument)})`;
      case "typeof": {
        const unknown =
          argument.type === "Identifier" &&
          !this.lookup(argument.name) &&
          !this.freeReference(argument.name, argument);
        return unknown ? `"undefined"` : `${RUNTIME}.typeOf(${this.expression(argument)})`;
      }
      default:
        return this.unsupported(node, `${operator} is not supported`);
    }
  }

  protected binary(node: Extract<Expression, { type: "BinaryExpression" }>): string {
    const { operator, left, right } = node;
    if (left.type === "PrivateIdentifier") return this.unsupported(node, noClass);
    if (operator === "instanceof")
      return this.unsupported(node, "instanceof is not supported: use Array.isArray or typeof");
    const [a, b] = [this.expression(left), this.expression(right)];
    if (operator === "in") return `(${this.siteOf(left, a)} in ${b})`;
    return this.runtime(
      arithmetic.has(operator) ? "binary" : "compare",
      node,
      JSON.stringify(operator),
      a,
      b,
    );
  }
  /** What a transformed reference to an import (`__vi_import_0__.where`) stands for. */
  protected bundled({ object, property, computed }: MemberExpression): string | undefined {
    if (computed || object.type !== "Identifier" || property.type !== "Identifier") return undefined;
    const own =
      this.lookup(object.name) !== undefined || this.freeReference(object.name, object) !== undefined;
    if (own || !bundledImport.test(object.name)) return undefined;
    return (
      this.freeReference(property.name, property) ?? this.unsupported(property, this.unknown(property.name))
    );
  }

  protected member(node: MemberExpression): string {
    if (node.object.type === "Super" || node.property.type === "PrivateIdentifier")
      return this.unsupported(node, noClass);
    return this.bundled(node) ?? this.runtime("get", node, this.objectOf(node), this.key(node));
  }

  /** What a member is taken of; behind `?.` the chain ends where it is absent. */
  protected objectOf({ object, optional }: MemberExpression): string {
    const code = this.expression(object as Expression);
    return optional ? `${RUNTIME}.present(${code})` : code;
  }

  protected call(node: CallExpression): string {
    const { callee } = node;
    if (node.optional)
      return this.unsupported(node, "an optional call ?.() is not supported: call the function itself");
    const parameters = node.arguments.map((item) => this.argument(item));
    if (callee.type === "Super") return this.unsupported(node, noClass);
    const target = untyped(callee);
    const isMethod =
      target.type === "MemberExpression" &&
      target.object.type !== "Super" &&
      this.bundled(target) === undefined;
    if (isMethod) return this.runtime("method", node, this.objectOf(target), this.key(target), ...parameters);
    return this.runtime("call", node, this.expression(target), ...parameters);
  }

  protected assignment(node: AssignmentExpression): string {
    const { operator, right } = node;
    const left = untyped(node.left as Expression) as Pattern;
    const code = this.expression(right);
    if (left.type === "Identifier") return this.assignIdentifier(node, left, code);
    if (left.type !== "MemberExpression")
      return `(${this.target(left)} = ${this.runtime("parts", right, code)})`;
    const place = [this.expression(left.object as Expression), this.key(left)];
    if (operator === "=") return this.runtime("set", node, ...place, code);
    const change = this.changed(node, operator.slice(0, -1), `${RUNTIME}Old`, code);
    return this.runtime("update", node, ...place, `(${RUNTIME}Old) => ${change}`);
  }

  protected assignIdentifier(node: AssignmentExpression, left: Identifier, code: string): string {
    const { operator, right } = node;
    const name = this.target(left);
    if (operator === "=") return `(${name} = ${this.named(name, right, code)})`;
    return `(${name} = ${RUNTIME}.name(${JSON.stringify(name)}, ${this.changed(node, operator.slice(0, -1), name, code)}))`;
  }

  /** `old op operand`. */
  protected changed(node: AnyNode, operator: string, old: string, operand: string): string {
    if (operator === "??") return `(${old} ?? ${operand})`;
    if (operator === "&&" || operator === "||")
      return `(${this.runtime("test", node, old)} ${operator} ${operand})`;
    return this.runtime("binary", node, JSON.stringify(operator), old, operand);
  }

  protected update(node: UpdateExpression): string {
    const operator = JSON.stringify(node.operator.charAt(0));
    const argument = untyped(node.argument);
    if (argument.type === "Identifier") {
      const name = this.target(argument);
      const next = `${name} = ${RUNTIME}.name(${JSON.stringify(name)}, ${this.runtime("binary", node, operator, name, "1")})`;
      return node.prefix ? `(${next})` : `${RUNTIME}.first(${name}, ${next})`;
    }
    if (argument.type !== "MemberExpression") throw this.error(node, `${node.operator} needs a variable`);
    const change = `(${RUNTIME}Old) => ${this.runtime("binary", node, operator, `${RUNTIME}Old`, "1")}`;
    const place = [this.expression(argument.object as Expression), this.key(argument)];
    return this.runtime("update", node, ...place, change, String(!node.prefix));
  }

  /** Names the equation that an expression ends in; functions and literals end in none. */
  protected named(name: string, node: Expression, code: string): string {
    const nameless = [
      "ArrowFunctionExpression",
      "FunctionExpression",
      "Literal",
      "ArrayExpression",
      "ObjectExpression",
    ];
    return nameless.includes(untyped(node).type) ? code : `${RUNTIME}.name(${JSON.stringify(name)}, ${code})`;
  }
}
