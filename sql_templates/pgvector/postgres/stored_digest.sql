{# A query of what is in the table in which the engine pgvector has a version's weights: (md5).
   variables: place, the table with its schema #}
select md5(string_agg(coalesce(w.vector::text, encode(w.bytes, 'hex')), ',' order by w.place)) from {{ place }} w
