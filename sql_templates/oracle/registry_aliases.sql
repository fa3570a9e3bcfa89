{# Synonyms of a model beside its own. Which version one belongs to is what it stands for.
   variables: none #}
create table export_model_aliases (
  model varchar2(128) not null,
  alias varchar2(30) not null,
  synonym_name varchar2(128) not null,
  primary key (model, alias)
)
