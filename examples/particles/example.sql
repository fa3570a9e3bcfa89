-- Which process made a collision: qcd (jets only), tt (a pair of top quarks) or w (a W boson)?
-- Two networks read its particles in SQL, one by one, with a GRU; the inclusive one sees 14
-- features of the whole collision besides.

-- The networks take exactly 801 particles of 19 features and skip rows of zeros (Masking). So the
-- particles of an event are gathered in their order, n x 19, and 801 - n rows of zeros follow.
create or replace view collisions as
select e.event_id,
       e.truth,
       e.hlf,
       array_cat(
           array_agg(p.features order by p.particle_no),
           array_fill(0::real, array[801 - count(*)::integer, 19])
       ) as particles
from events e
join particles p using (event_id)
group by e.event_id;

\echo
\echo What the networks are given, and how many of its rows are particles.
select c.event_id,
       array_dims(c.particles) as input,
       (select count(*) from particles p where p.event_id = c.event_id) as particles
from collisions c
order by c.event_id
limit 3;

-- Score every collision once with both networks, and keep the result.
create temporary table scores as
select event_id,
       truth,
       inclusive.score(particles, hlf) as inclusive,
       inclusive.label(particles, hlf) as inclusive_label,
       particle_sequence.score(particles) as particle_sequence,
       particle_sequence.label(particles) as particle_sequence_label
from collisions;

\echo
\echo Five collisions, and what the inclusive network makes of them.
select event_id,
       truth,
       inclusive_label as label,
       round(inclusive[1]::numeric, 3) as qcd,
       round(inclusive[2]::numeric, 3) as tt,
       round(inclusive[3]::numeric, 3) as w
from scores
order by event_id
limit 5;

\echo
\echo Accuracy by class, with and without the features of the whole collision.
select coalesce(truth, 'all') as truth,
       count(*) as events,
       round(100 * avg((inclusive_label = truth)::integer), 1) as "inclusive %",
       round(100 * avg((particle_sequence_label = truth)::integer), 1) as "particles alone %"
from scores
group by rollup (truth)
order by scores.truth nulls last;

-- A selection as in real data taking: keep what is probably not qcd, and see what that costs.
\echo
\echo Collisions kept when those with P(qcd) over a threshold are thrown away.
select threshold,
       count(*) filter (where inclusive[1] <= threshold) as kept,
       count(*) filter (where inclusive[1] <= threshold and truth = 'qcd') as "of them qcd",
       count(*) filter (where inclusive[1] > threshold and truth <> 'qcd') as "tt and w lost"
from scores
cross join unnest(array[0.5, 0.1, 0.01]::real[]) as threshold
group by threshold
order by threshold desc;

-- The proof: the same numbers as Keras, from a flat array of 15219 numbers too, and good ones.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_accuracy double precision;
    l_alone double precision;
begin
    select count(*), max(abs(ours - theirs))
    into l_rows, l_difference
    from scores s
    join expected e using (event_id)
    cross join lateral unnest(s.inclusive || s.particle_sequence,
                              e.inclusive || e.particle_sequence) as pair (ours, theirs);
    if l_rows is distinct from 6 * (select count(*) from events) then
        raise exception '% probabilities compared', l_rows;
    end if;
    if (l_difference <= 1e-5) is not true then
        raise exception 'scores differ from Keras by up to %', l_difference;
    end if;
    if exists (
        select from scores s
        join collisions c using (event_id)
        where s.inclusive is distinct from
              inclusive.score((select array_agg(x) from unnest(c.particles) x), c.hlf)
    ) then
        raise exception 'scores of flat arrays differ';
    end if;
    select avg((inclusive_label = truth)::integer), avg((particle_sequence_label = truth)::integer)
    into l_accuracy, l_alone
    from scores;
    if (l_accuracy >= 0.9 and l_alone >= 0.8) is not true then
        raise exception 'accuracy is % and %', l_accuracy, l_alone;
    end if;
    raise notice 'particles: largest difference to Keras %, accuracy % %% and % %%',
        l_difference::real, round(100 * l_accuracy::numeric, 2), round(100 * l_alone::numeric, 2);
end
$$;
