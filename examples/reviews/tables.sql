-- reviews: 200 that the network has not seen in training.
create table reviews (
    id integer primary key,
    text text not null,
    truth text not null
);
\copy reviews from 'reviews.csv' (format csv, header)

-- vocabulary: the number of each word in the network; 0 is no word, 1 any word that is not here.
create table vocabulary (
    word text primary key,
    id integer not null unique
);
\copy vocabulary from 'vocabulary.csv' (format csv, header)

-- expected: the probability that Keras itself gives each review of being positive.
create table expected (
    id integer primary key references reviews,
    positive real not null
);
\copy expected from 'expected.csv' (format csv, header)

analyze;
