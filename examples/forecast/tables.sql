-- prices: 400 days; the network was trained on the first 300.
create table prices (
    day integer primary key,
    price double precision not null
);
\copy prices from 'prices.csv' (format csv, header)

-- scale: one row; the network was trained on (price - low) / (high - low).
create table scale (
    low double precision not null,
    high double precision not null
);
\copy scale from 'scale.csv' (format csv, header)

-- expected: what Keras itself forecasts, scaled, from the 30 days that end on a day.
create table expected (
    day integer not null references prices,
    steps_ahead integer not null,
    scaled real not null,
    primary key (day, steps_ahead)
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
