-- When does a machine behave strangely? An LSTM autoencoder was trained to repeat 24 hours of a
-- healthy machine's temperature. What it cannot repeat, it has not seen: an anomaly.

-- For every hour, the last 24 readings as the network wants them: in order, scaled.
create or replace view windows as
select hour, recent
from (
    select hour,
           array_agg(((temperature - mean) / deviation)::real) over last_24_hours as recent
    from readings cross join scale
    window last_24_hours as (order by hour rows between 23 preceding and current row)
) as every_hour
where cardinality(recent) = 24;

-- What the network remembers of each window. Stored, because it is used more than once below.
create temporary table memories as
select hour, recent, machine.score(recent) as remembered
from windows;

-- The reconstruction error of a window: the mean of |reading - what is remembered|. unnest() of
-- two arrays puts their elements side by side.
create temporary table errors as
select hour, avg(abs(reading - memory)) as error
from memories
cross join lateral unnest(recent, remembered) as pair (reading, memory)
group by hour;

\echo
\echo A window, and what the network remembers of it.
select place as hour, round(reading::numeric, 2) as reading, round(memory::numeric, 2) as memory
from memories
cross join lateral unnest(recent, remembered) with ordinality as pair (reading, memory, place)
where hour = 48 and place % 3 = 0
order by place;

-- The first 300 hours are known to be healthy. An error half as large again as any of theirs is
-- strange.
create temporary table threshold as
select 1.5 * max(error) as error from errors where hour <= 300;

-- Strange hours in a row are one alarm: within a row, hour minus row number stays the same.
create temporary table alarms as
select min(hour) as first_hour, max(hour) as last_hour, max(error) as largest_error
from (
    select e.hour, e.error, e.hour - row_number() over (order by e.hour) as run
    from errors e cross join threshold t
    where e.error > t.error
) as strange
group by run;

\echo
\echo The alarms; a window stays strange until the strange readings have left it.
select a.first_hour,
       a.last_hour,
       round(a.largest_error::numeric, 2) as "largest error",
       round(t.error::numeric, 2) as threshold,
       (select min(hour) || ' to ' || max(hour)
        from readings r
        where r.is_anomaly and r.hour between a.first_hour - 23 and a.last_hour) as planted
from alarms a cross join threshold t
order by a.first_hour;

\echo
\echo The single readings that were remembered worst: each is judged in up to 24 windows.
select w.hour - 24 + place::integer as hour,
       round(avg(abs(reading - memory))::numeric, 2) as "mean error",
       bool_or(r.is_anomaly) as anomaly
from memories w
cross join lateral unnest(recent, remembered) with ordinality as pair (reading, memory, place)
join readings r on r.hour = w.hour - 24 + place
group by 1
order by 2 desc
limit 8;

-- The proof: the same numbers as Keras, and the planted anomalies found, with no false alarm.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_missed integer;
    l_false integer;
begin
    -- Recurrent layers hand their rounding from step to step, hence 1e-4, of the largest number.
    select count(*), max(abs(ours - theirs)) / max(abs(theirs))
    into l_rows, l_difference
    from expected e
    join memories m using (hour)
    cross join lateral unnest(m.remembered, e.remembered) as pair (ours, theirs);
    if l_rows is distinct from 24 * (select count(*) from expected) then
        raise exception '% readings compared', l_rows;
    end if;
    if (l_difference <= 1e-4) is not true then
        raise exception 'scores differ from Keras by up to % of the largest', l_difference;
    end if;

    -- A planted anomaly is found when an alarm is on while it lasts.
    select count(*)
    into l_missed
    from (
        select min(hour) as first_hour, max(hour) as last_hour
        from (
            select hour, hour - row_number() over (order by hour) as run
            from readings
            where is_anomaly
        ) as planted
        group by run
    ) as anomaly
    where not exists (
        select from alarms a
        where a.first_hour <= anomaly.last_hour and a.last_hour >= anomaly.first_hour
    );
    -- An alarm is false when no reading of its windows is an anomaly.
    select count(*)
    into l_false
    from alarms a
    where not exists (
        select from readings r
        where r.is_anomaly and r.hour between a.first_hour - 23 and a.last_hour
    );
    if (select count(*) from alarms) = 0 or l_missed > 0 or l_false > 0 then
        raise exception 'accuracy: % anomalies missed, % false alarms', l_missed, l_false;
    end if;
    raise notice 'machine: largest difference to Keras %, % alarms, none missed, none false',
        l_difference::real, (select count(*) from alarms);
end
$$;
