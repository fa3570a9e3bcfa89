-- events: 300 collisions; the 14 high-level features of each, and what it really was.
create table events (
    event_id integer primary key,
    jets_momentum double precision not null,
    missing_momentum double precision not null,
    missing_phi double precision not null,
    transverse_mass double precision not null,
    jets double precision not null,
    b_jets double precision not null,
    lepton_momentum double precision not null,
    lepton_eta double precision not null,
    lepton_phi double precision not null,
    isolation_charged double precision not null,
    isolation_photons double precision not null,
    isolation_neutral double precision not null,
    lepton_charge double precision not null,
    is_electron double precision not null,
    truth text not null
);
\copy events from 'events.csv' (format csv, header)

-- particles: what came out of each collision, numbered from the one with the most momentum.
create table particles (
    event_id integer not null references events,
    particle_no integer not null,
    features real[] not null check (cardinality(features) = 19),
    primary key (event_id, particle_no)
);
\copy particles from 'particles.csv' (format csv, header)

-- expected: what scikit-learn, XGBoost and Keras themselves say about each event.
create table expected (
    event_id integer primary key references events,
    forest double precision[] not null,
    xgboost real[] not null,
    network real[] not null
);
\copy expected from 'expected.csv' (format csv, header)

-- areas: the areas under the ROC curves that scikit-learn finds in those.
create table areas (
    model text,
    class text,
    area double precision not null,
    primary key (model, class)
);
\copy areas from 'areas.csv' (format csv, header)

analyze;
