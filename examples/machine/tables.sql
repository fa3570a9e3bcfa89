-- readings: 600 hours of a machine; is_anomaly is the truth that nobody would have.
create table readings (
    hour integer primary key,
    temperature double precision not null,
    is_anomaly boolean not null
);
\copy readings from 'readings.csv' (format csv, header)

-- scale: one row; the network was trained on (temperature - mean) / deviation.
create table scale (
    mean double precision not null,
    deviation double precision not null
);
\copy scale from 'scale.csv' (format csv, header)

-- expected: what Keras itself makes of some of the windows, by the hour that each ends in.
create table expected (
    hour integer primary key references readings,
    remembered real[] not null
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
