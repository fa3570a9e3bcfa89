-- Reading digits from images with a convolutional network, in SQL.

\echo
\echo One image: the digit it shows, what the network reads, and how sure it is of each digit.
select id,
       label as truth,
       images.label(d) as reading,
       (select array_agg(round(p::numeric, 3)) from unnest(images.score(d)) p) as probabilities
from digits d
where id = 10;

-- The network takes 8 x 8 x 1 numbers. A row of the table is one way to give them, an array is
-- another: flat, row by row, as here, or with dimensions. Read backwards, an image is turned by
-- 180 degrees.
\echo
\echo What the network reads when the zeros, sixes and nines are turned by 180 degrees.
with turned as (
    select id,
           label,
           array_agg(pixel.value::real order by substr(pixel.key, 2)::integer desc) as image
    from digits d
    cross join jsonb_each_text(to_jsonb(d)) pixel
    where is_test and label in (0, 6, 9) and pixel.key ~ '^p\d+$'
    group by id
)
select label as truth, images.label(image) as reading, count(*)
from turned
group by 1, 2
order by 1, 3 desc, 2;

-- Score every test row once and keep the result.
create temporary table reading as
select d.id, d.label as truth, images.label(d)::integer as guess, images.score(d) as score
from digits d
where d.is_test;

\echo
\echo Confusion table: a row for each digit, a column for each reading.
select truth,
       count(*) filter (where guess = 0) as "0",
       count(*) filter (where guess = 1) as "1",
       count(*) filter (where guess = 2) as "2",
       count(*) filter (where guess = 3) as "3",
       count(*) filter (where guess = 4) as "4",
       count(*) filter (where guess = 5) as "5",
       count(*) filter (where guess = 6) as "6",
       count(*) filter (where guess = 7) as "7",
       count(*) filter (where guess = 8) as "8",
       count(*) filter (where guess = 9) as "9",
       round(100 * avg((guess = truth)::integer), 1) as "right %"
from reading
group by truth
order by truth;

\echo
\echo The readings it was least sure of, and what else it thought of.
select id, truth, guess, first.p as probability, second.digit as "or", second.p as "with"
from reading
cross join lateral (
    select p from unnest(score) p order by p desc limit 1
) first
cross join lateral (
    select place - 1 as digit, p
    from unnest(score) with ordinality u (p, place)
    order by p desc offset 1 limit 1
) second
order by first.p
limit 5;

-- The proof: the same numbers as Keras, and good ones.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_accuracy double precision;
begin
    select count(*), max(abs(ours.p - theirs.p))
    into l_rows, l_difference
    from reading r
    join expected e using (id)
    cross join lateral unnest(r.score) with ordinality ours (p, place)
    join lateral unnest(array[e.probability0, e.probability1, e.probability2, e.probability3,
                              e.probability4, e.probability5, e.probability6, e.probability7,
                              e.probability8, e.probability9]) with ordinality theirs (p, place)
        on theirs.place = ours.place;
    select avg((guess = truth)::integer) into l_accuracy from reading;
    if l_rows is distinct from 10 * (select count(*) from expected) then
        raise exception '% probabilities compared', l_rows;
    end if;
    if (l_difference <= 1e-5) is not true then
        raise exception 'scores differ from Keras by up to %', l_difference;
    end if;
    if (l_accuracy >= 0.97) is not true then
        raise exception 'accuracy is %', l_accuracy;
    end if;
    raise notice 'images: largest difference to Keras %, accuracy % %%',
        l_difference::real, round(100 * l_accuracy::numeric, 2);
end
$$;
