{{ config(materialized='incremental', unique_key='id') }}
-- A row's label and score; a later run adds those of new rows.
select id, reader.label(pixels) as label, reader.score(pixels) as score
from {{ source('bank', 'digits') }}
{% if is_incremental() %}
where id not in (select id from {{ this }})
{% endif %}
