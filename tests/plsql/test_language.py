"""Rules of the PL/SQL Language Reference 19c, each with its section, one block each.

A block prints with DBMS_OUTPUT what the section says that it prints, or raises the error that the
section says that it raises. None of this comes from our generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from plsql.machine import Database
from plsql.values import PlsqlError

PRINTS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "2.2.3 a string keeps its case and doubles its quotes": (
            "",
            "p('I''m a string'); p(q'[I'm one, too]');",
            "I'm a string|I'm one, too",
        ),
        "2.2.3 an identifier has no case": ("l_Number pls_integer := 1;", "p(L_NUMBER);", "1"),
        "2.2.4 comments are ignored, of one line or several": (
            "",
            "p('a'); -- p('b');\n/* p('c');\n */ p('d');",
            "a|d",
        ),
        "2.3.2 a variable without a value is NULL": (
            "l_x pls_integer;",
            "if l_x is null then p('null'); end if;",
            "null",
        ),
        "2.3.3 a constant keeps its value": ("c constant number := 2;", "p(c * 3);", "6"),
        "2.5 an inner name hides the outer one": (
            "l_x pls_integer := 1;",
            "declare l_x varchar2(5) := 'inner'; begin p(l_x); end; p(l_x);",
            "inner|1",
        ),
        "2.6.4 a Boolean takes TRUE, FALSE and NULL": (
            "l_done boolean;",
            "l_done := 2 > 1; if l_done then p('yes'); end if; l_done := null;"
            " if l_done is null then p('null'); end if;",
            "yes|null",
        ),
        "2.7.1 concatenation takes NULL for nothing": (
            "",
            "p('apple' || null || null || 'sauce');",
            "applesauce",
        ),
        "2.7.2 the power comes before the product, the product before the sum": (
            "",
            "p(1 + 2 ** 2 * 3); p((1 + 2) ** 2 * 3); p(((1 + 2) * (3 + 4)) / 7);",
            "13|27|3",
        ),
        "2.7.2 NOT comes before AND, AND before OR": (
            "",
            "if not false and true or false then p('t'); end if;"
            " if true or true and false then p('t'); end if;"
            " if not (true and false) then p('t'); end if;",
            "t|t|t",
        ),
        "2.7.3 truth table of AND with NULL": (
            "n boolean;",
            "if (n and true) is null then p('1'); end if; if (n and false) is null then p('no');"
            " else p('2'); end if; if not (false and n) then p('3'); end if;",
            "1|2|3",
        ),
        "2.7.3 truth table of OR with NULL": (
            "n boolean;",
            "if (n or true) then p('1'); end if; if (n or false) is null then p('2'); end if;"
            " if (n or n) is null then p('3'); end if;",
            "1|2|3",
        ),
        "2.7.3 NOT NULL is NULL": ("n boolean;", "if (not n) is null then p('1'); end if;", "1"),
        "2.7.4 OR stops at its first TRUE": (
            "l_hand pls_integer := 0; l_parts pls_integer := 100;",
            "if l_hand = 0 or l_parts / l_hand < 5 then p('order more'); end if;",
            "order more",
        ),
        "2.7.4 AND stops at its first FALSE": (
            "l_v utl_nla_array_flt;",
            "if l_v is not null and l_v(1) > 0f then p('no'); else p('stopped'); end if;",
            "stopped",
        ),
        "2.7.5.1 NULL equals nothing, not even NULL": (
            "l_a number; l_b number;",
            "if l_a = l_b then p('equal'); elsif l_a <> l_b then p('not equal');"
            " else p('unknown'); end if;",
            "unknown",
        ),
        "2.7.5.1 an unknown condition chooses ELSE": (
            "l_x number := 5; l_y number;",
            "if l_x != l_y then p('different'); else p('unknown'); end if;"
            " if not (l_x = l_y) then p('different'); else p('unknown'); end if;",
            "unknown|unknown",
        ),
        "2.7.5.2 an empty string is NULL": (
            "l_t varchar2(4) := '';",
            "if l_t is null then p('null'); end if; if length(l_t) is null then p('null'); end if;",
            "null|null",
        ),
        "2.7.5.3 BETWEEN includes both ends": (
            "",
            "if 2 between 2 and 4 then p('1'); end if; if 4 between 2 and 4 then p('2'); end if;"
            " if 2 not between 3 and 4 then p('3'); end if;",
            "1|2|3",
        ),
        "2.7.5.4 IN finds a value in a list": (
            "l_letter varchar2(1) := 'm';",
            "if l_letter in ('a', 'b', 'c') then p('abc'); else p('other'); end if;",
            "other",
        ),
        "2.7.5.4 NOT IN of a list with an unknown value is unknown": (
            "l_none varchar2(1);",
            "if 'a' not in ('b', l_none) then p('true'); else p('unknown'); end if;",
            "unknown",
        ),
        "2.7.5 LIKE: percent is any text, underscore one letter, ESCAPE takes them as they are": (
            "",
            "if 'Johnson' like 'J%s_n' then p('1'); end if;"
            " if '50% off' like '50\\% off' escape '\\' then p('2'); end if;"
            " if '50x off' like '50\\% off' escape '\\' then p('no'); else p('3'); end if;",
            "1|2|3",
        ),
        "2.7.7 a simple CASE with a NULL selector takes ELSE": (
            "g varchar2(1);",
            "p(case g when 'A' then 'Excellent' else 'No such grade' end);",
            "No such grade",
        ),
        "2.7.7 a searched CASE takes the first TRUE": (
            "n number := 3;",
            "p(case when n > 5 then 'big' when n > 2 then 'middle' when n > 1 then 'small' end);",
            "middle",
        ),
        "2.7.7 a CASE expression without ELSE gives NULL": (
            "l varchar2(9);",
            "l := case 3 when 1 then 'one' end; if l is null then p('null'); end if;",
            "null",
        ),
        "3.1.3 BINARY_FLOAT keeps single precision, BINARY_DOUBLE double": (
            "f binary_float := 16777216f; d binary_double := 16777216d;",
            "if f + 1f = f then p('lost'); end if; if d + 1d > d then p('kept'); end if;",
            "lost|kept",
        ),
        "3.1.3 binary division by zero raises nothing": (
            "f binary_float := 0f;",
            "if 1f / f is infinite then p('inf'); end if; if f / f is nan then p('nan'); end if;"
            " if 1f / f = binary_float_infinity then p('=inf'); end if;",
            "inf|nan|=inf",
        ),
        "3.1.3 binary overflow is infinity": (
            "f binary_float := 3e38f;",
            "f := f * 10f; if f is infinite then p('inf'); end if; if -f < 0f then p('-'); end if;",
            "inf|-",
        ),
        "3.1.3 (SQL Reference, floating-point numbers) NaN equals NaN and is greater than all": (
            "n binary_double := binary_double_nan; i binary_double := binary_double_infinity;",
            "if n = n then p('='); end if; if n > i then p('>'); end if; if i < n then p('<');"
            " end if; if n >= n then p('>='); end if; if n <> 1d then p('<>'); end if;"
            " if n < n or n > n then p('no'); end if; if greatest(1d, n, i) is nan then p('g');"
            " end if; if least(1d, n) = 1d then p('l'); end if; if nanvl(n, 7d) = 7d then p('v');"
            " end if;",
            "=|>|<|>=|<>|g|l|v",
        ),
        "3.1.3 NUMBER is decimal": (
            "",
            "if 0.1 + 0.2 = 0.3 then p('exact'); end if; p(1 / 8); p(-0.5); p(100 * 1.10);",
            "exact|.125|-.5|110",
        ),
        "3.1.3 NUMBER(p, s) rounds": (
            "n number(5, 2);",
            "n := 123.456; p(n); n := 0.005; p(n);",
            "123.46|.01",
        ),
        "3.3 PLS_INTEGER division gives NUMBER": (
            "a pls_integer := 7; b pls_integer := 2; c pls_integer;",
            "p(a / b); c := a / b; p(c);",
            "3.5|4",
        ),
        "4.1.1 IF without ELSE passes over NULL": (
            "b boolean;",
            "if b then p('no'); end if; p('on');",
            "on",
        ),
        "4.1.3 ELSIF: the first TRUE only": (
            "n number := 60000;",
            "if n > 50000 then p('1500'); elsif n > 35000 then p('500'); else p('100'); end if;",
            "1500",
        ),
        "4.1.4 a simple CASE statement": (
            "g varchar2(1) := 'B';",
            "case g when 'A' then p('Excellent'); when 'B' then p('Very Good'); else p('?');"
            " end case;",
            "Very Good",
        ),
        "4.2.1 LOOP with EXIT WHEN": (
            "x pls_integer := 0;",
            "loop p('in ' || x); x := x + 1; exit when x > 2; end loop; p('after ' || x);",
            "in 0|in 1|in 2|after 3",
        ),
        "4.2.2 FOR LOOP with equal, crossing and reversed bounds": (
            "",
            "for i in 3 .. 3 loop p(i); end loop; for i in 3 .. 1 loop p('no'); end loop;"
            " for i in reverse 1 .. 3 loop p(i); end loop;"
            " for i in reverse 3 .. 1 loop p('no'); end loop;",
            "3|3|2|1",
        ),
        "4.2.2 the bounds are evaluated once": (
            "n pls_integer := 2;",
            "for i in 1 .. n loop n := 5; p(i); end loop;",
            "1|2",
        ),
        "4.2.2 the index hides an outer variable and dies with the loop": (
            "i pls_integer := 5;",
            "for i in 1 .. 2 loop p(i); end loop; p(i);",
            "1|2|5",
        ),
        "4.2.2 a NUMBER bound is rounded": (
            "h number := 2.5;",
            "for i in 1 .. h loop p(i); end loop;",
            "1|2|3",
        ),
        "4.2.3 WHILE tests before each turn, NULL ends it": (
            "n pls_integer := 1; b boolean;",
            "while n < 3 loop p(n); n := n + 1; end loop; while b loop p('no'); end loop;",
            "1|2",
        ),
        "4.2.5 CONTINUE WHEN goes to the next turn": (
            "",
            "for i in 1 .. 4 loop continue when mod(i, 2) = 0; p(i); end loop;",
            "1|3",
        ),
        "5.2 an associative array is dense or not and grows by assignment": (
            "type t is table of varchar2(9) index by pls_integer; a t;",
            "a(-5) := 'low'; a(100) := 'high'; p(a.count); p(a.first || ' ' || a.last); p(a(-5));",
            "2|-5 100|low",
        ),
        "5.2 an associative array can have texts as keys, in their order": (
            "type t is table of number index by varchar2(20); a t; k varchar2(20);",
            "a('Smallville') := 2000; a('Megapolis') := 1000000; a('Midland') := 750;"
            " k := a.first; while k is not null loop p(k || ' ' || a(k)); k := a.next(k);"
            " end loop;",
            "Megapolis 1000000|Midland 750|Smallville 2000",
        ),
        "5.3 a varray may be empty, which is not NULL": (
            "a utl_nla_array_flt := utl_nla_array_flt(); b utl_nla_array_flt;",
            "p(a.count); if a is not null then p('empty'); end if; if b is null then p('null');"
            " end if;",
            "0|empty|null",
        ),
        "5.5 a constructor makes its elements": (
            "type t is table of number; a t := t(3, null, 5);",
            "p(a.count); p(a(1)); if a(2) is null then p('null'); end if;",
            "3|3|null",
        ),
        "5.7 assigning a collection copies it": (
            "a utl_nla_array_dbl := utl_nla_array_dbl(1d, 2d); b utl_nla_array_dbl;",
            "b := a; b(1) := 9d; p(to_number(a(1)) || ' ' || to_number(b(1)));",
            "1 9",
        ),
        "5.8 a collection of collections": (
            "type t is table of pls_integer; type u is table of t; a u := u(t(1, 2), t(3));",
            "p(a(1)(2)); p(a(2)(1)); a(2)(1) := 7; p(a(2)(1)); p(a.count || ' ' || a(1).count);",
            "2|3|7|2 2",
        ),
        "5.10.1 DELETE empties": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); type t is table of number index by"
            " pls_integer; m t;",
            "a.delete; p(a.count); m(1) := 1; m(2) := 2; m(3) := 3; m.delete(2); p(m.count);"
            " m.delete(1, 2); p(m.count); m.delete; p(m.count);",
            "0|2|1|0",
        ),
        "5.10.2 TRIM takes from the end": (
            "type t is table of number; a t := t(11, 22, 33, 44, 55, 66);",
            "a.trim; p(a.count || ' ' || a(a.last)); a.trim(2); p(a.count || ' ' || a(a.last));",
            "5 55|3 33",
        ),
        "5.10.3 EXTEND(n, i) copies element i, EXTEND makes NULL": (
            "type t is table of number; a t := t(11, 22, 33);",
            "a.extend(2, 1); a.extend; p(a.count || ' ' || a(5)); if a(6) is null then p('null');"
            " end if;",
            "6 11|null",
        ),
        "5.10.4 EXISTS never raises": (
            "type t is table of number; a t := t(1, 2); n t;",
            "if a.exists(2) then p('2'); end if; if not a.exists(9) then p('9'); end if;"
            " if not a.exists(0) then p('0'); end if; if not n.exists(1) then p('null'); end if;",
            "2|9|0|null",
        ),
        "5.10.5 FIRST and LAST of an empty collection are NULL": (
            "type t is table of number; a t := t(); b t := t(5, 6);",
            "if a.first is null and a.last is null then p('null'); end if;"
            " p(b.first || ' ' || b.last);",
            "null|1 2",
        ),
        "5.10.7 LIMIT of a varray is its size, of a nested table NULL": (
            "type t is table of number; a t := t(); b utl_nla_array_flt := utl_nla_array_flt();",
            "p(b.limit); if a.limit is null then p('null'); end if;",
            "1000000|null",
        ),
        "5.12 a record has its defaults and is copied whole": (
            "type t is record (a number := 1, b varchar2(3)); r t; q t;",
            "p(r.a); r.b := 'x'; q := r; q.b := 'y'; p(r.b || q.b);",
            "1|xy",
        ),
        "5.12 a record in a collection is assigned by field": (
            "type t is record (a number); type u is table of t index by pls_integer; m u;",
            "m(3).a := 5; p(m.count || ' ' || m(3).a);",
            "1 5",
        ),
        "8.6.1 RETURN of a procedure ends it at once": (
            "procedure q is begin p('before'); if 1 = 1 then return; end if; p('no'); end q;",
            "q; p('after');",
            "before|after",
        ),
        "8.6.2 a forward declaration lets two call each other": (
            "function odd(n pls_integer) return boolean; function even(n pls_integer) return"
            " boolean is begin if n = 0 then return true; end if; return odd(n - 1); end even;"
            " function odd(n pls_integer) return boolean is begin if n = 0 then return false;"
            " end if; return even(n - 1); end odd;",
            "if even(10) then p('even'); end if;",
            "even",
        ),
        "8.7.3 OUT starts as NULL, IN OUT with its value": (
            "a number := 1; b number := 2; procedure q(x out number, y in out number) is begin"
            " if x is null then p('null'); end if; p(y); x := 10; y := 20; end q;",
            "q(a, b); p(a || ' ' || b);",
            "null|2|10 20",
        ),
        "8.7.3 an unhandled exception leaves OUT and IN OUT arguments as they were": (
            "a number := 1; b utl_nla_array_flt := utl_nla_array_flt(5f);"
            " procedure q(x out number, y in out utl_nla_array_flt) is begin x := 10; y(1) := 6f;"
            " raise program_error; end q;",
            "begin q(a, b); exception when program_error then p('raised'); end; p(a);"
            " if b(1) = 5f then p('kept'); end if;",
            "raised|1|kept",
        ),
        "8.7.3 NOCOPY passes by reference: an exception leaves what was done": (
            "b utl_nla_array_flt := utl_nla_array_flt(5f); procedure q(y in out nocopy"
            " utl_nla_array_flt) is begin y(1) := 6f; raise program_error; end q;",
            "begin q(b); exception when program_error then p('raised'); end;"
            " if b(1) = 6f then p('changed'); end if;",
            "raised|changed",
        ),
        "8.7.5 a default is evaluated at each call without the argument": (
            "n pls_integer := 0; function next return pls_integer is begin n := n + 1; return n;"
            " end next; procedure q(x in pls_integer default next) is begin p(x); end q;",
            "q; q(7); q;",
            "1|7|2",
        ),
        "8.7.6 positional, named and mixed notation": (
            "procedure q(a number, b number := 2, c number := 3) is begin p(a || b || c); end q;",
            "q(1); q(1, c => 9); q(c => 7, a => 5);",
            "123|129|527",
        ),
        "8.9 overloads are told apart by types and names": (
            "procedure q(a number) is begin p('number'); end q;"
            " procedure q(a varchar2) is begin p('text'); end q;"
            " procedure q(b boolean) is begin p('boolean'); end q;",
            "q(1); q('a'); q(true);",
            "number|text|boolean",
        ),
        "8.9 the nearest numeric type: PLS_INTEGER, NUMBER, BINARY_FLOAT, BINARY_DOUBLE": (
            "procedure q(a binary_double) is begin p('d'); end q;"
            " procedure q(a number) is begin p('n'); end q;",
            "q(1); q(1.5); q(1f); q(1d);",
            "n|n|d|d",
        ),
        "8.11 a function may call itself": (
            "function f(n pls_integer) return pls_integer is begin if n = 1 then return 1; end if;"
            " return n * f(n - 1); end f;",
            "p(f(10));",
            "3628800",
        ),
        "11.2 the first fitting handler runs, and the block ends": (
            "n number; z number := 0;",
            "begin n := 1 / z; p('no'); exception when zero_divide or no_data_found then"
            " p('zero'); when others then p('no'); end; p('after');",
            "zero|after",
        ),
        "11.5 a declared exception is known by its name": (
            "past_due exception;",
            "begin raise past_due; exception when past_due then p('due ' || sqlcode); end;",
            "due 1",
        ),
        "11.5.1 EXCEPTION_INIT gives a number a name": (
            "e exception; pragma exception_init(e, -20007);",
            "begin raise_application_error(-20007, 'text'); exception when e then"
            " p(sqlcode || ' ' || sqlerrm); end;",
            "-20007 ORA-20007: text",
        ),
        "11.7.3 RAISE raises the current exception again": (
            "",
            "begin begin raise no_data_found; exception when others then p('inner'); raise; end;"
            " exception when no_data_found then p('outer ' || sqlcode); end;",
            "inner|outer 100",
        ),
        "11.8 an exception in a declaration passes by the handlers of its block": (
            "",
            "begin declare c constant number(3) := 5000; begin p('no'); exception when others then"
            " p('inner'); end; exception when value_error then p('outer'); end;",
            "outer",
        ),
        "11.8 an exception in a handler leaves the block": (
            "z number := 0;",
            "begin begin z := 1 / z; exception when zero_divide then z := 1 / 0; when others then"
            " p('no'); end; exception when zero_divide then p('outer'); end;",
            "outer",
        ),
        "11.8 two exceptions of one name are two": (
            "e exception;",
            "begin declare e exception; begin raise e; end; exception when e then p('no');"
            " when others then p('others'); end;",
            "others",
        ),
        "13.1 (assignment) a NOT NULL variable never holds NULL": (
            "n pls_integer not null := 1; m pls_integer;",
            "begin n := m; exception when value_error then p('refused'); end; p(n);",
            "refused|1",
        ),
        "SQL Reference MOD: the sign of the first, and MOD(x, 0) is x": (
            "a pls_integer := -11;",
            "p(mod(11, 4)); p(mod(a, 4)); p(mod(11, 0)); p(mod(2.5, 1));",
            "3|-3|11|.5",
        ),
        "SQL Reference SUBSTR and INSTR": (
            "",
            "p(substr('ABCDEFG', 3, 4)); p(substr('ABCDEFG', -5, 4)); p(substr('ABCDEFG', 0, 2));"
            " p(instr('CORPORATE FLOOR', 'OR', 3, 2)); p(instr('abc', 'x'));",
            "CDEF|CDEF|AB|14|0",
        ),
        "SQL Reference GREATEST, COALESCE, NVL, NULLIF": (
            "n number;",
            "if greatest(1, n) is null then p('null'); end if; p(coalesce(n, 2)); p(nvl(n, 3));"
            " if nullif(4, 4) is null then p('null'); end if;",
            "null|2|3|null",
        ),
        "SQL Reference FLOOR, CEIL, ROUND, TRUNC, SIGN, ABS": (
            "",
            "p(floor(-1.5)); p(ceil(-1.5)); p(round(2.5)); p(round(-2.5)); p(trunc(-1.7));"
            " p(sign(-3)); p(abs(-2)); p(round(15.193, 1));",
            "-2|-1|3|-3|-1|-1|2|15.2",
        ),
        "SQL Reference TO_CHAR of binary floats": (
            "f binary_float := 0.1f; d binary_double := 0.1d;",
            "p(to_char(f)); p(to_char(d)); p(to_char(-3d)); p(to_char(1.5f)); p('<' || 2f || '>');",
            "1.00000001E-001|1.0000000000000001E-001|-3.0E+000|1.5E+000|<2.0E+000>",
        ),
        "SQL Reference UNISTR, CHR, LPAD, REPLACE": (
            "",
            "p(unistr('\\00e9')); p(chr(65)); p(lpad('7', 3, '0')); p(replace('JACK', 'J', 'BL'));",
            "\u00e9|A|007|BLACK",
        ),
        "UTL_RAW: a float's bytes, big and little endian": (
            "",
            "p(rawtohex(utl_raw.cast_from_binary_float(1f, 1)));"
            " p(rawtohex(utl_raw.cast_from_binary_float(1f, 2)));"
            " if utl_raw.cast_to_binary_float(hextoraw('0000803F'), 2) = 1f then p('1'); end if;",
            "3F800000|0000803F|1",
        ),
    }
)

RAISES: Mapping[str, tuple[str, str, int]] = MappingProxyType(
    {
        "2.6.4 VARCHAR2 too long": ("t varchar2(3);", "t := 'four';", -6502),
        "3.1.3 NUMBER division by zero": ("n number := 0;", "n := 1 / n;", -1476),
        "3.1.3 NUMBER overflow": ("n number := 1e125;", "n := n * n;", -1426),
        "3.1.3 NUMBER(p, s) overflow": ("n number(3, 1);", "n := 100;", -6502),
        "3.3.1 PLS_INTEGER overflow": ("n pls_integer := 2147483647;", "n := n + 1;", -1426),
        "3.3.1 PLS_INTEGER overflow though the result is a NUMBER": (
            "a pls_integer := 2147483647; b pls_integer := 1; n number;",
            "n := a + b;",
            -1426,
        ),
        "3.3.1 PLS_INTEGER overflow on the way to a small result": (
            "a pls_integer := 2147483647; b pls_integer := 2;",
            "a := a * b - a;",
            -1426,
        ),
        "3.3.1 a NUMBER over the range of PLS_INTEGER": (
            "a pls_integer; n number := 3000000000;",
            "a := n;",
            -1426,
        ),
        "3.3.2 POSITIVE refuses zero": ("a positive; n pls_integer := 0;", "a := n;", -6502),
        "4.1.4 CASE without a fitting WHEN": (
            "n number := 3;",
            "case n when 1 then null; end case;",
            -6592,
        ),
        "4.2.2 a NULL bound": ("n pls_integer;", "for i in 1 .. n loop null; end loop;", -6502),
        "5.2 an element that is not there": (
            "type t is table of number index by pls_integer; a t; n number;",
            "n := a(1);",
            -1403,
        ),
        "5.2 a NULL key": (
            "type t is table of number index by pls_integer; a t; k pls_integer;",
            "a(k) := 1;",
            -6502,
        ),
        "5.3 a NULL varray has no elements": (
            "a utl_nla_array_flt; n binary_float;",
            "n := a(1);",
            -6531,
        ),
        "5.3 a NULL varray has no COUNT": ("a utl_nla_array_flt;", "p(a.count);", -6531),
        "5.3 a NULL varray cannot be extended": ("a utl_nla_array_flt;", "a.extend;", -6531),
        "5.3 reading beyond the count": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); n binary_float;",
            "n := a(2);",
            -6533,
        ),
        "5.3 writing beyond the count": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f);",
            "a(2) := 1f;",
            -6533,
        ),
        "5.3 subscript zero": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); i pls_integer := 0;",
            "a(i) := 1f;",
            -6532,
        ),
        "5.3 a negative subscript": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); n binary_float; i pls_integer := -1;",
            "n := a(i);",
            -6532,
        ),
        "5.3 a subscript over the limit": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); n binary_float;",
            "n := a(1000001);",
            -6532,
        ),
        "5.3 a NULL subscript": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f); n binary_float; i pls_integer;",
            "n := a(i);",
            -6502,
        ),
        "5.10.2 TRIM of more than there is": (
            "a utl_nla_array_flt := utl_nla_array_flt(1f);",
            "a.trim(2);",
            -6533,
        ),
        "5.10.3 EXTEND beyond the limit": (
            "a utl_nla_array_flt := utl_nla_array_flt();",
            "a.extend(1000001);",
            -6532,
        ),
        "8.6.1 a function that ends without RETURN": (
            "function f(n number) return number is begin if n > 0 then return 1; end if; end f;",
            "p(f(0));",
            -6503,
        ),
        "11.4 SELECT INTO without a row": (
            "n varchar2(1);",
            "select dummy into n from dual where dummy = 'Y';",
            -1403,
        ),
        "11.4 SELECT INTO with two rows": (
            "n varchar2(200);",
            "select privilege into n from session_privs;",
            -1422,
        ),
        "11.7.2 RAISE_APPLICATION_ERROR outside of its numbers": (
            "n pls_integer := -19999;",
            "raise_application_error(n, 'x');",
            -21000,
        ),
        "11.9 an unhandled exception reaches the caller": ("", "raise no_data_found;", -1403),
        "SQL Reference LN of zero": ("n number := 0;", "n := ln(n);", -1428),
        "SQL Reference EXP of a large NUMBER": ("n number := 400;", "n := exp(n);", -1426),
    }
)


def run(declarations: str, statements: str) -> list[str]:
    """What a block prints with p."""
    session = Database().session()
    session.execute(
        "declare procedure p(t varchar2) is begin dbms_output.put_line(t); end p;"
        " procedure p(t number) is begin dbms_output.put_line(to_char(t)); end p; begin declare "
        + f"{declarations} begin {statements} end; end;"
    )
    return session.output


@pytest.mark.parametrize("rule", PRINTS)
def test_prints(rule: str) -> None:
    declarations, statements, expected = PRINTS[rule]
    assert run(declarations, statements) == expected.split("|")


@pytest.mark.parametrize("rule", RAISES)
def test_raises(rule: str) -> None:
    declarations, statements, code = RAISES[rule]
    with pytest.raises(PlsqlError) as caught:
        run(declarations, statements)
    assert caught.value.code == code
