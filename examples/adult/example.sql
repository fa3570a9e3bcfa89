-- Who earns more than 50,000 dollars? Columns as a table has them, with numbers, words and NULLs, go
-- into a pipeline of scikit-learn, and into a network behind the same imputer, scaler and encoder.

\echo
\echo Some people, as the table has them, and what both models say.
select p.id, p.age, p.occupation, p.hours, p.country, p.income,
       round(income.score(p)::numeric, 3) as pipeline,
       round(income_network.score(p)::numeric, 3) as network
from people p
where p.id between 2001 and 2008
order by p.id;

-- One person, one change at a time; score and label take the columns by name, in their own types.
\echo
\echo What NULLs and words that were never seen do.
select what,
       income.label(age => age, capital_gain => 0, capital_loss => 0, hours => hours,
                    employer => 'Private', education => 'Masters', marital => 'Married-civ-spouse',
                    occupation => occupation, country => country) as label,
       round(income.score(age => age, capital_gain => 0, capital_loss => 0, hours => hours,
                          employer => 'Private', education => 'Masters',
                          marital => 'Married-civ-spouse', occupation => occupation,
                          country => country)::numeric, 3) as pipeline,
       round(income_network.score(age => age, capital_gain => 0, capital_loss => 0, hours => hours,
                                  employer => 'Private', education => 'Masters',
                                  marital => 'Married-civ-spouse', occupation => occupation,
                                  country => country)::numeric, 3) as network
from (values (1, 'all is known', 45, 50, 'Sales', 'United-States'),
             (2, 'hours are NULL: their median', 45, null, 'Sales', 'United-States'),
             (3, 'the occupation is NULL: a category', 45, 50, null, 'United-States'),
             (4, 'a new word: as the rare ones', 45, 50, 'Astronaut', 'Atlantis'),
             (5, 'all of these are NULL', null, null, null, null))
     as cases (place, what, age, hours, occupation, country)
order by place;

-- Score everybody whom the models have not seen in training, once.
create temporary table scored as
select p.id, p.income, s.score as pipeline, income.label(p) as pipeline_label,
       n.score as network, income_network.label(p) as network_label,
       p.employer is null or p.hours is null or p.country is null as has_null
from people p
join income.score_table('people', 'id') s on s.key = p.id::text
join income_network.score_table('people', 'id') n on n.key = p.id::text
where p.id > 2000;

\echo
\echo Accuracy, of rows with a NULL and without.
select has_null,
       count(*) as people,
       round(100 * avg((income = '>50K')::integer), 1) as "earn more %",
       round(100 * avg((pipeline_label = income)::integer), 1) as "pipeline right %",
       round(100 * avg((network_label = income)::integer), 1) as "network right %"
from scored
group by has_null
order by has_null;

-- The proof: the same numbers as Keras and scikit-learn, good ones, and one for every row.
do $$
declare
    l_rows integer;
    l_pipeline double precision;
    l_network double precision;
    l_accuracy double precision;
    l_accuracy_network double precision;
begin
    select count(s.pipeline + s.network), max(abs(s.pipeline - e.pipeline)),
           max(abs(s.network - e.network)),
           avg((pipeline_label = income)::integer), avg((network_label = income)::integer)
    into l_rows, l_pipeline, l_network, l_accuracy, l_accuracy_network
    from scored s
    join expected e using (id);
    if l_rows is distinct from (select count(*) from people where id > 2000) then
        raise exception '% people compared', l_rows;
    end if;
    if (l_network <= 1e-5) is not true then
        raise exception 'scores differ from Keras by up to %', l_network;
    end if;
    if (l_pipeline <= 1e-9) is not true then
        raise exception 'scores differ from scikit-learn by up to %', l_pipeline;
    end if;
    if (least(l_accuracy, l_accuracy_network) >= 0.83) is not true then
        raise exception 'accuracy is % and %', l_accuracy, l_accuracy_network;
    end if;
    raise notice 'adult: largest differences % to scikit-learn and % to Keras, accuracy % %% and % %%',
        l_pipeline::real, l_network::real, round(100 * l_accuracy::numeric, 2),
        round(100 * l_accuracy_network::numeric, 2);
end
$$;
