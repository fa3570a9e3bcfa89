-- digits: 1797 scans of 8 x 8 pixels, one column a pixel (p0 ... p63, row by row, grey 0..16).
-- psql writes the 64 columns: \gexec runs what the query returns.
select format('create table digits (id integer primary key, %s, label integer, is_test boolean)',
              string_agg(format('p%s real', i), ', ' order by i))
from generate_series(0, 63) i \gexec

\copy digits from '../digits/digits.csv' (format csv, header)

-- expected: what Keras itself says about the test rows.
create table expected (
    id integer primary key references digits,
    probability0 real, probability1 real, probability2 real, probability3 real, probability4 real,
    probability5 real, probability6 real, probability7 real, probability8 real, probability9 real
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
