-- Forecasting a price with two LSTM layers, in SQL: tomorrow's from every day, and many days ahead.

-- Tomorrow's price, forecast on every day from its last 30: score_windows slides over the rows and
-- gives what the network gives, a scaled price, by the key of a window's last row. lead() puts the
-- price that came next beside it.
create temporary table tomorrow as
select day,
       price as today,
       score as scaled,
       low + (high - low) * score as forecast,
       truth
from (select day, price, lead(price) over (order by day) as truth from prices) p
join forecast.score_windows('prices', key => 'day', partition_by => null, order_by => 'day') s
    on s.key::integer = p.day
cross join scale;

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
-- joins it, and the network is asked again. Prices are in, and prices come out.
create temporary table ahead as
select step, forecast
from forecast.forecast('prices', partition_by => null, order_by => 'day', steps => 40);

\echo
\echo Forty days ahead from the last day, drawn.
select step as steps_ahead,
       round(forecast::numeric, 2) as forecast,
       repeat('#', (30 * (forecast - low) / (high - low))::integer) as drawn
from ahead
cross join scale
where step % 2 = 0
order by step;

-- The same from days in the past, where the truth is known: each of them a series of its own, and
-- all go on at once.
create temporary table past as
select f.series::integer as from_day, f.step, f.forecast, p.price
from forecast.forecast(
    'select d.day as from_day, p.day, p.price from prices p'
    ' join generate_series(310, 380, 10) d (day) on p.day between d.day - 29 and d.day',
    partition_by => 'from_day', order_by => 'day', steps => 14
) f
join prices p on p.day = f.series::integer + f.step;

\echo
\echo Two weeks ahead from day 380, and what came.
select from_day + step as day, round(forecast::numeric, 2) as forecast, price
from past
where from_day = 380
order by step;

\echo
\echo Mean error by how far ahead, over eight days in the past.
select step as steps_ahead, round(avg(abs(forecast - price))::numeric, 2) as "mean error"
from past
where step in (1, 2, 4, 7, 14)
group by step
order by step;

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
        union all
        select (select max(day) from prices), step, (forecast - low) / (high - low)
        from ahead cross join scale
        where step > 1
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
