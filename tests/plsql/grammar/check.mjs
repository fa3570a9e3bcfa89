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
  const collector = new Collector();
  const lexer = new PlSqlLexer(new CharStream(text));
  lexer.removeErrorListeners();
  lexer.addErrorListener(collector);
  const tokens = new CommonTokenStream(lexer);
  const parser = new PlSqlParser(tokens);
  parser.removeErrorListeners();
  parser.addErrorListener(collector);
  parser.buildParseTrees = false;
  parser.sql_script();
  return collector.errors;
}

for await (const line of createInterface({ input: process.stdin })) {
  const results = JSON.parse(line).map(({ name, text }) => ({ name, errors: check(text) }));
  process.stdout.write(JSON.stringify(results) + "\n");
}
