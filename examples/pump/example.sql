-- Which pump fails within the hour? A network looks at the last 60 minutes of 52 sensors; its scores
-- are kept in a table, and each run computes the new ones alone.

-- As it runs for the first time on the rows of three days: a window for every minute of every pump.
drop table if exists pump_predictions;
delete from pump_sensors where ts >= '2024-05-04 00:00+00';
call pump.score_windows_into(
    'pump_sensors', 'id', 'machine', 'ts', 'pump_predictions', interval '5 minutes',
    columns => '{key,prediction=score,label,machine=partition_by,ts=order_by,model_name,version=model_version}'
);

\echo
\echo What it wrote.
select key, machine, ts at time zone 'UTC' as ts, round(prediction::numeric, 4) as prediction, label, model_name
from pump_predictions
order by key
limit 3;

-- The truth beside it: minutes to the pump's next failure. Rows of a pump that just failed, and stands
-- still, are left out.
create temporary table judged as
select p.machine, p.ts, p.prediction, p.label = 'fails' as said,
       exists (select from failures f where f.machine = p.machine
               and f.at > p.ts and f.at <= p.ts + interval '1 hour') as truth
from pump_predictions p
where not exists (select from failures f where f.machine = p.machine
                  and p.ts > f.at and p.ts <= f.at + interval '80 minutes');

\echo
\echo How often it is right when it says that a pump fails within the hour, and how many it tells.
select case when ts < '2024-05-03 00:00+00' then 'seen in training' else 'new' end as days,
       count(*) as windows,
       round(100.0 * count(*) filter (where said and truth) / count(*) filter (where said), 1) as "precision, %",
       round(100.0 * count(*) filter (where said and truth) / count(*) filter (where truth), 1) as "recall, %"
from judged
group by 1
order by 1 desc;

\echo
\echo The last day of pump 3, its score by the hour; x: it failed in the next hour.
select to_char(hour, 'HH24:MI') as hour,
       round(most::numeric, 2) as score,
       rpad(repeat('#', (40 * most)::integer), 41)
           || case when exists (select from failures f where f.machine = 3
                                and f.at > hour and f.at <= hour + interval '1 hour') then 'x' else '' end as drawn
from (
    select date_trunc('hour', ts at time zone 'UTC') at time zone 'UTC' as hour, max(prediction) as most
    from judged
    where machine = 3 and ts >= '2024-05-03 00:00+00'
    group by 1
) by_hour
order by hour;

-- Live: rows come in, and the same call computes their scores; what is there stays. Once a minute, by
-- the extension pg_cron:
--   select cron.schedule('pump', '* * * * *',
--       $$call pump.score_windows_into('pump_sensors', 'id', 'machine', 'ts', 'pump_predictions', ...)$$);
-- or by a loop of the shell: while sleep 60; do psql -c "call ..."; done
\echo
\echo Three minutes more, a row of each pump at a time.
\set VERBOSITY terse
create temporary table more as
select minute, s.* from generate_series(1, 3) minute
cross join lateral (select * from pump_sensors where ts = '2024-05-03 12:00+00') s;
update more set id = 26000 + 6 * minute + machine, ts = timestamptz '2024-05-03 23:59+00' + minute * interval '1 minute';
alter table more drop minute;
insert into pump_sensors select * from more where ts = '2024-05-04 00:00+00';
call pump.score_windows_into('pump_sensors', 'id', 'machine', 'ts', 'pump_predictions', interval '5 minutes',
    columns => '{key,prediction=score,label,machine=partition_by,ts=order_by,model_name,version=model_version}');
insert into pump_sensors select * from more where ts = '2024-05-04 00:01+00';
call pump.score_windows_into('pump_sensors', 'id', 'machine', 'ts', 'pump_predictions', interval '5 minutes',
    columns => '{key,prediction=score,label,machine=partition_by,ts=order_by,model_name,version=model_version}');
insert into pump_sensors select * from more where ts = '2024-05-04 00:02+00';
call pump.score_windows_into('pump_sensors', 'id', 'machine', 'ts', 'pump_predictions', interval '5 minutes',
    columns => '{key,prediction=score,label,machine=partition_by,ts=order_by,model_name,version=model_version}');

-- The proof: the same numbers as Keras, and good ones; each minute scored once.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_precision double precision;
    l_recall double precision;
begin
    select count(*), max(abs(p.prediction - e.prediction)) into l_rows, l_difference
    from expected e join pump_predictions p on p.key = e.id;
    if l_rows <> (select count(*) from expected) then
        raise exception '% windows compared', l_rows;
    end if;
    if (l_difference <= 1e-5) is not true then
        raise exception 'predictions differ from Keras by up to %', l_difference;
    end if;
    select count(*) into l_rows from pump_predictions;
    if l_rows <> 6 * (4320 - 59 + 3) then
        raise exception '% windows are scored', l_rows;
    end if;
    select count(*) filter (where said and truth)::float8 / count(*) filter (where said),
           count(*) filter (where said and truth)::float8 / count(*) filter (where truth)
    into l_precision, l_recall
    from judged
    where ts >= '2024-05-03 00:00+00';
    if (l_precision > 0.9 and l_recall > 0.9) is not true then
        raise exception 'accuracy: precision %, recall %', l_precision, l_recall;
    end if;
    raise notice 'pump: largest difference to Keras %, precision %, recall % on a day it had not seen',
        l_difference::real, round(l_precision::numeric, 3), round(l_recall::numeric, 3);
end
$$;
