// Parse PL/SQL units: each line of stdin, [{name, text}], is answered by a line of stdout,
// [{name, errors: ["line:column message"]}].
import { createInterface } from "node:readline";
import { CharStream, CommonTokenStream, PredictionMode } from "antlr4";
import { PlSqlLexer, PlSqlParser } from "@griffithswaite/ts-plsql-parser";

// In antlr4 4.13.2 this hashes every configuration to undefined, and so compares each one with all
// others: half of the time. Here is the same function with lists by the number of the state.
const BitSet = PredictionMode.getAlts([]).constructor;
PredictionMode.getConflictingAltSubsets = (configurations) => {
  const byState = new Map();
  const subsets = [];
  for (const { state, context, alt } of configurations.items) {
    let found = byState.get(state.stateNumber);
    if (found === undefined) byState.set(state.stateNumber, (found = []));
    let same = found.find((other) => other.context.equals(context));
    if (same === undefined) {
      same = { context, alts: new BitSet() };
      found.push(same);
      subsets.push(same.alts);
    }
    same.alts.set(alt);
  }
  return subsets;
};

// What is to come next is told by the next two tokens, where antlr4 reads on through whole calls to
// find that both ways are open, and then takes the first: most of the time. A number that is told
// is the alternative to take; 0 leaves it to antlr4. A wrong one can only refuse what the grammar
// accepts, for the parser still matches every token: what is refused is read again without them.
const tokens = (...names) => new Set(names.map((name) => PlSqlParser[name]));
const METHODS = tokens("EXTEND", "TRIM", "DELETE", "ASTERISK");
const FUNCTIONS = tokens("TO_BINARY_DOUBLE", "TO_BINARY_FLOAT", "SUBSTR", "NVL", "GREATEST", "LEAST");
const TYPES = tokens("PLS_INTEGER", "BINARY_DOUBLE", "BINARY_FLOAT", "VARCHAR2", "BOOLEAN");
const OF_CURSORS = tokens(
  "PERIOD", "PERCENT_ISOPEN", "PERCENT_FOUND", "PERCENT_NOTFOUND", "PERCENT_ROWCOUNT",
);
const { CASE, LEFT_PAREN, PERIOD, REGULAR_ID } = PlSqlParser;
const isField = (next, second) => (next !== PERIOD ? 2 : METHODS.has(second) ? 0 : 1);
const SHORTCUTS = {
  2575: ["unary_expression_core", (next, second) => {
    if (next === CASE) return 1;
    if (FUNCTIONS.has(next) && second === LEFT_PAREN) return 3;
    return next === REGULAR_ID && !OF_CURSORS.has(second) ? 4 : 0;
  }],
  2885: ["routine_name", (next) => (next === PERIOD ? 1 : 2)],
  2944: ["type_spec", (next) => (TYPES.has(next) ? 1 : 0)],
  2965: ["general_element", isField],
  2966: ["general_element", isField],
  2969: ["general_element_part", (next) => (next === LEFT_PAREN ? 1 : 2)],
};
for (const [decision, [rule]] of Object.entries(SHORTCUTS)) {
  const found = PlSqlParser.ruleNames[PlSqlParser._ATN.decisionToState[decision].ruleIndex];
  if (found !== rule) throw new Error(`decision ${decision} is of ${found}, not of ${rule}`);
}

function takeShortcuts(predictor) {
  const predict = predictor.adaptivePredict;
  predictor.adaptivePredict = function (input, decision, context) {
    const told = SHORTCUTS[decision]?.[1](input.LA(1), input.LA(2));
    return told || predict.call(this, input, decision, context);
  };
}

class Collector {
  constructor() {
    this.errors = [];
  }
  syntaxError(recognizer, symbol, line, column, message) {
    this.errors.push(`${line}:${column} ${message.slice(0, 300)}`);
  }
  reportAmbiguity() {}
  reportAttemptingFullContext() {}
  reportContextSensitivity() {}
}

function check(text) {
  const errors = read(text, true);
  return errors.length ? read(text, false) : errors;
}

function read(text, isQuick) {
  const collector = new Collector();
  const lexer = new PlSqlLexer(new CharStream(text));
  lexer.removeErrorListeners();
  lexer.addErrorListener(collector);
  const tokens = new CommonTokenStream(lexer);
  const parser = new PlSqlParser(tokens);
  parser.removeErrorListeners();
  parser.addErrorListener(collector);
  parser.buildParseTrees = false;
  if (isQuick) takeShortcuts(parser._interp);
  parser.sql_script();
  return collector.errors;
}

for await (const line of createInterface({ input: process.stdin })) {
  const results = JSON.parse(line).map(({ name, text }) => ({ name, errors: check(text) }));
  process.stdout.write(JSON.stringify(results) + "\n");
}
