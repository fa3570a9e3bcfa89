-- events: 60 collisions; hlf holds the 14 high-level features of each, truth what it really was.
create table events (
    event_id integer primary key,
    hlf real[] not null check (cardinality(hlf) = 14),
    truth text not null
);
\copy events from 'events.csv' (format csv, header)

-- particles: what came out of each collision, numbered from the one with the most momentum.
create table particles (
    event_id integer not null references events,
    particle_no integer not null,
    features real[] not null check (cardinality(features) = 19),
    primary key (event_id, particle_no)
);
\copy particles from 'particles.csv' (format csv, header)

-- expected: what Keras itself says about each event, with both networks.
create table expected (
    event_id integer primary key references events,
    inclusive real[] not null,
    particle_sequence real[] not null
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
