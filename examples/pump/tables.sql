-- Without the compiler of PostgreSQL, which would take longer than what it compiles.
set jit = off;

-- failures: when each of six pumps failed.
create table failures (
    machine integer not null,
    at timestamptz not null,
    primary key (machine, at)
);
insert into failures
select machine, timestamptz '2024-05-01 00:00+00' + minute * interval '1 minute'
from generate_series(1, 6) machine
cross join lateral generate_series(500 + 37 * machine, 4319, 830 + 61 * machine) minute;

-- pump_sensors: three days of 52 sensors, one row a minute. In the three hours before a failure
-- sensors 5 to 12 drift; others drift without one. A pump that failed stands still for 20 minutes.
-- Numbers that a sensor did not send are -1. All of it is invented, by formulas, so that it need
-- not lie here.
do $$
declare
    l_sensors text;
begin
    select string_agg(
        format(
            'case when broken and %1$s between 20 and 30 then 0'
            ' when %1$s %% 13 = 2 and noise_%1$s > 0.48 then -1'
            ' else 10 * (1 + %1$s %% 7) + 2 * sin(minute / 229.0 + %1$s) + 1.5 * noise_%1$s'
            ' + case when %1$s between 5 and 12 then 4 * warning'
            ' when %1$s between 40 and 45 then 4 * sin(minute / (150.0 + 9 * machine)) else 0 end'
            ' end::real as sensor_%2$s',
            s, lpad(s::text, 2, '0')
        ),
        ', ' order by s
    )
    into l_sensors
    from generate_series(0, 51) s;
    execute format(
        'create table pump_sensors as select id, machine, ts, %s from ('
        'select m.*, coalesce(1 - extract(epoch from n.at - m.ts) / 10800, 0)::float8 as warning,'
        ' exists (select from failures f where f.machine = m.machine'
        '  and m.ts > f.at and m.ts <= f.at + interval ''20 minutes'') as broken, %s from ('
        'select minute * 6 + machine as id, machine, minute,'
        ' timestamptz ''2024-05-01 00:00+00'' + minute * interval ''1 minute'' as ts'
        ' from generate_series(0, 4319) minute cross join generate_series(1, 6) machine) m'
        ' left join lateral (select min(f.at) as at from failures f where f.machine = m.machine'
        '  and f.at between m.ts and m.ts + interval ''3 hours'') n on true) x',
        l_sensors,
        (select string_agg(format('sin(id * 12.9898 + %1$s * 78.233) * 43758.5453'
            ' - floor(sin(id * 12.9898 + %1$s * 78.233) * 43758.5453) - 0.5 as noise_%1$s', s), ', ')
         from generate_series(0, 51) s)
    );
end
$$;
alter table pump_sensors add primary key (id);

-- The index by which a run finds where the one before it ended.
create index on pump_sensors (machine, ts);

-- expected: what Keras itself gives for the windows that end with some of the rows.
create table expected (
    id integer primary key,
    prediction real not null
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
