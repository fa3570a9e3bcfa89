"""Oracle without Oracle: a strict parser, checker and interpreter of the PL/SQL that we generate.

    from plsql.machine import Database

    database = Database(version="19")       # 12.1: identifiers of at most 30 bytes
    session = database.session("OWNER")     # the user is made at his first session
    session.run_script(text)                # a SQL*Plus script, unmodified; raises at an error
    session.call("fraud.score", p_v1=1.5)   # float BINARY_DOUBLE, int NUMBER, list or float32
                                            # array UTL_NLA_ARRAY_FLT, float64 array _DBL
    session.call_procedure("fraud.verify")
    session.query("select fraud.score(:1) from dual", [1.5])   # -> list of tuples
    session.select_table_function("fraud.score_table", rows, stop_after=10)

Arrays come back as values.Collection (a is an array('f'), numpy.array(x.a) works), records as
tuples, NUMBER as Decimal. `session.variable("utl_nla_array_flt", [1.0])` is a bind variable,
also for OUT parameters: `.value` afterwards.

Errors: values.PlsqlError (code, message) is what Oracle raises. values.Refused is raised for all
that lies outside the subset, or that Oracle's manuals leave open; no handler in PL/SQL sees it.
CheckRefused, a Refused, is what does not compile.

`Database(is_linguistic=True)` has sessions that compare texts without regard to case, as
NLS_COMP and NLS_SORT can say; what must not depend on settings runs there too. So it is with
`Database(orders_nan=False)`, in whose PL/SQL NaN is neither equal to nor greater than anything.

To look at: session.nla_calls (Counter by routine), session.nla_elements,
session.loop_iterations,
session.reset_counters(), session.open_cursors, session.output (DBMS_OUTPUT),
database.statements. To break: database.fail_statement(3) lets the third statement from now
raise ORA-03113 (after=True: once it has had its effect).

Modules: lexer, syntax, parser; types, expressions, builtins, queries, compiler (check and
write Python); values, runtime, nla (what that Python calls); catalog, machine, sqlplus,
connection (python-oracledb's interface over a session).
"""
