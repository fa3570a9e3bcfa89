-- Are trees good enough to tell qcd (jets only), tt (a pair of top quarks) and w (a W boson) apart?
-- A random forest and XGBoost see 14 columns of a collision, the network of the particles example
-- sees its particles besides. Who is better is read off their ROC curves, which are made here.

-- What the network takes: 801 particles of 19 features, rows of zeros at the end, and 14 features.
create or replace view collisions as
select e.event_id,
       array_cat(
           array_agg(p.features order by p.particle_no),
           array_fill(0::real, array[801 - count(*)::integer, 19])
       ) as particles,
       array[jets_momentum, missing_momentum, missing_phi, transverse_mass, jets, b_jets,
             lepton_momentum, lepton_eta, lepton_phi, isolation_charged, isolation_photons,
             isolation_neutral, lepton_charge, is_electron]::real[] as hlf
from events e
join particles p using (event_id)
group by e.event_id;

-- Score every collision once with all three, and keep the result.
create temporary table scores as
select e.event_id,
       e.truth,
       f.score as forest,
       x.score as xgboost,
       network.score(c.particles, c.hlf) as network
from events e
join forest.score_table('events', 'event_id') f on f.key = e.event_id::text
join xgboost.score_table('events', 'event_id') x on x.key = e.event_id::text
join collisions c using (event_id);

\echo
\echo Five collisions, and how sure each model is of what they really were.
select event_id,
       truth,
       round(forest[place]::numeric, 3) as forest,
       round(xgboost[place]::numeric, 3) as xgboost,
       round(network[place]::numeric, 3) as network
from scores
cross join array_position(array['qcd', 'tt', 'w'], truth) as place
order by event_id
limit 5;

-- One row for each collision, model and class.
create temporary view predictions as
select event_id, model, class, probability, truth = class as is_signal
from scores
cross join lateral (values ('forest', forest),
                           ('xgboost', xgboost::double precision[]),
                           ('network', network::double precision[])) as by_model (model, three)
cross join lateral unnest(array['qcd', 'tt', 'w'], three) as by_class (class, probability);

-- A ROC curve: whichever probability is asked for at least, so much of the class is kept, and so
-- much of all others with it. Collisions of one probability are kept together or not at all.
create temporary table roc as
select model,
       class,
       probability as threshold,
       sum(signal) over along / sum(signal) over whole as kept,
       sum(background) over along / sum(background) over whole as wrongly_kept
from (select model, class, probability,
             count(*) filter (where is_signal) as signal,
             count(*) filter (where not is_signal) as background
      from predictions
      group by model, class, probability) as steps
window along as (partition by model, class order by probability desc),
       whole as (partition by model, class);

-- The area under it, by trapezia from (0, 0) on.
create temporary table found as
select model, class, sum(width * (kept + kept_before) / 2)::double precision as area
from (select model, class, kept,
             lag(kept, 1, 0.0) over along as kept_before,
             wrongly_kept - lag(wrongly_kept, 1, 0.0) over along as width
      from roc
      window along as (partition by model, class order by threshold desc)) as steps
group by model, class;

\echo
\echo The area under the ROC curve of each class; 1 is perfect, 0.5 a guess.
select class,
       max(round(area::numeric, 4)) filter (where model = 'forest') as forest,
       max(round(area::numeric, 4)) filter (where model = 'xgboost') as xgboost,
       max(round(area::numeric, 4)) filter (where model = 'network') as network
from found
group by class
order by class;

\echo
\echo Points of the curves of tt: of it is kept, when so much of all else may be kept with it.
select wrongly as "of all else %",
       round(100 * max(kept) filter (where model = 'forest'), 1) as "forest %",
       round(100 * max(kept) filter (where model = 'xgboost'), 1) as "xgboost %",
       round(100 * max(kept) filter (where model = 'network'), 1) as "network %"
from unnest(array[1, 2, 5, 10, 20]) as wrongly
left join roc on class = 'tt' and wrongly_kept <= wrongly / 100.0
group by wrongly
order by wrongly;

-- The proof: the numbers of the libraries, one row at a time too, and scikit-learn's areas.
do $$
declare
    l_rows integer;
    l_forest double precision;
    l_xgboost double precision;
    l_network double precision;
    l_areas integer;
    l_area double precision;
begin
    select count(by_forest + by_xgboost + by_network),
           max(abs(by_forest)), max(abs(by_xgboost)), max(abs(by_network))
    into l_rows, l_forest, l_xgboost, l_network
    from scores s
    join expected e using (event_id)
    cross join lateral (
        select ours.forest - theirs.forest as by_forest,
               ours.xgboost - theirs.xgboost as by_xgboost,
               ours.network - theirs.network as by_network
        from unnest(s.forest, s.xgboost, s.network)
             with ordinality as ours (forest, xgboost, network, place)
        full join unnest(e.forest, e.xgboost, e.network)
             with ordinality as theirs (forest, xgboost, network, place) using (place)
    ) as differences;
    if l_rows is distinct from 3 * (select count(*) from events) then
        raise exception '% probabilities of each model compared', l_rows;
    end if;
    if (l_network <= 1e-5) is not true then
        raise exception 'scores differ from Keras by up to %', l_network;
    end if;
    if (l_xgboost <= 1e-6) is not true then
        raise exception 'scores differ from XGBoost by up to %', l_xgboost;
    end if;
    if (l_forest <= 1e-12) is not true then
        raise exception 'scores differ from scikit-learn by up to %', l_forest;
    end if;
    if exists (
        select from scores s
        join events e using (event_id)
        where s.forest is distinct from forest.score(e)
           or s.xgboost is distinct from xgboost.score(e)
    ) then
        raise exception 'scores of rows and of the whole table differ';
    end if;
    -- Probabilities that all but agree may change places; 1e-4 is two of a curve's 20,000 pairs.
    select count(found.area), max(abs(found.area - areas.area))
    into l_areas, l_area
    from areas
    left join found using (model, class);
    if l_areas is distinct from 9 or (l_area <= 1e-4) is not true then
        raise exception '% areas compared, different by up to %', l_areas, l_area;
    end if;
    if (select min(area) < 0.9 from found) is not false then
        raise exception 'an area is only %', (select min(area) from found);
    end if;
    raise notice 'particles-trees: largest differences % to scikit-learn, % to XGBoost, % to Keras',
        l_forest::real, l_xgboost::real, l_network::real;
end
$$;
