-- Is a review positive? A text model with word embeddings; the words are split and numbered in SQL.

-- The network takes the numbers of the first 20 words, and zeros where a text is shorter.
create or replace function word_ids(text) returns real[]
language sql stable
as $$
    select array_cat(
        array_agg(id order by place),
        array_fill(0::real, array[20 - count(*)::integer])
    )
    from (
        -- Words that the network never saw have the number 1.
        select coalesce(v.id, 1)::real as id, place
        from regexp_split_to_table(lower($1), '[^a-z]+') with ordinality as split (word, place)
        left join vocabulary v using (word)
        where word <> ''
        order by place
        limit 20
    ) as words
$$;

\echo
\echo A review, its words and their numbers.
select split.place, split.word, coalesce(v.id, 1) as id, v.id is null as unknown
from reviews r
cross join lateral regexp_split_to_table(rtrim(lower(r.text), '.!'), '[^a-z]+')
    with ordinality as split (word, place)
left join vocabulary v using (word)
where r.id = (select min(id) from reviews where text like 'What a%')
order by split.place;

\echo
\echo What the network says about the first reviews.
select id,
       left(text, 60) as review,
       reviews.label(word_ids(text)) as label,
       round(reviews.score(word_ids(text))::numeric, 3) as positive
from reviews
order by id
limit 6;

\echo
\echo And about sentences that somebody types.
select said, reviews.label(word_ids(said)) as label,
       round(reviews.score(word_ids(said))::numeric, 3) as positive
from (values ('The staff was friendly and the room was clean.'),
             ('The staff was rude and the room was dirty!'),
             ('I hated the coffee.'),
             ('Zzz.')) as sentences (said);

-- Score every review once and keep the result.
create temporary table judged as
select id, truth, reviews.score(ids) as score, reviews.label(ids) as label
from (select id, truth, word_ids(text) as ids from reviews) as numbered;

\echo
\echo Accuracy by truth.
select truth,
       count(*) as reviews,
       count(*) filter (where label = 'positive') as "label positive",
       round(100 * avg((label = truth)::integer), 1) as "right %"
from judged
group by truth
order by truth;

-- The proof: the same numbers as Keras, and good ones.
do $$
declare
    l_rows integer;
    l_difference double precision;
    l_accuracy double precision;
begin
    select count(*), max(abs(score - positive)), avg((label = truth)::integer)
    into l_rows, l_difference, l_accuracy
    from judged
    join expected using (id);
    if l_rows is distinct from (select count(*) from reviews) then
        raise exception '% reviews compared', l_rows;
    end if;
    if (l_difference <= 1e-5) is not true then
        raise exception 'scores differ from Keras by up to %', l_difference;
    end if;
    if (l_accuracy >= 0.95) is not true then
        raise exception 'accuracy is %', l_accuracy;
    end if;
    raise notice 'reviews: largest difference to Keras %, accuracy % %%',
        l_difference::real, round(100 * l_accuracy::numeric, 2);
end
$$;
