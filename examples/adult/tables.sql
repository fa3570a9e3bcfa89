-- people: from the census of the United States of 1994, see SOURCE.md; the first 2,000 were for
-- training. Empty cells are NULLs.
create table people (
    id integer primary key,
    age integer not null,
    employer text,
    education text not null,
    marital text not null,
    occupation text,
    capital_gain integer not null,
    capital_loss integer not null,
    hours integer,
    country text,
    income text not null
);
\copy people from 'people.csv' (format csv, header)

-- expected: the probabilities of the larger income that scikit-learn and Keras give the others.
create table expected (
    id integer primary key references people,
    pipeline double precision not null,
    network real not null
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
