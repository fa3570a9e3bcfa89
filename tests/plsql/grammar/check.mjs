// Parse PL/SQL units: [{name, text}] on stdin becomes [{name, errors: ["line:column message"]}].
import { readFileSync } from "node:fs";
import { CharStream, CommonTokenStream } from "antlr4";
import { PlSqlLexer, PlSqlParser } from "@griffithswaite/ts-plsql-parser";

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
  parser.sql_script();
  return collector.errors;
}

const units = JSON.parse(readFileSync(0, "utf8"));
const results = units.map(({ name, text }) => ({ name, errors: check(text) }));
process.stdout.write(JSON.stringify(results));
