-- Forecasting a price with two LSTM layers, in SQL: tomorrow's from every day, and many days ahead.

-- For every day, its last 30 prices as the network wants them: in order, scaled.
create or replace view windows as
select day, price, recent
from (
    select day,
           price,
           array_agg(((price - low) / (high - low))::real) over last_30_days as recent
    from prices cross join scale
    window last_30_days as (order by day rows between 29 preceding and current row)
) as every_day
where cardinality(recent) = 30;

-- Tomorrow's price, forecast on every day. lead() puts the price that came next beside it.
create temporary table tomorrow as
select day,
       price as today,
       forecast.score(recent) as scaled,
       low + (high - low) * forecast.score(recent) as forecast,
       lead(price) over (order by day) as truth
from windows cross join scale;

\echo
\echo Forecasts of the last days; tomorrow has no truth yet.
select day,
       today,
       round(forecast::numeric, 2) as "forecast for tomorrow",
       truth as "price tomorrow"
from tomorrow
order by day desc
limit 5;

\echo
\echo Mean error of the forecasts, and of saying that tomorrow is like today.
select case when day < 300 then 'seen in training' else 'new' end as days,
       count(*),
       round(avg(abs(forecast - truth))::numeric, 2) as "network",
       round(avg(abs(today - truth))::numeric, 2) as "like today"
from tomorrow
where truth is not null
group by 1
order by 1 desc;

-- Further ahead, a forecast is taken for a price: the oldest price leaves the window, the forecast
-- joins it, and the network is asked again. The window of step k ends with the forecast of day k.
create temporary table ahead as
with recursive future (steps_ahead, recent) as (
    select 0, recent
    from windows
    where day = (select max(day) from prices)
    union all
    select steps_ahead + 1, recent[2:] || forecast.score(recent)
    from future
    where steps_ahead < 40
)
select steps_ahead, recent[30] as scaled, low + (high - low) * recent[30] as forecast
from future cross join scale
where steps_ahead > 0;

\echo
\echo Forty days ahead from the last day, drawn.
select steps_ahead,
       round(forecast::numeric, 2) as forecast,
       repeat('#', (30 * scaled)::integer) as drawn
from ahead
where steps_ahead % 2 = 0
order by steps_ahead;

-- The same from a day in the past, where the truth is known.
\echo
\echo Two weeks ahead from day 380, and what came.
with recursive future (day, recent) as (
    select day, recent from windows where day = 380
    union all
    select day + 1, recent[2:] || forecast.score(recent) from future where day < 394
)
select day,
       round((low + (high - low) * recent[30])::numeric, 2) as forecast,
       price
from future
join prices using (day)
cross join scale
where day > 380
order by day;

-- The proof: the same numbers as Keras, and good ones.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_error double precision;
    l_naive double precision;
begin
    -- Recurrent layers hand their rounding from step to step, hence 1e-4, of the largest number.
    select count(*), max(abs(ours.scaled - e.scaled)) / max(abs(e.scaled))
    into l_rows, l_difference
    from expected e
    join (
        select day, 1 as steps_ahead, scaled from tomorrow
        union
        select (select max(day) from prices), steps_ahead, scaled from ahead
    ) ours using (day, steps_ahead);
    if l_rows is distinct from 371 + 39 or l_rows <> (select count(*) from expected) then
        raise exception '% forecasts compared', l_rows;
    end if;
    if (l_difference <= 1e-4) is not true then
        raise exception 'forecasts differ from Keras by up to % of the largest', l_difference;
    end if;
    select avg(abs(forecast - truth)), avg(abs(today - truth))
    into l_error, l_naive
    from tomorrow
    where day >= 300;
    if (l_error < 0.6 * l_naive) is not true then
        raise exception 'accuracy: the mean error is %, of today''s price %', l_error, l_naive;
    end if;
    raise notice 'forecast: largest difference to Keras %, mean error % (like today: %)',
        l_difference::real, round(l_error::numeric, 3), round(l_naive::numeric, 3);
end
$$;
